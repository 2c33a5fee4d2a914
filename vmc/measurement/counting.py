"""How often each magnetisation of a region occurs."""

import numpy as np
from keras import ops

from vmc.measurement.observables import Observable
from vmc.measurement.region import as_region
from vmc.physics.spins import on_lattice


class FullCounting(Observable):
    """The probability of each S^z of a region: its full counting statistics.

    The values are P(M), M being the sum of S^z over the region's sites, in
    units of one. Samples alone tell them, without ratios of amplitudes. A
    value of which no sample came is zero with the error zero; all that is
    known of its probability is that it is below about 3 / num_samples.

    Args:
        lattice: a `vmc.Lattice`.
        region: ints, the region's sites in raster order, one or more.

    Attributes:
        region: the sites, sorted.
        magnetizations: float `[sites of the region + 1]`, the values of M,
            from all spins down to all spins up.

    Raises:
        ValueError: no site, one that is not on the lattice, or one that is
            named twice.

    Example:

    >>> import models, vmc
    >>> counting = vmc.FullCounting(vmc.Chain(12), range(6))
    >>> counting.magnetizations.tolist()
    [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
    >>> estimates = vmc.estimate_observable(models.load("gru-chain-80"), counting, 500, seed=0)
    >>> float(estimates.mean.sum()), float(counting.magnetizations[np.argmax(estimates.mean)])
    (1.0, 0.0)
    """

    def __init__(self, lattice, region):
        super().__init__(lattice, axes="z")
        self.region = as_region(region, lattice.num_sites)
        if not len(self.region):
            raise ValueError("region names no site: its magnetisation is always zero.")
        self.magnetizations = np.arange(len(self.region) + 1) - len(self.region) / 2

    @property
    def num_terms(self):
        return len(self.magnetizations)

    def local_values(self, wf, spins):
        spins = on_lattice(self.lattice, wf, spins)
        flat = ops.reshape(spins, (-1, self.lattice.num_sites))
        ups = ops.sum(ops.take(flat, self.region, axis=1), axis=1)
        return ops.one_hot(ups, self.num_terms, dtype=wf.compute_dtype)[..., None]
