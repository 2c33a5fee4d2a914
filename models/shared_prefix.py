"""Flip ratios of a product of conditionals, each from where its configuration first differs."""

import numpy as np
from keras import ops

from models import flips
from models.backend import by_xla, compiled, has_accelerator
from models.layers.readout import conditional_phase, log_probability
from models.signs import sublattice

ACCELERATOR_BYTES = 2**33  # that a block of configurations may take there
LONG_WALKS = 2**22  # hidden states of all walks together from which compiling pays


class SharedPrefixes:
    """Flip ratios by walks that start where flipped configurations first differ.

    What a network defines, besides what `models.Autoregressive` asks for,
    if it can walk on from the hidden states of a configuration that it has
    passed over: `prefix`, `walk`, `walk_start` and `rows_in_cache`. Without
    `walk`, flip ratios are brute force. Mixed into `models.Autoregressive`,
    whose methods it uses.
    """

    walks_by_xla = False  # whether blocks of walks run as XLA programs, where they are long

    def prefix(self, spins):
        """Everything that walks from a shared prefix need of the base spins.

        Returns:
            `(contexts, state)`: what `Autoregressive.contexts` returns, and
            what is passed on to `walk`.
        """
        raise NotImplementedError

    def walk(self, state, spins, samples, sites, start, visit, carry):
        """Walks a block of configurations from a shared start to the end.

        A step of the walk reads the conditionals of one or more sites: a
        site of a chain, a row of a lattice. All steps have as many.

        Args:
            state: as `prefix` returns it.
            spins: int32 `[steps, sites of a step, batch]`, in the network's
                order.
            samples: int `[batch]`, which base sample each one starts from.
            sites: int `[batch, k]`, when the sites are visited that are
                flipped in each one: their places in the network's order.
            start: int, the first step; the number of steps for no walk.
            visit: function of `(step, logits, angles, carry)` that returns
                a new carry; logits and angles as the read-out returns them,
                `[sites of a step, batch, ...]`.
            carry: the first carry.

        Returns:
            The last carry.
        """
        raise NotImplementedError

    def walk_start(self, site, shape):
        """The step of a walk that reads a site, which is numbered in the network's order."""
        raise NotImplementedError

    def walk_order(self, site, shape):
        """An int by which walks from a site are sorted into blocks; it grows with the step."""
        return self.walk_start(site, shape)

    def rows_in_cache(self, shape):
        """How many configurations walk together in a core's cache, as measured.

        Blocks run one to a core, and their gates then stay in its
        second-level cache.
        """
        raise NotImplementedError

    def compute_flip_log_ratio(self, spins, wanted, *, moves):
        if type(self).walk is SharedPrefixes.walk:
            return super().compute_flip_log_ratio(spins, wanted, moves=moves)
        return self._walked_flip_log_ratio(spins, wanted, moves=moves)

    @compiled
    def _walked_flip_log_ratio(self, spins, wanted, *, moves):
        return _flip_log_ratio(self, spins, wanted, moves)


