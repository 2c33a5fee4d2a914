"""Entanglement of a region with the rest, by the swap of two samples."""

import dataclasses

import keras
import numpy as np
from keras import ops

from models.autoregressive import Autoregressive
from models.backend import compiled
from models.checks import random_seed, whole_number
from models.layers.readout import conditional_phase, log_probability
from vmc.measurement.estimate import (
    Estimate,
    estimate_from_moments,
    plus_minus,
    printable,
    sample_chunks,
)
from vmc.measurement.region import as_region
from vmc.measurement.statistics import Moments
from vmc.physics.lattice import Lattice


@dataclasses.dataclass(frozen=True)
class RenyiEntropy:
    """The Rényi-2 entropy of a region, -ln Tr rho^2, and the purity Tr rho^2 that it is made of.

    Attributes:
        purity: a `vmc.Estimate` of Tr rho^2, without bias. Its
            `imaginary_mean` is zero but for noise.

    Example:

    >>> print(RenyiEntropy(Estimate(0.5, 0.01, 1.0, 0.0, num_sites=80, num_samples=10_000)))
    0.693 ± 0.020
    """

    purity: Estimate

    @property
    def mean(self):
        """-ln of the purity, in nats; not a number where noise makes that negative.

        The logarithm of a mean is biased: upwards, by about half the square
        of the standard error.
        """
        return _minus_log(self.purity.mean)

    @property
    def std_error(self):
        """Its standard error, by the delta method: that of the purity, relative to it."""
        return self.purity.std_error / self.purity.mean if self.purity.mean > 0 else np.nan

    def __str__(self):
        return printable(plus_minus(self.mean, self.std_error))


def renyi2(wf, region, shape, num_samples, seed=0, on_chunk=None):
    """Rényi-2 entropy of a region, from pairs of exact samples.

    Of two independent samples, a b and a' b', whose parts in the region are
    a and a', the purity is the mean of the swap (Hastings et al.,
    Phys. Rev. Lett. 104, 157201 (2010)),

        Tr rho^2 = < psi(a' b) psi(a b') / (psi(a b) psi(a' b')) >.

    The mean of the swap's absolute square is at most one, so the standard
    error of the purity is at most sqrt((1 - purity^2) / num_samples). Where
    S^z is conserved, the swap of two samples with different S^z in the
    region is zero, and counts. On chains, the swap of a region at either end
    needs the conditionals after the cut alone.

    Args:
        wf: a wave function.
        region: ints, the region's sites in raster order. It has the same
            entropy as all other sites.
        shape: the lattice's shape, such as `(80,)` or `(6, 6)`.
        num_samples: how many pairs.
        seed: an int or a `keras.random.SeedGenerator`.
        on_chunk: called with the entropy so far after each chunk.

    Returns:
        A `RenyiEntropy`, with its `mean`, its `std_error` and the `purity`.
        No site, and all of them, have the entropy zero, exactly.

    Raises:
        ValueError: a site that is not on the lattice, or named twice; no
            whole number of samples above 0; an unsound seed.
        FloatingPointError: a weight or a swap is not finite.

    Example:

    >>> import models, vmc
    >>> wf = models.load("gru-chain-80")
    >>> entropy = vmc.renyi2(wf, range(6), shape=(12,), num_samples=1000, seed=0)
    >>> bool(0.2 < entropy.mean < 0.4), bool(entropy.std_error < 0.05)
    (True, True)
    """
    lattice = Lattice(wf.check_shape(shape))
    region = as_region(region, lattice.num_sites)
    num_samples = whole_number("num_samples", num_samples, 1)
    if len(region) in (0, lattice.num_sites):
        return RenyiEntropy(Estimate(1.0, 0.0, 0.0, 0.0, lattice.num_sites, num_samples))
    swap = _swap_of(wf, region, lattice)
    seed = random_seed(seed)
    if isinstance(seed, int):
        seed = keras.random.SeedGenerator(seed)
    pairs = _Pairs(lattice, num_terms=lattice.num_sites * wf.state_width)
    moments = Moments()
    # One generator of random numbers for both, so that they are independent.
    sets = (sample_chunks(wf, pairs, num_samples, seed) for _ in range(2))
    for (first, count), (second, _) in zip(*sets):
        swaps = exponential(*swap(first, second))[:count]
        if not np.isfinite(swaps).all():
            raise FloatingPointError("A swap is not finite.")
        moments.add(np.stack([swaps.real, swaps.imag], axis=1)[:, None])
        if on_chunk:
            on_chunk(_entropy(moments, lattice))
    return _entropy(moments, lattice)


