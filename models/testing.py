"""Whether a wave function of one's own is sound: a test that anyone can run."""

import os
import tempfile

import keras
import numpy as np
from keras import ops

from models.wave_function import WaveFunction

MAX_SITES = 16  # of the enumeration
SAMPLES = 2000


def check_wave_function(wf, shape):
    """Checks a wave function on a small lattice against enumeration and brute force.

    - normalisation: the probabilities of all configurations sum to 1
      (equation 5), and amplitudes outside a conserved S^z are zero;
    - causality: a conditional does not depend on the spins at later sites,
      in the class's own order, where it has `conditionals`;
    - samples: those of one seed occur as often as their probabilities say;
    - flip ratios: those of `flip_log_ratio` are those of whole passes;
    - saving: a file, `get_config` and `copy` give the same amplitudes.

    Args:
        wf: a `models.WaveFunction`, float32 or float64. Large random weights
            show more than those it is made with.
        shape: of a lattice of at most 16 sites.

    Raises:
        AssertionError: what is wrong, in a line.
        ValueError: too many sites.

    Example:

    >>> import models
    >>> check_wave_function(models.GRUChain(units=4, total_sz=0), (6,))
    """
    num_sites = int(np.prod(shape))
    if num_sites > MAX_SITES:
        raise ValueError(f"The check enumerates up to {MAX_SITES} sites, not {num_sites}.")
    bits = np.arange(2**num_sites)[:, None] >> np.arange(num_sites - 1, -1, -1) & 1
    everything = bits.astype("int32").reshape(-1, *shape)
    tolerance = 1e-9 if wf.compute_dtype == "float64" else 1e-4
    probabilities = _probabilities(wf, everything)
    total = probabilities.sum()
    assert abs(total - 1) < tolerance, f"the probabilities sum to {total:.9g}, not to 1"
    if wf.total_sz is not None:
        outside = bits.sum(axis=1) != num_sites / 2 + wf.total_sz
        assert not probabilities[outside].any(), "amplitudes outside the sector of S^z are not zero"
    if hasattr(wf, "conditionals"):
        _check_causality(wf, shape)
    _check_samples(wf, shape, probabilities)
    _check_flips(wf, everything, probabilities, tolerance)
    _check_saving(wf, everything)


def _probabilities(wf, spins):
    log_amplitude, _ = wf(spins)
    return np.exp(2 * ops.convert_to_numpy(log_amplitude).astype("float64"))


def _check_causality(wf, shape):
    order = np.asarray(wf.order(tuple(shape)))
    num_sites = len(order)
    assert sorted(order.tolist()) == list(range(num_sites)), "order is no permutation of the sites"
    spins = ops.convert_to_numpy(wf.sample(8, shape, seed=1)).reshape(8, -1)
    log_p = _conditionals(wf, spins, shape)
    for position in range(num_sites):
        changed = spins.copy()
        changed[:, order[position + 1 :]] ^= 1
        difference = abs(_conditionals(wf, changed, shape) - log_p)[:, position].max()
        assert difference < 1e-5, (
            f"the conditional of site {order[position]}, which is visited as number {position}, "
            "depends on sites that are visited later"
        )


def _conditionals(wf, spins, shape):
    # The raw conditionals of the network: a conserved S^z forces spins, which may leave it here.
    log_p, _ = wf.conditionals(ops.convert_to_tensor(spins.reshape(-1, *shape), "int32"))
    return np.nan_to_num(ops.convert_to_numpy(log_p), neginf=-1e30)


def _check_samples(wf, shape, probabilities):
    spins = ops.convert_to_numpy(wf.sample(SAMPLES, shape, seed=0)).reshape(SAMPLES, -1)
    numbers = spins @ (1 << np.arange(spins.shape[1] - 1, -1, -1))
    counts = np.bincount(numbers, minlength=len(probabilities))
    assert not counts[probabilities == 0].any(), "samples have amplitudes of zero"
    expected = SAMPLES * probabilities / probabilities.sum()
    common = expected >= 5
    observed = np.append(counts[common], counts[~common].sum())
    expected = np.append(expected[common], expected[~common].sum())
    kept = expected > 1e-6
    chi_squared = np.sum((observed[kept] - expected[kept]) ** 2 / expected[kept])
    freedom = max(1, kept.sum() - 1)
    # Five standard deviations of a chi-squared variable.
    assert chi_squared < freedom + 5 * np.sqrt(2 * freedom) + 10, (
        f"samples do not follow the probabilities: chi-squared {chi_squared:.0f} "
        f"of {freedom} degrees of freedom"
    )


def _check_flips(wf, everything, probabilities, tolerance):
    likely = np.argsort(probabilities)[-8:]
    spins = everything[likely]
    num_sites = int(np.prod(spins.shape[1:]))
    pairs = [(a, b) for a in range(num_sites) for b in range(a + 1, num_sites)]
    moves = [[site] for site in range(num_sites)], pairs
    for sites in filter(len, moves):
        found = _ratios(wf.flip_log_ratio(spins, sites))
        tuples = tuple(tuple(move) for move in sites)
        tensor = ops.convert_to_tensor(spins, "int32")
        brute = _ratios(WaveFunction.compute_flip_log_ratio(wf, tensor, None, moves=tuples))
        scale = 1 + abs(brute)
        worst = np.max(abs(found - brute) / scale)
        assert worst < 10 * tolerance, f"flip ratios differ from whole passes by {worst:.1e}"


def _ratios(result):
    d_log, d_phase = (ops.convert_to_numpy(x).astype("float64") for x in result)
    return np.exp(d_log + 1j * d_phase)


def _check_saving(wf, everything):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "wave_function.keras")
        wf.save(path)
        loaded = keras.saving.load_model(path, compile=False)
    for what, other in (("a file", loaded), ("copy", wf.copy())):
        assert other.get_config() == wf.get_config(), f"{what} has other options"
        for one, two in zip(wf(everything), other(everything)):
            same = np.array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(two))
            assert same, f"{what} gives other amplitudes: are all layers saved with their weights?"
