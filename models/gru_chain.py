"""The one-dimensional wave function: a GRU that walks along a chain."""

import keras
from keras import ops

from models.autoregressive import Autoregressive
from models.backend import compiled
from models.layers.gru import MinimalGRUCell


@keras.saving.register_keras_serializable(package="iterative_retraining")
class GRUChain(Autoregressive):
    """A minimal GRU over a chain, each spin read out from the state before it.

    The one-dimensional model of the paper (section II C, figure 1): one
    GRU layer (equations 19 to 21) and a two-layer read-out (equation 8).
    The same weights serve chains of any length.

    Args:
        units: width of the hidden state and of the read-out.
        phase: `"free"`, as in the paper, or `"none"`.
        marshall_sign: multiply by the Marshall sign.
        total_sz: conserve this total S^z, in units of one; None does not.
        layer_norm: normalise the hidden state after each site.
        edge_distance: how far from the last site its presence is seen.

    Raises:
        ValueError: a value that is none of these.

    Example:

    >>> wf = GRUChain(units=8)
    >>> spins = wf.sample(5, shape=(12,), seed=0)
    >>> tuple(spins.shape)
    (5, 12)
    >>> log_amplitude, phase = wf(spins)
    >>> tuple(log_amplitude.shape)
    (5,)
    >>> d_log, d_phase = wf.flip_log_ratio(spins, [[0, 1], [1, 2]])
    >>> tuple(d_log.shape)
    (5, 2)
    """

    num_axes = 1

    def __init__(self, units=128, **kwargs):
        super().__init__(units=units, **kwargs)
        self.cell = MinimalGRUCell(
            self.units, layer_norm=self.layer_norm, dtype=self.dtype_policy, name="cell"
        )
        self.rnn = keras.layers.RNN(
            self.cell, return_sequences=True, dtype=self.dtype_policy, name="rnn"
        )
        self.rnn.build((None, None, 2))
        self.built = True

    @property
    def state_width(self):
        """The hidden state and the read-out's hidden layer."""
        return 2 * self.units

    def contexts(self, spins):
        one_hot = ops.one_hot(spins, 2, dtype=self.compute_dtype)
        hidden = self.rnn(one_hot[:, :-1]) if spins.shape[1] > 1 else one_hot[:, :0, :1]
        return ops.pad(hidden, ((0, 0), (1, 0), (0, self.units - hidden.shape[-1])))

    @compiled
    def draw(self, uniforms, *, shape):
        (num_sites,) = shape
        batch = uniforms.shape[0]
        edge = self.readout.edge_context(shape)
        num_up = None if self.total_sz is None else self.num_up(num_sites)

        uniforms = ops.cast(ops.transpose(uniforms), self.compute_dtype)

        def visit(site, carry):
            hidden, ups_left, spins = carry
            here = None if edge is None else edge[site]
            spin = self.choose(hidden, here, uniforms[site], num_sites - site, ups_left)
            one_hot = ops.one_hot(spin, 2, dtype=self.compute_dtype)
            _, (hidden,) = self.cell(one_hot, [hidden])
            spins = ops.scatter_update(spins, ops.reshape(site, (1, 1)), spin[None])
            return hidden, ups_left - spin, spins

        start = (
            ops.zeros((batch, self.units), dtype=self.compute_dtype),
            ops.full((batch,), num_up or 0, dtype="int32"),
            ops.zeros((num_sites, batch), dtype="int32"),
        )
        _, _, spins = ops.fori_loop(0, num_sites, visit, start)
        return ops.transpose(spins)

    def walk_start(self, site, shape):
        return site

    def rows_in_cache(self, shape):
        return 2**15 // self.units

    def prefix(self, spins):
        contexts = self.contexts(spins)
        return contexts, ops.transpose(contexts, (1, 0, 2))

    def walk(self, state, spins, samples, sites, start, visit, carry):
        num_sites = spins.shape[0]
        edge = self.readout.edge_context((num_sites,))
        one_hot = ops.one_hot(spins[:, 0], 2, dtype=self.compute_dtype)
        at_start = ops.take(state, ops.minimum(start, num_sites - 1), axis=0)
        hidden = ops.take(at_start, samples, axis=0)

        def step(site, hidden, carry):
            here = None if edge is None else edge[site]
            logits, angles = self.readout(hidden[None], here)
            carry = visit(site, logits, angles, carry)
            _, (hidden,) = self.cell(one_hot[site], [hidden])
            return site + 1, hidden, carry

        *_, carry = ops.while_loop(lambda site, *_: site < num_sites, step, (start, hidden, carry))
        return carry
