"""The base class of recurrent and other autoregressive networks."""

import numpy as np
from keras import ops

from models.backend import compiled
from models.checks import whole_number
from models.layers.readout import ConditionalReadout, conditional_phase, log_probability
from models.magnetization import as_total_sz, forced_sites, num_up_spins
from models.shared_prefix import SharedPrefixes
from models.signs import marshall_phase
from models.wave_function import WaveFunction


class Autoregressive(SharedPrefixes, WaveFunction):
    """A product of conditional wave functions, site by site (equations 4 to 6).

        psi(s) = prod_t sqrt(p(s_t | s_<t)) exp(i phi(s_t | s_<t))

    The base class of networks that walk over a lattice: `GRUChain`,
    `LSTMLattice`, `GatedLattice`, and one of your own. It holds the
    read-out and all that follows from conditionals: normalised amplitudes,
    exact samples, flip ratios, a conserved S^z and the options below.

    A derived class must define

    - `num_axes`: 1 for chains, 2 for lattices of rows and columns;
    - `__init__`, which takes options of its own and passes `units` and
      `**kwargs` on, makes and builds its layers with
      `dtype=self.dtype_policy`, and ends with `self.built = True`;
    - `contexts`: for each site a hidden state that depends on the spins of
      earlier sites only, which is all that makes the wave function sound;
    - `get_config`, with the options that it added;

    and be registered with Keras, so that it can be saved. It may define

    - `order`, where sites are not visited in raster order;
    - `draw`, which by default passes over the whole lattice for each site;
    - `prefix`, `walk`, `walk_start` and `rows_in_cache`: then a flipped
      configuration is computed from its first flipped site on, where by
      default each is one whole pass (see `models.shared_prefix`);
    - `state_width`, by which estimates choose how many samples they take
      at once.

    `models.testing.check_wave_function` tests whether it is right.

    Args:
        units: width of all hidden states.
        phase: `"free"`, as in the paper, or `"none"` for a real, positive
            network.
        marshall_sign: multiply by the Marshall sign, exact for bipartite
            lattices without next-nearest neighbours.
        total_sz: conserve this total S^z (in units of one; 0 is half the
            spins up); None conserves nothing.
        layer_norm: normalise hidden states, if the network can.
        edge_distance: how far the far edges are seen; 0 is not at all.

    Raises:
        ValueError: a value that is none of these.

    Example:

    Each spin, given the last few before it:

    >>> import keras
    >>> @keras.saving.register_keras_serializable(package="mine")
    ... class LastSpins(Autoregressive):
    ...     num_axes = 1
    ...     def __init__(self, units=16, reach=4, **kwargs):
    ...         super().__init__(units=units, **kwargs)
    ...         self.reach = reach
    ...         self.window = keras.layers.Conv1D(
    ...             units, reach, padding="causal", activation="tanh", dtype=self.dtype_policy)
    ...         self.window.build((None, None, 2))
    ...         self.built = True
    ...     def contexts(self, spins):
    ...         one_hot = ops.one_hot(spins, 2, dtype=self.compute_dtype)
    ...         return self.window(ops.pad(one_hot[:, :-1], ((0, 0), (1, 0), (0, 0))))
    ...     def get_config(self):
    ...         return {**super().get_config(), "reach": self.reach}
    >>> wf = LastSpins(reach=3, total_sz=0)
    >>> spins = wf.sample(100, shape=(6,), seed=0)
    >>> d_log, d_phase = wf.flip_log_ratio(spins, [[0, 1], [1, 2]])
    >>> tuple(d_log.shape)
    (100, 2)
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

    def contexts(self, spins):
        """The hidden state that each conditional is read from.

        Args:
            spins: int32 `[batch, *shape]`.

        Returns:
            float `[batch, sites, units]`, in the network's order; a site's
            depends on the spins of earlier sites only.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define contexts.")

    def order(self, shape):
        """The order in which the network visits the sites of a lattice.

        Args:
            shape: the lattice's shape, a tuple of ints.

        Returns:
            int `[sites]`, a permutation: the raster number of the site that
            is visited first, second, and so on. By default raster order.
        """
        return np.arange(np.prod(shape))

    def in_order(self, x, shape, axis=1):
        """Sites along an axis, from raster order to the network's."""
        return _permuted(x, self.order(shape), axis)

    def in_raster(self, x, shape, axis=1):
        """Sites along an axis, from the network's order to raster order."""
        return _permuted(x, np.argsort(self.order(shape)), axis)

    def edge_context(self, shape):
        """The read-out's `edge_context` in the network's order: `[sites, units]`, or None."""
        edge = self.readout.edge_context(shape)
        return None if edge is None else self.in_order(edge, shape, axis=0)

    def conditionals(self, spins):
        """Log-probability and phase of each spin, given those before it.

        Args:
            spins: int32 `[batch, *shape]`.

        Returns:
            `(log_probability, phase)`, float `[batch, sites]`, in the
            network's order; the phase is None for a network without, and
            leaves out the Marshall sign.
        """
        return self.read_conditionals(spins, self.contexts(spins))

    def read_conditionals(self, spins, contexts):
        """The same from contexts that are known already."""
        shape = tuple(spins.shape[1:])
        flat = self.in_order(ops.reshape(spins, (-1, int(np.prod(shape)))), shape)
        logits, angles = self.readout(contexts, self.edge_context(shape))
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
        """Where a conserved S^z leaves no choice; None if it is not conserved.

        Args:
            spins: int32 `[batch, sites]`, in the network's order.
        """
        if self.total_sz is None:
            return None
        return forced_sites(spins, self.num_up(spins.shape[1]))

    @compiled
    def draw(self, uniforms, *, shape):
        """As of `WaveFunction.draw`: a pass over the whole lattice for each site.

        The sites that are not drawn yet are down; the network cannot see
        them.
        """
        batch, num_sites = uniforms.shape
        edge = self.edge_context(shape)
        uniforms = ops.cast(ops.transpose(uniforms), self.compute_dtype)
        num_up = 0 if self.total_sz is None else self.num_up(num_sites)

        def in_lattice(spins):
            spins = self.in_raster(ops.transpose(spins), shape)
            return ops.reshape(spins, (batch, *shape))

        def visit(site, carry):
            ups_left, spins = carry
            context = ops.take(self.contexts(in_lattice(spins)), site, axis=1)
            here = None if edge is None else edge[site]
            spin = self.choose(context, here, uniforms[site], num_sites - site, ups_left)
            spins = ops.scatter_update(spins, ops.reshape(site, (1, 1)), spin[None])
            return ups_left - spin, spins

        start = (
            ops.full((batch,), num_up, dtype="int32"),
            ops.zeros((num_sites, batch), dtype="int32"),
        )
        _, spins = ops.fori_loop(0, num_sites, visit, start)
        return in_lattice(spins)

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


def _permuted(x, order, axis):
    """Entries along an axis in another order; what is in order already is left as it is."""
    if np.array_equal(order, np.arange(len(order))):
        return x
    return ops.take(x, order, axis=axis)
