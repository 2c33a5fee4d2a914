"""Which configurations a flip ratio needs, in which order, in which blocks.

Flipping spins changes no conditional before the first flipped site, so a
flipped configuration can start there from the hidden states of the
unflipped one (prefix sharing). Shapes must be static, and loops over rows
that fit in a core's cache are several times faster than one loop over all:
so the wanted pairs (sample, move) are sorted by their first flipped site
and cut into blocks of equal size, and each block walks from the earliest
first site in it to the end. Unwanted pairs are sorted last, into blocks
that walk nowhere.
"""

import numpy as np
from keras import ops

from models.backend import has_accelerator

ACCELERATOR_BLOCKS = 4


def as_moves(sites, num_sites):
    """Checks static flip sites and makes them hashable.

    Args:
        sites: ints `[num_moves, k]`.
        num_sites: sites of the lattice, in raster order.

    Returns:
        A tuple of tuples of ints.

    Raises:
        ValueError: a wrong rank, a site outside the lattice, or one that
            is named twice in a move.
    """
    sites = np.asarray(sites)
    integers = np.issubdtype(sites.dtype, np.integer)
    if sites.ndim != 2 or not integers or sites.shape[1] == 0:
        raise ValueError(
            "sites must be integers of shape [num_moves, k], with k of 1 or more, "
            f"not {sites.dtype} of shape {sites.shape}."
        )
    if sites.size and not (sites.min() >= 0 and sites.max() < num_sites):
        raise ValueError(f"sites must lie in 0 ... {num_sites - 1}: {sites.tolist()}.")
    moves = tuple(tuple(int(s) for s in move) for move in sites)
    for move in moves:
        if len(set(move)) < len(move):
            raise ValueError(f"A move flips each site once: {move}.")
    return moves


def flip_mask(moves, num_sites):
    """Which sites each move flips: int32 `[num_moves, num_sites]` of 0 and 1."""
    mask = np.zeros((len(moves), num_sites), "int32")
    for row, move in zip(mask, moves):
        row[list(move)] = 1
    return mask


def flip(spins, mask):
    """Configurations with the masked spins flipped, of the broadcast shape."""
    return spins + ops.multiply(mask, 1 - 2 * spins)


def map_blocks(walk, wanted, starts, order, end, most_rows):
    """Applies `walk` to the wanted pairs of sample and move, in sorted blocks.

    Args:
        walk: function of `(start, samples, moves)`, an int and two int
            vectors `[rows]`, that returns a tuple of float vectors `[rows]`.
        wanted: bool `[num_samples, num_moves]`.
        starts: static ints `[num_moves]`: where a move's walk starts.
        order: static ints `[num_moves]` by which walks are sorted; they
            grow with the start.
        end: where all walks end; a walk from there must be free.
        most_rows: rows of a block.

    Returns:
        What `walk` returns, each as float `[num_samples, num_moves]`; the
        values of unwanted pairs mean nothing.
    """
    num_samples, num_moves = wanted.shape
    num_pairs = num_samples * num_moves
    rows = block_rows(num_pairs, most_rows)
    num_blocks = -(-num_pairs // rows)
    padding = num_blocks * rows - num_pairs

    last = 1 + max(order)
    key = ops.where(wanted, ops.convert_to_tensor(order, dtype="int32"), last)
    key = ops.reshape(key, (num_pairs,))
    order = ops.cast(ops.argsort(key), "int32")
    key = ops.where(wanted, ops.convert_to_tensor(starts, dtype="int32"), end)
    key = ops.take(ops.reshape(key, (num_pairs,)), order)
    key = ops.pad(key, (0, padding), constant_values=end)
    pairs = ops.reshape(ops.pad(order, (0, padding)), (num_blocks, rows))
    results = ops.map(
        lambda block: walk(*block),
        (
            ops.reshape(key, (num_blocks, rows))[:, 0],
            pairs // num_moves,
            pairs % num_moves,
        ),
    )
    rank = ops.argsort(order)
    return tuple(
        ops.reshape(ops.take(ops.reshape(r, (-1,)), rank), (num_samples, num_moves))
        for r in results
    )


def block_rows(num_pairs, most):
    """Rows of a block: as many as are asked for, or a few large blocks on an accelerator."""
    if has_accelerator():
        most = min(most, -(-num_pairs // ACCELERATOR_BLOCKS))
    return max(1, min(num_pairs, max(most, 16)))


def discard(d_log, d_phase, wanted):
    """Ratios with the unwanted ones set to zero (d_log = -inf)."""
    if wanted is None:
        return d_log, d_phase
    return ops.where(wanted, d_log, -np.inf), ops.where(wanted, d_phase, 0.0)
