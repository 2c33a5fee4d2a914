"""Expectation values of observables, with their errors."""

import collections.abc
import dataclasses

import numpy as np
from keras import ops

from vmc.measurement.estimate import Estimate, sample_chunks
from vmc.measurement.statistics import Moments


@dataclasses.dataclass(frozen=True, eq=False)
class Estimates(collections.abc.Sequence):
    """The estimates of an observable's values, a sequence of `vmc.Estimate`.

    Attributes:
        mean: float `[num_values]`.
        variance: of a sample's contribution to each, float `[num_values]`;
            not a number for one sample.
        num_sites: sites of the lattice.
        num_samples: samples they are made of; the same ones for all values,
            whose errors are therefore not independent.

    Example:

    >>> estimates = Estimates(np.array([0.5, 0.25]), np.array([0.04, 0.01]), 4, 100)
    >>> estimates.std_error
    array([0.02, 0.01])
    >>> print(estimates[0])
    0.500 ± 0.020 [σ²=4.0e-02]
    """

    mean: np.ndarray
    variance: np.ndarray
    num_sites: int
    num_samples: int

    @property
    def std_error(self):
        """Standard errors of the means: float `[num_values]`."""
        return np.sqrt(self.variance / self.num_samples)

    def __len__(self):
        return len(self.mean)

    def __getitem__(self, number):
        return Estimate(
            mean=float(self.mean[number]),
            std_error=float(self.std_error[number]),
            variance=float(self.variance[number]),
            imaginary_mean=0.0,
            num_sites=self.num_sites,
            num_samples=self.num_samples,
        )


def estimate_observable(wf, observable, num_samples, seed=0, on_chunk=None):
    """Expectation values of an observable from exact samples, in chunks.

    Args:
        wf: a wave function.
        observable: a `vmc.Observable`, such as `vmc.SpinCorrelation`.
        num_samples: how many samples.
        seed: an int or a `keras.random.SeedGenerator`.
        on_chunk: called with the estimates so far after each chunk.

    Returns:
        `Estimates`. Errors are standard errors; those of values that are
        functions of several means follow from the functions' derivatives.

    Raises:
        ValueError: no whole number of samples above 0; an unsound seed; a
            wave function of other lattices.
        FloatingPointError: a weight or a local value is not finite.

    Example:

    >>> import models, vmc
    >>> wf = models.GRUChain(units=4, total_sz=0)
    >>> correlation = vmc.SpinCorrelation(vmc.Chain(6), [(2, 3), (2, 4)])
    >>> len(vmc.estimate_observable(wf, correlation, 200, seed=1))
    2
    """
    moments = Moments()
    for spins, count in sample_chunks(wf, observable, num_samples, seed):
        moments.add(ops.convert_to_numpy(observable.local_values(wf, spins))[:count])
        if not np.isfinite(moments.mean).all():
            raise FloatingPointError("A local value is not finite.")
        if on_chunk:
            on_chunk(_estimates(observable, moments))
    return _estimates(observable, moments)


def _estimates(observable, moments):
    mean, gradients = observable.combine(moments.mean)
    variance = np.einsum("vi,vij,vj->v", gradients, moments.covariance(), gradients)
    variance = np.maximum(variance, 0)  # it can be rounded to below zero for a constant
    return Estimates(mean, variance, observable.lattice.num_sites, moments.count)
