"""What the chain and the lattice share: conditionals, options, shared prefixes."""

import numpy as np
from keras import ops

from models import flips
from models.backend import by_xla, has_accelerator
from models.checks import whole_number
from models.layers.readout import ConditionalReadout, conditional_phase, log_probability
from models.magnetization import as_total_sz, forced_sites, num_up_spins
from models.signs import marshall_phase, sublattice
from models.wave_function import WaveFunction

ACCELERATOR_BYTES = 2**33  # that a block of configurations may take there
LONG_WALKS = 2**22  # hidden states of all walks together from which compiling pays


class Autoregressive(WaveFunction):
    """A product of conditional wave functions in raster order (equations 4 to 6).

    Derived classes say from which context each conditional is read
    (`contexts`), how to sample (`draw`) and how to walk on from a shared
    prefix (`prefix` and `walk`).

    Args:
        units: width of all hidden states.
        phase: `"free"`, as in the paper, or `"none"` for a real, positive
            network.
        marshall_sign: multiply by the Marshall sign, exact for bipartite
            lattices without next-nearest neighbours.
        total_sz: conserve this total S^z (in units of one; 0 is half the
            spins up); None conserves nothing.
        layer_norm: normalise hidden states.
        edge_distance: how far the far edges are seen; 0 is not at all.
    """

    def __init__(
        self,
        units=128,
        phase="free",
        marshall_sign=False,
        total_sz=None,
        layer_norm=False,
        edge_distance=0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if phase not in ("free", "none"):
            raise ValueError(f'phase must be "free" or "none", not {phase!r}.')
        self.units = whole_number("units", units, 1)
        self.phase = phase
        self.marshall_sign = bool(marshall_sign)
        self.total_sz = as_total_sz(total_sz)
        self.layer_norm = bool(layer_norm)
        self.edge_distance = whole_number("edge_distance", edge_distance, 0)
        self.readout = ConditionalReadout(
            self.units,
            phase=phase,
            edge_distance=self.edge_distance,
            num_axes=self.num_axes,
            dtype=self.dtype_policy,
            name="readout",
        )
        self.readout.build((None, self.units))

    walks_by_xla = False  # whether blocks of walks run as XLA programs, where they are long

    def contexts(self, spins):
        """The hidden state that each conditional is read from.

        Args:
            spins: int32 `[batch, *shape]`.

        Returns:
            float `[batch, sites, units]`; a site's depends on earlier spins
            only.
        """
        raise NotImplementedError

    def conditionals(self, spins):
        """Log-probability and phase of each spin, given those before it.

        Args:
            spins: int32 `[batch, *shape]`.

        Returns:
            `(log_probability, phase)`, float `[batch, sites]`; the phase is
            None for a network without, and leaves out the Marshall sign.
        """
        return self.read_conditionals(spins, self.contexts(spins))

    def read_conditionals(self, spins, contexts):
        """The same from contexts that are known already."""
        shape = tuple(spins.shape[1:])
        flat = ops.reshape(spins, (-1, int(np.prod(shape))))
        logits, angles = self.readout(contexts, self.readout.edge_context(shape))
        forced = self.forced_sites(flat)
        phase = None if angles is None else conditional_phase(angles, flat)
        return log_probability(logits, flat, forced), phase

    def call(self, spins, training=False):
        log_p, phases = self.conditionals(spins)
        log_amplitude = ops.sum(log_p, axis=1) / 2
        phase = ops.zeros_like(log_amplitude) if phases is None else ops.sum(phases, axis=1)
        if self.total_sz is not None:
            log_amplitude = ops.where(self.in_sector(spins), log_amplitude, -np.inf)
        if self.marshall_sign:
            phase = phase + marshall_phase(spins, phase.dtype)
        return log_amplitude, phase

    def num_up(self, num_sites):
        """Up spins of the conserved sector."""
        return num_up_spins(num_sites, self.total_sz)

    def in_sector(self, spins):
        """Whether configurations have the conserved S^z: bool `[batch]`."""
        axes = tuple(range(1, len(spins.shape)))
        return ops.sum(spins, axis=axes) == self.num_up(int(np.prod(spins.shape[1:])))

    def forced_sites(self, spins):
        """Where a conserved S^z leaves no choice; None if it is not conserved."""
        if self.total_sz is None:
            return None
        return forced_sites(spins, self.num_up(spins.shape[1]))

    def prefix(self, spins):
        """Everything that walks from a shared prefix need of the base spins.

        Returns:
            `(contexts, state)`: `contexts` as above; `state` is passed on to
            `walk`.
        """
        raise NotImplementedError

    def walk(self, state, spins, samples, sites, start, visit, carry):
        """Walks a block of configurations from a shared start to the end.

        A step of the walk reads the conditionals of one or more sites: a
        site of a chain, a row of a lattice.

        Args:
            state: as `prefix` returns it.
            spins: int32 `[steps, sites of a step, batch]`.
            samples: int `[batch]`, which base sample each one starts from.
            sites: int `[batch, k]`, the sites that are flipped in each one.
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
        """The step of a walk that reads a site."""
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

    def rows_in_memory(self, shape):
        """How many configurations an accelerator passes over together."""
        width = np.dtype(self.compute_dtype).itemsize * self.state_width
        return ACCELERATOR_BYTES // int(3 * np.prod(shape) * width)

    def choose(self, context, edge, uniform, sites_left, ups_left):
        """Draws one spin of each sample from its conditional.

        Args:
            context: float `[batch, units]`.
            edge: the site's row of `edge_context`, or None.
            uniform: uniform random numbers, float `[batch]`, of which those
                near 0 may be as fine as they like (see `models.uniforms`).
            sites_left: int, this site and those after it.
            ups_left: int `[batch]`, up spins still to come; means nothing
                where S^z is not conserved.

        Returns:
            int32 `[batch]`.
        """
        logits, _ = self.readout(context, edge)
        gap = logits[:, 1] - logits[:, 0]
        # The rarer spin comes below its probability. The probability of the
        # other one would round to 1, and so would the uniforms beside it.
        rare = uniform < ops.sigmoid(-ops.abs(gap))
        up = ops.not_equal(rare, gap > 0)
        if self.total_sz is not None:
            up = ops.logical_and(up, ups_left > 0)
            up = ops.logical_or(up, sites_left <= ups_left)
        return ops.cast(up, "int32")

    def shared_prefix_flip_log_ratio(self, spins, wanted, moves):
        """`flip_log_ratio` that starts each walk where the prefix ends."""
        batch, *shape = spins.shape
        flat = ops.reshape(spins, (batch, -1))
        num_sites = flat.shape[1]
        mask = flips.flip_mask(moves, num_sites)
        possible = ops.ones((batch, len(moves)), dtype="bool")
        if self.total_sz is not None:
            change = ops.matmul(ops.cast(1 - 2 * flat, "float32"), mask.T.astype("float32"))
            ups = ops.sum(flat, axis=1)[:, None] + ops.cast(change, "int32")
            possible = ops.equal(ups, self.num_up(num_sites))
        if wanted is not None:
            possible = ops.logical_and(possible, wanted)

        contexts, state = self.prefix(spins)
        base_log_p, base_phase = self.read_conditionals(spins, contexts)

        num_steps = 1 + self.walk_start(num_sites - 1, shape)

        def by_step(x, samples):
            """`[batch, sites]` to `[steps, sites of a step, rows of a block]`."""
            x = ops.transpose(ops.take(x, samples, axis=0))
            return ops.reshape(x, (num_steps, num_sites // num_steps, -1))

        def walk_block(start, samples, block_moves):
            flipped = flips.flip(
                ops.take(flat, samples, axis=0),
                ops.take(ops.convert_to_tensor(mask), block_moves, axis=0),
            )
            rows = ops.arange(flipped.shape[0])
            forced = self.forced_sites(flipped)
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
            sites = ops.take(ops.convert_to_tensor(np.array(moves, "int32")), block_moves, axis=0)
            return self.walk(state, flipped, samples, sites, start, visit, (zero, zero))

        def pass_over_block(start, samples, block_moves):
            """The same by one whole pass, whose few long steps suit an accelerator."""
            flipped = flips.flip(
                ops.take(flat, samples, axis=0),
                ops.take(ops.convert_to_tensor(mask), block_moves, axis=0),
            )
            log_p, phases = self.conditionals(ops.reshape(flipped, (-1, *shape)))
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

        first = [min(move) for move in moves]
        starts = [self.walk_start(site, shape) for site in first]
        order = [self.walk_order(site, shape) for site in first]
        if has_accelerator():
            rows, of_block = self.rows_in_memory(shape), wanted_pass_over_block
        else:
            rows, of_block = self.rows_in_cache(shape), walk_block
            if self.walks_by_xla and batch * len(moves) * num_sites * self.units >= LONG_WALKS:
                of_block = by_xla(of_block)
        d_log, d_phase = flips.map_blocks(of_block, possible, starts, order, num_steps, rows)
        if self.marshall_sign:
            even_flips = mask @ sublattice(shape) % 2
            d_phase = d_phase + np.pi * ops.cast(even_flips, d_phase.dtype)
        return flips.discard(d_log / 2, d_phase, possible)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "phase": self.phase,
            "marshall_sign": self.marshall_sign,
            "total_sz": self.total_sz,
            "layer_norm": self.layer_norm,
            "edge_distance": self.edge_distance,
        }
