"""Spins as numbers, and ratios of amplitudes times matrix elements."""

import keras
import numpy as np
from keras import ops

from models.backend import cos, sin


def on_lattice(lattice, wf, spins):
    """The spins as an int32 tensor; ValueError if they are not on the lattice."""
    spins = wf.check_spins(spins)
    if tuple(spins.shape[1:]) != lattice.shape:
        raise ValueError(
            f"spins of the shape {tuple(spins.shape)} are not on {lattice}, "
            f"which has the shape [batch, {', '.join(map(str, lattice.shape))}]."
        )
    return spins


def sigma_z(spins, dtype):
    """Spins as +-1 in raster order: float `[batch, sites]`."""
    flat = ops.reshape(spins, (spins.shape[0], int(np.prod(spins.shape[1:]))))
    return 2 * ops.cast(flat, dtype) - 1


def pair_products(z, pairs):
    """sigma^z_i sigma^z_j of pairs of sites.

    Args:
        z: float `[batch, sites]`.
        pairs: static ints `[num_pairs, 2]`.

    Returns:
        float `[batch, num_pairs]`.
    """
    return ops.take(z, pairs[:, 0], axis=1) * ops.take(z, pairs[:, 1], axis=1)


def moved(wf, spins, moves, elements):
    """Matrix elements of moves, times psi after the move over psi.

    Args:
        wf: a wave function.
        spins: int32 `[batch, *shape]`.
        moves: static ints `[num_moves, k]`; -1 is no site.
        elements: float or complex `[batch, num_moves]`; zero takes no time.

    Returns:
        Real and imaginary part, float `[batch, num_moves]` each.
    """
    d_log, d_phase = _log_ratios(wf, spins, moves, ops.not_equal(elements, 0))
    if "complex" not in keras.backend.standardize_dtype(elements.dtype):
        size = elements * ops.exp(d_log)
        return size * cos(d_phase), size * sin(d_phase)
    size, real, imaginary = ops.exp(d_log), ops.real(elements), ops.imag(elements)
    cosine, sine = size * cos(d_phase), size * sin(d_phase)
    return real * cosine - imaginary * sine, real * sine + imaginary * cosine


def _log_ratios(wf, spins, moves, wanted):
    """`flip_log_ratio` of moves that flip different numbers of sites."""
    lengths = (np.asarray(moves) >= 0).sum(axis=1)
    of_length = [np.flatnonzero(lengths == length) for length in np.unique(lengths)]
    if len(of_length) < 2:
        return wf.flip_log_ratio(spins, moves, wanted=wanted)
    parts = [
        wf.flip_log_ratio(
            spins, moves[some, : lengths[some[0]]], wanted=ops.take(wanted, some, axis=1)
        )
        for some in of_length
    ]
    back = np.argsort(np.concatenate(of_length))
    return tuple(ops.take(ops.concatenate(part, axis=1), back, axis=1) for part in zip(*parts))