@dataclasses.dataclass(frozen=True)
class _Pairs:
    """What `sample_chunks` wants to know; the terms make room for four configurations."""

    lattice: Lattice
    num_terms: int


def _entropy(moments, lattice):
    return RenyiEntropy(estimate_from_moments(moments, lattice.num_sites))


def _minus_log(purity):
    return -float(np.log(purity)) + 0.0 if purity > 0 else np.nan


def _swap_of(wf, region, lattice):
    """The function of two sets of samples that returns the parts of their swap."""
    inside = np.isin(np.arange(lattice.num_sites), region)
    changes = np.flatnonzero(np.diff(inside))
    if isinstance(wf, Autoregressive) and wf.num_axes == 1 and len(changes) == 1:
        cut = np.int32(changes[0] + 1)
        return lambda first, second: _swap_at_cut(wf, first, second, cut)
    inside = inside.reshape(lattice.shape)
    return lambda first, second: _swap_anywhere(wf, first, second, inside)


@compiled
def _swap_anywhere(wf, first, second, inside):
    """The swap from the amplitudes of all four configurations.

    Args:
        wf: a wave function.
        first, second: int32 `[batch, *shape]`, independent samples.
        inside: bool `[*shape]`, the region.

    Returns:
        Log of its size and its phase, float `[batch]` each.
    """
    four = (
        ops.where(inside, second, first),
        ops.where(inside, first, second),
        first,
        second,
    )
    values = (ops.reshape(x, (4, -1)) for x in wf(ops.concatenate(four)))
    return tuple(x[0] - x[2] + (x[1] - x[3]) for x in values)


@compiled
def _swap_at_cut(wf, first, second, cut):
    """The swap of the sites before a cut of a chain, from the conditionals after it.

    Each sample's spins after the cut follow those of the other one before it:
    a walk from the other one's hidden state.

    Args:
        wf: an `Autoregressive` wave function of chains.
        first, second: int32 `[batch, sites]`, independent samples.
        cut: int, the first site after it.

    Returns:
        Log of its size and its phase, float `[batch]` each.
    """
    batch, num_sites = first.shape
    spins = ops.concatenate([first, second])
    contexts, state = wf.prefix(spins)
    forced = wf.forced_sites(spins)
    log_p, phases = wf.read_conditionals(spins, contexts)

    def by_site(x):
        return None if x is None else ops.reshape(ops.transpose(x), (num_sites, 1, -1))

    # Where the cut has as many up spins before it, the same sites are forced.
    spins_at, forced, log_p, phases = map(by_site, (spins, forced, log_p, phases))

    def visit(site, logits, angles, carry):
        d_log, d_phase = carry
        here = None if forced is None else forced[site]
        d_log = d_log + (log_probability(logits, spins_at[site], here) - log_p[site])[0]
        if angles is not None:
            d_phase = d_phase + (conditional_phase(angles, spins_at[site]) - phases[site])[0]
        return d_log, d_phase

    zero = ops.zeros((2 * batch,), dtype=log_p.dtype)
    other = (np.arange(2 * batch) + batch) % (2 * batch)
    d_log, d_phase = wf.walk(state, spins_at, other, None, cut, visit, (zero, zero))
    # The Marshall sign is a product of one of each site: the swap leaves it.
    log_size, phase = (x[:batch] + x[batch:] for x in (d_log / 2, d_phase))
    if wf.total_sz is not None:
        before = ops.cast(ops.arange(num_sites) < cut, "int32")
        same = ops.sum((first - second) * before, axis=1) == 0
        log_size = ops.where(same, log_size, -np.inf)
    return log_size, phase


def exponential(log_size, phase):
    """exp(log_size + i phase) of two tensors, as a numpy array in double precision."""
    log_size, phase = (np.asarray(ops.convert_to_numpy(x), "float64") for x in (log_size, phase))
    return np.exp(log_size) * np.exp(1j * phase)