def _flip_log_ratio(wf, spins, wanted, moves):
    """`WaveFunction.flip_log_ratio`, from the hidden states of the unflipped configurations.

    Args:
        wf: a `models.Autoregressive` that can walk.
        spins, wanted, moves: as of `WaveFunction.compute_flip_log_ratio`.

    Returns:
        `(d_log, d_phase)`, float `[batch, num_moves]` each.
    """
    batch, *shape = spins.shape
    flat = wf.in_order(ops.reshape(spins, (batch, -1)), shape)
    num_sites = flat.shape[1]
    order = wf.order(shape)
    raster_mask = flips.flip_mask(moves, num_sites)
    mask = raster_mask[:, order]
    visits = np.argsort(order)[np.array(moves, "int32")]  # when each flipped site is visited
    possible = ops.ones((batch, len(moves)), dtype="bool")
    if wf.total_sz is not None:
        change = ops.matmul(ops.cast(1 - 2 * flat, "float32"), mask.T.astype("float32"))
        ups = ops.sum(flat, axis=1)[:, None] + ops.cast(change, "int32")
        possible = ops.equal(ups, wf.num_up(num_sites))
    if wanted is not None:
        possible = ops.logical_and(possible, wanted)

    contexts, state = wf.prefix(spins)
    base_log_p, base_phase = wf.read_conditionals(spins, contexts)

    num_steps = 1 + wf.walk_start(num_sites - 1, shape)

    def by_step(x, samples):
        """`[batch, sites]` to `[steps, sites of a step, rows of a block]`."""
        x = ops.transpose(ops.take(x, samples, axis=0))
        return ops.reshape(x, (num_steps, num_sites // num_steps, -1))

    def flipped_spins(samples, block_moves):
        return flips.flip(
            ops.take(flat, samples, axis=0),
            ops.take(ops.convert_to_tensor(mask), block_moves, axis=0),
        )

    def walk_block(start, samples, block_moves):
        flipped = flipped_spins(samples, block_moves)
        rows = ops.arange(flipped.shape[0])
        forced = wf.forced_sites(flipped)
        forced = None if forced is None else by_step(forced, rows)
        flipped = by_step(flipped, rows)
        log_p_before = by_step(base_log_p, samples)
        phase_before = None if base_phase is None else by_step(base_phase, samples)

        def visit(step, logits, angles, carry):
            # The difference is summed, not each sum subtracted: sums of
            # hundreds of terms would round the small difference away.
            d_log, d_phase = carry
            here = None if forced is None else forced[step]
            log_p = log_probability(logits, flipped[step], here)
            d_log = d_log + ops.sum(log_p - log_p_before[step], axis=0)
            if angles is not None:
                phase = conditional_phase(angles, flipped[step])
                d_phase = d_phase + ops.sum(phase - phase_before[step], axis=0)
            return d_log, d_phase

        zero = ops.zeros(samples.shape, dtype=base_log_p.dtype)
        sites = ops.take(ops.convert_to_tensor(visits.astype("int32")), block_moves, axis=0)
        return wf.walk(state, flipped, samples, sites, start, visit, (zero, zero))

    def pass_over_block(start, samples, block_moves):
        """The same by one whole pass, whose few long steps suit an accelerator."""
        flipped = wf.in_raster(flipped_spins(samples, block_moves), shape)
        log_p, phases = wf.conditionals(ops.reshape(flipped, (-1, *shape)))
        d_log = ops.sum(log_p - ops.take(base_log_p, samples, axis=0), axis=1)
        if phases is None:
            return d_log, ops.zeros_like(d_log)
        return d_log, ops.sum(phases - ops.take(base_phase, samples, axis=0), axis=1)

    def wanted_pass_over_block(start, samples, block_moves):
        zero = ops.zeros(samples.shape, dtype=base_log_p.dtype)
        return ops.cond(
            start < num_steps,
            lambda: pass_over_block(start, samples, block_moves),
            lambda: (zero, zero),
        )

    first = [int(visit) for visit in visits.min(axis=1)]
    starts = [wf.walk_start(site, shape) for site in first]
    sorted_by = [wf.walk_order(site, shape) for site in first]
    if has_accelerator():
        rows, of_block = _rows_in_memory(wf, shape), wanted_pass_over_block
    else:
        rows, of_block = wf.rows_in_cache(shape), walk_block
        if wf.walks_by_xla and batch * len(moves) * num_sites * wf.units >= LONG_WALKS:
            of_block = by_xla(of_block)
    d_log, d_phase = flips.map_blocks(of_block, possible, starts, sorted_by, num_steps, rows)
    if wf.marshall_sign:
        even_flips = raster_mask @ sublattice(shape) % 2
        d_phase = d_phase + np.pi * ops.cast(even_flips, d_phase.dtype)
    return flips.discard(d_log / 2, d_phase, possible)


def _rows_in_memory(wf, shape):
    """How many configurations an accelerator passes over together."""
    width = np.dtype(wf.compute_dtype).itemsize * wf.state_width
    return ACCELERATOR_BYTES // int(3 * np.prod(shape) * width)
