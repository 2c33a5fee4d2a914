"""The energy of a wave function, with its error."""

import dataclasses
import sys

import keras
import numpy as np
from keras import ops

from models.checks import random_seed, whole_number
from vmc.measurement.statistics import Moments

MEMORY_BUDGET = 2**29  # bytes that a chunk of samples may take


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A Monte Carlo estimate from independent samples, of a total energy (equation 1) or another.

    As text it has "+-" and "variance" where standard output cannot encode "±" and "σ²".

    Attributes:
        mean: real part of the mean local energy, or the observable's mean.
        std_error: its standard error, of the real parts alone; not a
            number for one sample (see `vmc.measurement.statistics`).
        variance: <|E_loc|^2> - |<E_loc>|^2, estimated with n - 1, zero for
            an eigenstate; not a number for one sample.
        imaginary_mean: imaginary part of the mean; zero but for noise.
        num_sites: sites of the lattice.
        num_samples: samples it is made of.

    Example:

    >>> estimate = Estimate(-35.264123, 0.00123, 0.0151, 0.0, num_sites=80, num_samples=10_000)
    >>> print(estimate)
    -35.2641 ± 0.0012 [σ²=1.5e-02]
    >>> print(estimate.per_site)
    -0.440802 ± 0.000015 [σ²=2.4e-06]
    """

    mean: float
    std_error: float
    variance: float
    imaginary_mean: float
    num_sites: int
    num_samples: int

    @property
    def v_score(self):
        """Of the mean and the variance; see `v_score`."""
        return v_score(self.mean, self.variance, self.num_sites)

    @property
    def per_site(self):
        """The same estimate of the energy per site."""
        n = self.num_sites
        return dataclasses.replace(
            self,
            mean=self.mean / n,
            std_error=self.std_error / n,
            variance=self.variance / n**2,
            imaginary_mean=self.imaginary_mean / n,
        )

    def relative_error(self, reference):
        """How far the mean lies above a reference energy, relative to it."""
        return (self.mean - reference) / abs(reference)

    def __str__(self):
        return printable(f"{plus_minus(self.mean, self.std_error)} [σ²={self.variance:.1e}]")


def printable(text):
    """The text, with "+-" and "variance" where standard output cannot encode "±" and "σ²"."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (LookupError, UnicodeEncodeError):
        # So that a print of it ends no run where the terminal has no such characters.
        text = text.replace("±", "+-").replace("σ²", "variance")
    return text


def plus_minus(value, error):
    """A value with its error, of which two digits count; without, if it has none.

    Example:

    >>> plus_minus(-35.26241, 0.00107), plus_minus(-35.26517, 0)
    ('-35.2624 ± 0.0011', '-35.265170')
    """
    if not np.isfinite(error) or error <= 0:
        return f"{value:.6f}"
    digits = max(0, 1 - int(np.floor(np.log10(error))))
    return f"{value:.{digits}f} ± {error:.{digits}f}"


def v_score(mean, variance, num_sites):
    """num_sites * variance / mean^2, a measure of accuracy without a reference.

    Infinite, or not a number, where the mean is zero.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(num_sites * variance / np.square(mean))


def estimate_from_moments(moments, num_sites):
    """The estimate of an energy that independent samples' local energies make.

    Args:
        moments: `vmc.measurement.statistics.Moments` of one value with two parts, the
            local energies' real and imaginary part.
        num_sites: sites of the lattice.
    """
    covariance = moments.covariance()[0]
    return Estimate(
        mean=float(moments.mean[0, 0]),
        std_error=float(np.sqrt(covariance[0, 0] / moments.count)),
        variance=float(np.trace(covariance)),
        imaginary_mean=float(moments.mean[0, 1]),
        num_sites=num_sites,
        num_samples=moments.count,
    )


def estimate_energy(wf, hamiltonian, num_samples, seed=0, on_chunk=None):
    """Energy of a wave function from exact samples (equations 1 and 3), in chunks.

    Args:
        wf: a wave function.
        hamiltonian: such as `vmc.Heisenberg`.
        num_samples: how many samples; 1e5 is a whole number too.
        seed: an int or a `keras.random.SeedGenerator`.
        on_chunk: called with the estimate so far after each chunk.

    Returns:
        An `Estimate` of the total energy.

    Raises:
        ValueError: no whole number of samples above 0; an unsound seed.
        FloatingPointError: a weight or a local energy is not finite.

    Example:

    >>> import models, vmc
    >>> wf = models.GRUChain(units=4, total_sz=0)
    >>> estimate = vmc.estimate_energy(wf, vmc.Heisenberg(vmc.Chain(6)), 200, seed=1)
    >>> estimate.num_samples
    200
    """
    num_sites = hamiltonian.lattice.num_sites
    moments = Moments()
    for spins, count in sample_chunks(wf, hamiltonian, num_samples, seed):
        parts = hamiltonian.local_energy_parts(wf, spins)
        energies = np.stack([ops.convert_to_numpy(part)[:count] for part in parts], axis=1)
        if not np.isfinite(energies).all():
            raise FloatingPointError("A local energy is not finite.")
        moments.add(energies[:, None])
        if on_chunk:
            on_chunk(estimate_from_moments(moments, num_sites))
    return estimate_from_moments(moments, num_sites)


def sample_chunks(wf, operator, num_samples, seed):
    """Draws the samples of an estimate, as many at a time as memory allows.

    Args:
        wf: a wave function.
        operator: a Hamiltonian or an observable, see `chunk_size`.
        num_samples: how many samples.
        seed: an int or a `keras.random.SeedGenerator`.

    Yields:
        `(spins, count)`: int32 `[chunk, *shape]`, of which the first
        `count` were asked for. Chunks are whole, so that one graph serves
        them all.

    Raises:
        ValueError: no whole number of samples above 0; an unsound seed.
        FloatingPointError: a weight is not finite.
    """
    num_samples = whole_number("num_samples", num_samples, 1)
    seed = random_seed(seed)
    if not all(np.isfinite(weight).all() for weight in wf.get_weights()):
        # They would sample one configuration, whose energy looks sound.
        raise FloatingPointError("The wave function has weights that are not finite.")
    if isinstance(seed, int):
        seed = keras.random.SeedGenerator(seed)
    chunk = chunk_size(wf, operator, num_samples)
    for done in range(0, num_samples, chunk):
        spins = wf.sample(chunk, operator.lattice.shape, seed=seed)
        yield spins, min(chunk, num_samples - done)


def sample_bytes(wf, operator):
    """Memory that the local value of one of many samples takes.

    What a pass holds of a sample is there a few times over (two to three
    times, as measured, on top of a few hundred megabytes for the backend
    and the blocks of flipped configurations), and each of the operator's
    terms is a handful of numbers.

    Args:
        wf: a wave function.
        operator: a Hamiltonian or an observable, with its `lattice` and
            `num_terms`.
    """
    states = operator.lattice.num_sites * wf.state_width
    numbers = 4 * states + 16 * operator.num_terms
    return np.dtype(wf.compute_dtype).itemsize * numbers


def chunk_size(wf, operator, num_samples):
    """Samples of a chunk that stays within the memory budget.

    Args:
        wf: a wave function.
        operator: a Hamiltonian or an observable, with its `lattice` and
            `num_terms`.
        num_samples: samples of the estimate.
    """
    most = max(1, MEMORY_BUDGET // sample_bytes(wf, operator))
    num_chunks = -(-num_samples // min(most, 1000))  # 1000, for signs of progress
    return -(-num_samples // num_chunks)
