"""Sampling without a cache: the whole network again for every site."""

import keras
from keras import ops

from models.backend import compiled


class NaiveSampler(keras.layers.Layer):
    """Draws what `wf.draw` draws, from the same uniform random numbers.

    Each site is read from a pass over the whole lattice, in which the sites
    that are not drawn yet are down; the network cannot see them.

    Args:
        wf: a `models.GRUChain` or `models.LSTMLattice`.
    """

    def __init__(self, wf):
        super().__init__()
        self.wf = wf
        self.built = True

    @compiled
    def draw(self, uniforms, *, shape):
        """Configurations from uniform random numbers; see `WaveFunction.draw`."""
        wf, (batch, num_sites) = self.wf, uniforms.shape
        edge = wf.readout.edge_context(shape)
        uniforms = ops.cast(ops.transpose(uniforms), wf.compute_dtype)
        num_up = 0 if wf.total_sz is None else wf.num_up(num_sites)

        def visit(site, carry):
            ups_left, spins = carry
            contexts = wf.contexts(ops.reshape(ops.transpose(spins), (batch, *shape)))
            here = None if edge is None else edge[site]
            spin = wf.choose(contexts[:, site], here, uniforms[site], num_sites - site, ups_left)
            spins = ops.scatter_update(spins, ops.reshape(site, (1, 1)), spin[None])
            return ups_left - spin, spins

        start = (
            ops.full((batch,), num_up, dtype="int32"),
            ops.zeros((num_sites, batch), dtype="int32"),
        )
        _, spins = ops.fori_loop(0, num_sites, visit, start)
        return ops.reshape(ops.transpose(spins), (batch, *shape))
