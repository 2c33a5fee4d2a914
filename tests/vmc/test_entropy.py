"""The Rényi-2 entropy against Schmidt decompositions: all pairs of configurations, and samples."""

import functools

import numpy as np
import pytest
from keras import ops

import models
import vmc
from tests.helpers import Tabulated, psi
from vmc.measurement import entropy as entropy_module

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]

CHAIN, SQUARE = vmc.Chain(12), vmc.Square(4, 3)


@functools.cache
def states(lattice):
    """The ground state, and one without any symmetry: real and complex."""
    rng = np.random.default_rng(5)
    spins = rng.normal(size=(lattice.num_sites, 2, 2)) @ [1, 1j]
    product = functools.reduce(np.kron, spins)
    noise = rng.normal(size=(len(product), 2)) @ [1, 1j]
    other = product / np.linalg.norm(product) + 0.8 * noise / np.linalg.norm(noise)
    return vmc.ground_state(vmc.Heisenberg(lattice))[1], other / np.linalg.norm(other)


def exact_purity(state, region):
    """The sum of the fourth powers of the Schmidt coefficients."""
    num_sites = int(np.log2(len(state)))
    rest = [site for site in range(num_sites) if site not in region]
    matrix = state.reshape((2,) * num_sites).transpose([*region, *rest])
    values = np.linalg.svd(matrix.reshape(2 ** len(region), -1), compute_uv=False)
    return (values**4).sum()


def swaps(wf, region, lattice, first, second):
    function = entropy_module._swap_of(wf, entropy_module.as_region(region, 99), lattice)
    values = function(*(ops.convert_to_tensor(x) for x in (first, second)))
    return entropy_module.exponential(*values)


@pytest.mark.parametrize("number", [0, 1], ids=["real", "complex"])
@pytest.mark.parametrize(
    ("lattice", "region"),
    [(CHAIN, range(6)), (CHAIN, [3, 4, 5, 9]), (SQUARE, range(6)), (SQUARE, [0, 1, 3, 4, 11])],
    ids=str,
)
def test_samples_of_states(lattice, region, number):
    state = states(lattice)[number]
    estimate = vmc.renyi2(Tabulated(state), region, lattice.shape, 20_000, seed=1)
    purity = exact_purity(state, region)
    assert abs(estimate.purity.mean - purity) < 4 * estimate.purity.std_error
    assert abs(estimate.mean + np.log(purity)) < 4 * estimate.std_error
    assert 0 < estimate.std_error < 0.1
    # As the docstring says, but for some four standard errors of a variance; all of it but
    # the imaginary part's is in the error.
    assert estimate.purity.variance < 1.15 * (1 - purity**2)
    assert estimate.purity.std_error <= (estimate.purity.variance / 20_000) ** 0.5 + 1e-9


@pytest.mark.parametrize(
    "options",
    [
        {},
        pytest.param({"total_sz": 0, "marshall_sign": True}, marks=pytest.mark.one_backend),
        {"total_sz": 1, "phase": "none", "edge_distance": 2},
        pytest.param({"layer_norm": True, "phase": "none"}, marks=pytest.mark.one_backend),
    ],
    ids=str,
)
@pytest.mark.parametrize("region", [[0, 1], [3, 4, 5], [1, 2], [0, 2, 5]], ids=str)
def test_all_pairs_of_a_chain(random_chain, options, region):
    """Before a cut, after one, in the middle, and in pieces."""
    wf = random_chain(scale=1.0, **options)
    spins = vmc.configurations((6,))
    state = psi(wf, spins)
    spins, state = spins[state != 0], state[state != 0]
    first, second = (x.reshape(-1) for x in np.indices((len(spins),) * 2))
    found = swaps(wf, region, vmc.Chain(6), spins[first], spins[second])
    purity = (abs(state[first] * state[second]) ** 2 * found).sum()
    whole = psi(wf, vmc.configurations((6,)))
    assert purity == pytest.approx(exact_purity(whole, region), abs=1e-5)
    if "total_sz" in options:
        inside = spins[:, region].sum(axis=1)
        assert (found[inside[first] != inside[second]] == 0).all()
        assert (found[inside[first] == inside[second]] != 0).all()


@pytest.mark.one_backend
@pytest.mark.parametrize("options", [{}, {"total_sz": 0, "marshall_sign": True}], ids=str)
def test_all_pairs_of_a_square(random_weights, options):
    wf = random_weights(models.LSTMLattice(units=4, num_layers=2, **options))
    spins = vmc.configurations((2, 3))
    state = psi(wf, spins)
    kept = state != 0
    first, second = (x.reshape(-1) for x in np.indices((kept.sum(),) * 2))
    found = swaps(wf, [0, 1, 2], vmc.Square(2, 3), spins[kept][first], spins[kept][second])
    weights = abs(state[kept][first] * state[kept][second]) ** 2
    assert (weights * found).sum() == pytest.approx(exact_purity(state, [0, 1, 2]), abs=1e-5)


