"""The chain: normalisation, sampling, flips, causality, errors."""

import keras
import numpy as np
import pytest
from keras import ops

import vmc
from tests.helpers import brute_force_ratios, chi_squared_p, psi, ratios

pytestmark = pytest.mark.eager

OPTIONS = [
    {},
    {"layer_norm": True, "edge_distance": 3},
    {"phase": "none", "marshall_sign": True, "edge_distance": 20},
]


def conserved(num_sites):
    """Values of total_sz that exist on so many sites."""
    return [0] if num_sites % 2 == 0 else [0.5, -0.5]


@pytest.mark.any_backend
@pytest.mark.parametrize("num_sites", [1, 2, 7, 10])
@pytest.mark.parametrize("options", OPTIONS)
def test_normalised(random_chain, num_sites, options):
    spins = vmc.configurations((num_sites,))
    for total_sz in [None, *conserved(num_sites)]:
        wf = random_chain(total_sz=total_sz, **options)
        weights = abs(psi(wf, spins)) ** 2
        assert weights.sum() == pytest.approx(1, abs=1e-5)
        if total_sz is not None:
            assert weights[spins.sum(axis=1) != num_sites / 2 + total_sz].sum() == 0


@pytest.mark.any_backend
@pytest.mark.parametrize("total_sz", [None, 0, 1])
def test_samples_follow_the_enumerated_probabilities(random_chain, total_sz):
    wf = random_chain(total_sz=total_sz, edge_distance=3)
    probabilities = abs(psi(wf, vmc.configurations((6,)))) ** 2
    samples = ops.convert_to_numpy(wf.sample(20_000, (6,), seed=5))
    assert samples.dtype == np.int32
    assert chi_squared_p(samples, probabilities) > 1e-3
    # The test can fail: a slightly different distribution does not pass.
    tilted = probabilities * np.exp(0.2 * vmc.configurations((6,))[:, 0])
    assert chi_squared_p(samples, tilted) < 1e-3


@pytest.mark.any_backend
def test_seeds(random_chain):
    wf = random_chain()
    first, again, other = (
        ops.convert_to_numpy(wf.sample(50, (12,), seed=seed)) for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert (first != other).any()
    generator = keras.random.SeedGenerator(1)
    one, two = (ops.convert_to_numpy(wf.sample(50, (12,), seed=generator)) for _ in range(2))
    assert (one != two).any()


@pytest.mark.parametrize("num_sites", [2, 3, pytest.param(11, marks=pytest.mark.any_backend), 80])
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("total_sz", ["none", "conserved"])
def test_flip_ratios(random_chain, in_double, num_sites, options, total_sz):
    total_sz = None if total_sz == "none" else conserved(num_sites)[0]
    wf = random_chain(total_sz=total_sz, scale=0.3, **options)
    chain = vmc.Chain(num_sites)
    spins = ops.convert_to_numpy(wf.sample(6, (num_sites,), seed=3))
    oracle = in_double(wf)
    bonds = np.concatenate([chain.bonds(k)[:, ::order] for k in (1, 2) for order in (1, -1)])
    for sites in (bonds, np.arange(num_sites)[:, None]):
        expected = brute_force_ratios(oracle, spins, sites)
        np.testing.assert_allclose(
            ratios(wf.flip_log_ratio(spins, sites)), expected, atol=5e-5, rtol=5e-5
        )


@pytest.mark.any_backend
def test_flips_that_leave_the_sector_are_impossible(random_chain):
    wf = random_chain(total_sz=0)
    spins = np.array([[1, 1, 0, 0], [1, 0, 1, 0]])
    d_log, _ = wf.flip_log_ratio(spins, [[0, 1], [1, 2]])
    d_log = ops.convert_to_numpy(d_log)
    assert d_log[0, 0] == -np.inf
    assert np.isfinite(d_log[[0, 1, 1], [1, 0, 1]]).all()


@pytest.mark.any_backend
def test_unwanted_flips_are_zero_and_change_no_other(random_chain):
    wf = random_chain(units=300)  # many blocks
    spins = wf.sample(40, (20,), seed=0)
    bonds = vmc.Chain(20).bonds(1)
    wanted = np.random.default_rng(0).random((40, len(bonds))) < 0.4
    everything = ratios(wf.flip_log_ratio(spins, bonds))
    some = ratios(wf.flip_log_ratio(spins, bonds, wanted=wanted))
    np.testing.assert_allclose(some, np.where(wanted, everything, 0), atol=1e-5)


@pytest.mark.any_backend
@pytest.mark.parametrize("options", [*OPTIONS, {"total_sz": 0}])
def test_causal(random_chain, options):
    """Changing a spin changes no conditional up to its site, and a later one."""
    wf = random_chain(**options)
    spins = ops.convert_to_numpy(wf.sample(4, (8,), seed=0))

    def logits(spins):
        contexts = wf.contexts(ops.convert_to_tensor(spins, "int32"))
        return ops.convert_to_numpy(wf.readout(contexts, wf.readout.edge_context((8,)))[0])

    before = logits(spins)
    for site in range(8):
        changed = spins.copy()
        changed[:, site] = 1 - changed[:, site]
        difference = abs(logits(changed) - before).max(axis=(0, 2))
        assert (difference[: site + 1] == 0.0).all()
        assert site == 7 or difference[site + 1 :].max() > 0


@pytest.mark.any_backend
def test_marshall_sign_is_exact(random_chain):
    wf = random_chain(phase="none", marshall_sign=True, total_sz=0)
    _, state = vmc.ground_state(vmc.Heisenberg(vmc.Chain(8)))
    spins = vmc.configurations((8,))
    overlap = psi(wf, spins) * state
    overlap = overlap[abs(overlap) > 1e-12]
    assert (np.sign(overlap.real) == np.sign(overlap.real[0])).all()


@pytest.mark.any_backend
@pytest.mark.parametrize(
    ("spins", "message"),
    [
        (np.zeros(4, int), r"\[batch, sites\], not \(4,\)"),
        (np.zeros((2, 3, 4), int), r"\[batch, sites\], not \(2, 3, 4\)"),
        (np.full((2, 4), 2), r"shape \(2, 4\) holds values from 2 to 2"),
        (np.array([[1, -1]]), r"shape \(1, 2\) holds values from -1 to 1"),
    ],
)
def test_spins_are_checked(random_chain, spins, message):
    wf = random_chain()
    with pytest.raises(ValueError, match=message):
        wf(spins)
    with pytest.raises(ValueError, match=message):
        wf.flip_log_ratio(spins, [[0, 1]])


def test_sectors_are_checked(random_chain):
    with pytest.raises(ValueError, match="total_sz=0 does not exist on 5 sites"):
        random_chain(total_sz=0).sample(2, (5,))
    with pytest.raises(ValueError, match="total_sz=3 does not exist on 4 sites"):
        random_chain(total_sz=3).sample(2, (4,))


@pytest.mark.parametrize(
    ("sites", "message"),
    [
        ([0, 1], r"\[num_moves, k\]"),
        ([[0, 4]], "must lie in 0 ... 3"),
        ([[1, 1]], "flips each site once"),
        ([[0.5]], "must be integers"),
        (np.zeros((3, 0), int), r"integers of shape \[num_moves, k\], with k of 1 or more"),
    ],
)
def test_moves_are_checked(random_chain, sites, message):
    with pytest.raises(ValueError, match=message):
        random_chain().flip_log_ratio([[0, 1, 0, 1]], sites)
