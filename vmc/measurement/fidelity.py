"""The overlap of two wave functions, and its square."""

import dataclasses

import keras
import numpy as np

from models.backend import compiled
from models.checks import random_seed, whole_number
from vmc.measurement.estimate import plus_minus, printable, sample_chunks
from vmc.measurement.statistics import Moments
from vmc.physics.lattice import Lattice


@dataclasses.dataclass(frozen=True)
class Fidelity:
    """|<a|b>|^2 of two wave functions, and what it is made of.

    Attributes:
        mean: the fidelity.
        std_error: its standard error, by the delta method.
        overlap: <a|b>, complex, the mean of both sets' estimates.
        overlap_std_error: the standard error of its absolute value.
        outside: of the samples of a, the part on which b is zero, and the
            other way round. Where they are not zero, the two have different
            supports, such as sectors of S^z.
        num_samples: samples of each wave function.

    Example:

    >>> print(Fidelity(0.98123, 0.00151, 0.9906 + 0j, 0.00076, (0.0, 0.25), 1000))
    0.9812 ± 0.0015 (a is zero on 25% of the samples of b)
    """

    mean: float
    std_error: float
    overlap: complex
    overlap_std_error: float
    outside: tuple[float, float]
    num_samples: int

    def __str__(self):
        text = plus_minus(self.mean, self.std_error)
        names = zip("ba", "ab", self.outside)
        parts = [f"{x} is zero on {part:.0%} of the samples of {y}" for x, y, part in names if part]
        return printable(f"{text} ({', '.join(parts)})" if parts else text)


def fidelity(a, b, shape, num_samples, seed=0):
    """|<a|b>|^2 of two wave functions, from exact samples of both.

    The fidelity is the real part of the product of two means, each over one
    wave function's own independent samples,

        <a|b> <b|a> = < psi_b / psi_a >_a < psi_a / psi_b >_b,

    of which the first alone is <a|b>, since both wave functions are
    normalised. As the two sets are independent, the product has no bias. The
    mean of |psi_b / psi_a|^2 is at most one, so errors stay finite, and fall
    to zero as the two become the same.

    Args:
        a, b: wave functions. Their dtypes may differ.
        shape: the shape of a lattice that both live on, such as `(80,)`.
        num_samples: how many samples of each.
        seed: an int or a `keras.random.SeedGenerator`.

    Returns:
        A `Fidelity`, with its `mean`, its `std_error` and the `overlap`. It
        says where their supports differ. Of two wave functions that conserve
        different S^z it is zero, exactly.

    Raises:
        ValueError: a shape that is no lattice of both; no whole number of
            samples above 0; an unsound seed.
        FloatingPointError: a weight or a ratio of amplitudes is not finite.

    Example:

    >>> import models, vmc
    >>> small, large = models.load("gru-chain-80"), models.load("gru-chain-300")
    >>> result = vmc.fidelity(small, large, shape=(12,), num_samples=500, seed=0)
    >>> bool(0.9 < result.mean < 1.01), bool(result.std_error < 0.02)
    (True, True)
    """
    lattice = Lattice(a.check_shape(shape))
    b.check_shape(shape)
    num_samples = whole_number("num_samples", num_samples, 1)
    if a.total_sz != b.total_sz and None not in (a.total_sz, b.total_sz):
        return Fidelity(0.0, 0.0, 0j, 0.0, (1.0, 1.0), num_samples)
    seed = random_seed(seed)
    if isinstance(seed, int):
        seed = keras.random.SeedGenerator(seed)
    both = _Both(lattice, num_terms=lattice.num_sites * (a.state_width + b.state_width))
    moments = Moments(), Moments()
    outside = np.zeros(2)
    # One generator of random numbers for both sets, so that they are independent.
    for number, (wf, other) in enumerate([(a, b), (b, a)]):
        for spins, count in sample_chunks(wf, both, num_samples, seed):
            ratios = _ratios(wf, other, spins)[:count]
            moments[number].add(np.stack([ratios.real, ratios.imag], axis=1)[:, None])
            outside[number] += (ratios == 0).sum()
    return _fidelity(moments, outside)


@dataclasses.dataclass(frozen=True)
class _Both:
    """What `sample_chunks` wants to know; the terms make room for both wave functions."""

    lattice: Lattice
    num_terms: int


@compiled
def _amplitudes(wf, spins):
    return wf(spins)


def _ratios(wf, other, spins):
    """psi of the other one over psi: complex128 `[batch]`."""
    parts = [
        [np.asarray(keras.ops.convert_to_numpy(x), "float64") for x in _amplitudes(psi, spins)]
        for psi in (other, wf)
    ]
    log_size, phase = (above - below for above, below in zip(*parts))
    ratios = np.exp(log_size) * np.exp(1j * phase)
    if not np.isfinite(ratios).all():
        raise FloatingPointError("A ratio of amplitudes is not finite.")
    return ratios


def _fidelity(moments, outside):
    """The fidelity of the ratios over both sets: `Moments` of their two parts."""
    (x, y), (u, v) = (m.mean[0] for m in moments)
    count = moments[0].count
    covariances = [m.covariance()[0] / count for m in moments]
    # Re (x + iy)(u + iv), and its derivatives by both means.
    error = _std_error([[u, -v], [x, -y]], covariances)
    overlap = complex((x + u) / 2, (y - v) / 2)
    direction = np.array([overlap.real, overlap.imag]) / (abs(overlap) or 1)
    directions = [direction / 2, direction * [0.5, -0.5]]
    return Fidelity(
        mean=float(x * u - y * v),
        std_error=error,
        overlap=overlap,
        overlap_std_error=_std_error(directions, covariances),
        outside=tuple(map(float, outside / count)),
        num_samples=count,
    )


def _std_error(gradients, covariances):
    """Of a function of independent means: the delta method."""
    variances = [np.einsum("i,ij,j", g, c, g) for g, c in zip(gradients, covariances)]
    return float(np.sqrt(max(sum(variances), 0.0)))