@pytest.mark.one_backend
def test_swaps_at_a_cut_are_ratios_of_amplitudes(random_chain, in_double):
    """Of a longer chain, pair by pair."""
    cut = 5
    wf = in_double(random_chain(total_sz=0))
    first, second = (ops.convert_to_numpy(wf.sample(50, (12,), seed=seed)) for seed in (0, 1))
    found = swaps(wf, range(cut), CHAIN, first, second)
    same = first[:, :cut].sum(axis=1) == second[:, :cut].sum(axis=1)
    assert 0 < same.sum() < 50
    np.testing.assert_array_equal(found[~same], 0)
    first, second = first[same], second[same]
    mixed = [np.concatenate([x[:, :cut], y[:, cut:]], axis=1) for x, y in
             ((second, first), (first, second))]  # fmt: skip
    expected = psi(wf, mixed[0]) * psi(wf, mixed[1]) / psi(wf, first) / psi(wf, second)
    np.testing.assert_allclose(found[same], expected, rtol=1e-9)


@pytest.mark.one_backend
def test_networks_and_their_averages(random_chain):
    """Sampled by the networks themselves, more pairs than a chunk holds."""
    chain = random_chain(total_sz=0, scale=1.0)
    for wf in (chain, models.Symmetrized(chain, "reflection", spin_flip=True)):
        state = psi(wf, vmc.configurations((8,)))
        for region in (range(3), [2, 3, 4]):
            estimate = vmc.renyi2(wf, region, (8,), 2500, seed=3)
            assert estimate.purity.num_samples == 2500
            assert abs(estimate.mean + np.log(exact_purity(state, region))) < 4 * estimate.std_error


def test_a_region_and_the_rest_are_entangled_alike(random_chain):
    wf = random_chain()
    first, second = (ops.convert_to_numpy(wf.sample(20, (9,), seed=seed)) for seed in (0, 1))
    for region in (range(4), [2, 3, 7]):
        rest = [site for site in range(9) if site not in region]
        one, other = (swaps(wf, sites, vmc.Chain(9), first, second) for sites in (region, rest))
        np.testing.assert_allclose(one, other, rtol=1e-4)


def test_a_product_state_has_none():
    state = np.zeros(2**6)
    state[0b101010] = 1
    estimate = vmc.renyi2(Tabulated(state), [1, 2], 6, 10)
    assert (estimate.mean, estimate.std_error) == (0, 0)


def test_no_site_and_all_sites_have_none():
    wf = Tabulated(states(CHAIN)[0])
    for region in ([], range(12)):
        estimate = vmc.renyi2(wf, region, (12,), 10)
        assert (estimate.mean, estimate.std_error, estimate.purity.mean) == (0, 0, 1)


def test_the_error_is_the_spread_of_repetitions():
    wf = Tabulated(states(CHAIN)[1])
    estimates = [vmc.renyi2(wf, range(6), (12,), 400, seed=seed) for seed in range(60)]
    spread = np.std([estimate.mean for estimate in estimates], ddof=1)
    assert spread == pytest.approx(np.mean([e.std_error for e in estimates]), rel=0.25)


def test_seeds():
    wf = Tabulated(states(CHAIN)[0])
    means = [vmc.renyi2(wf, range(6), 12, 100, seed=seed).mean for seed in (1, 1, 2)]
    assert means[0] == means[1] != means[2]


def test_progress():
    wf = Tabulated(states(CHAIN)[0])
    seen = []
    last = vmc.renyi2(wf, range(6), 12, 2000, on_chunk=seen.append)
    assert [entropy.purity.num_samples for entropy in seen] == [1000, 2000]
    assert seen[-1] == last


def test_noise_that_drowns_the_purity_is_not_a_number():
    noise = vmc.Estimate(-0.01, 0.02, 1.0, 0.0, num_sites=4, num_samples=2500)
    entropy = vmc.RenyiEntropy(noise)
    assert np.isnan(entropy.mean)
    assert np.isnan(entropy.std_error)


@pytest.mark.parametrize(
    ("region", "message"),
    [
        ([0, 3, 3], "region names site 3 more than once"),
        ([0, 12], "from 0 to 11, in raster order"),
        ([-1], "from 0 to 11"),
        ([0.5], "whole numbers"),
        ([[0, 1]], "whole numbers"),
        ([True, False], "whole numbers"),
    ],
    ids=str,
)
def test_regions_that_are_none(region, message):
    with pytest.raises(ValueError, match=message):
        vmc.renyi2(Tabulated(states(CHAIN)[0]), region, (12,), 10)


def test_other_mistakes(random_chain):
    with pytest.raises(ValueError, match="num_samples must be a whole number above 0"):
        vmc.renyi2(random_chain(), [0], (6,), 0)
    with pytest.raises(ValueError, match="lives on lattices of one axis"):
        vmc.renyi2(random_chain(), [0], (2, 3), 10)
    broken = random_chain()
    broken.set_weights([np.full(w.shape, np.nan) for w in broken.get_weights()])
    with pytest.raises(FloatingPointError, match="weights that are not finite"):
        vmc.renyi2(broken, [0], (6,), 10)
