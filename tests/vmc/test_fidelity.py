"""Overlaps against those of vectors: all configurations, and samples."""

import functools

import numpy as np
import pytest
from keras import ops

import models
import vmc
from tests.helpers import Tabulated, psi
from vmc.measurement import fidelity as fidelity_module
from vmc.measurement.statistics import Moments

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]

CHAIN, SQUARE = vmc.Chain(12), vmc.Square(4, 3)


@functools.cache
def states(lattice):
    """The ground state and three more that overlap with it; the last has complex amplitudes."""
    _, state = vmc.ground_state(vmc.Heisenberg(lattice))
    _, other = vmc.ground_state(vmc.Heisenberg(lattice, j2=0.4))
    rng = np.random.default_rng(5)
    noise = rng.normal(size=(len(state), 2)) / len(state) ** 0.5
    made = [state, other, state + 0.5 * noise[:, 0], 1j * state + 0.5 * (noise @ [1, 1j])]
    return [s / np.linalg.norm(s) for s in made]


@pytest.mark.parametrize("pair", [(0, 1), (0, 2), (0, 3), (3, 2), (3, 3)], ids=str)
@pytest.mark.parametrize("lattice", [CHAIN, SQUARE], ids=str)
def test_samples_of_states(lattice, pair):
    a, b = (states(lattice)[number] for number in pair)
    result = vmc.fidelity(Tabulated(a), Tabulated(b), lattice.shape, 5000, seed=1)
    overlap = np.vdot(a, b)
    assert abs(result.mean - abs(overlap) ** 2) <= 4 * result.std_error + 1e-6
    assert abs(abs(result.overlap) - abs(overlap)) <= 4 * result.overlap_std_error + 1e-6
    # Its direction as well, not only its size.
    assert abs(result.overlap - overlap) <= 8 * result.overlap_std_error + 1e-6
    assert result.std_error < 0.05
    assert result.num_samples == 5000


def enumerated(a, b, shape):
    """The fidelity with each configuration as often as it is probable."""
    spins = vmc.configurations(shape)
    means = []
    for wf, other in ((a, b), (b, a)):
        p = abs(psi(wf, spins)) ** 2
        ratios = fidelity_module._ratios(wf, other, ops.convert_to_tensor(spins[p > 0]))
        means.append((p[p > 0] * ratios).sum())
    return means


@pytest.mark.parametrize("options", [{}, {"total_sz": 0, "marshall_sign": True}], ids=str)
def test_all_configurations(random_chain, options):
    a, b = random_chain(**options), random_chain(seed=1, **options)
    overlap = np.vdot(*(psi(wf, vmc.configurations((6,))) for wf in (a, b)))
    np.testing.assert_allclose(enumerated(a, b, (6,)), [overlap, overlap.conj()], atol=1e-5)


@pytest.mark.one_backend
def test_networks_of_other_supports(random_chain):
    """One conserves S^z, the other does not, and both have phases."""
    a, b = random_chain(total_sz=0), random_chain(seed=1)
    vectors = [psi(wf, vmc.configurations((8,))) for wf in (a, b)]
    for pair, wfs in ((vectors, (a, b)), (vectors[::-1], (b, a))):
        result = vmc.fidelity(*wfs, (8,), 4000, seed=2)
        overlap = np.vdot(*pair)
        assert abs(result.mean - abs(overlap) ** 2) < 4 * result.std_error
        assert abs(result.overlap - overlap) < 8 * result.overlap_std_error
    off = (abs(vectors[1]) ** 2)[vectors[0] == 0].sum()
    assert result.outside == (pytest.approx(off, abs=0.04), 0)
    assert str(result).endswith(f" (b is zero on {result.outside[0]:.0%} of the samples of a)")


def test_sectors_are_orthogonal():
    a, b = models.GRUChain(units=4, total_sz=0), models.GRUChain(units=4, total_sz=1)
    result = vmc.fidelity(a, b, (8,), 10)
    assert (result.mean, result.std_error, result.overlap, result.outside) == (0, 0, 0, (1, 1))
    assert "b is zero on 100% of the samples of a" in str(result)
    # From samples it would be the same.
    a, b = (Tabulated(psi(wf, vmc.configurations((8,)))) for wf in (a, b))
    assert vmc.fidelity(a, b, (8,), 10) == result


def test_the_errors_are_the_spreads_of_repetitions():
    a, b = (Tabulated(states(CHAIN)[number]) for number in (0, 3))
    results = [vmc.fidelity(a, b, (12,), 200, seed=seed) for seed in range(60)]
    spread = np.std([result.mean for result in results], ddof=1)
    assert spread == pytest.approx(np.mean([r.std_error for r in results]), rel=0.25)
    spread = np.std([abs(result.overlap) for result in results], ddof=1)
    assert spread == pytest.approx(np.mean([r.overlap_std_error for r in results]), rel=0.25)


def test_the_error_by_differences():
    """Of the product of two complex means, each shifted by itself."""
    rng = np.random.default_rng(0)
    moments = Moments(), Moments()
    for m in moments:
        m.add(rng.normal(size=(50, 1, 2)) @ rng.normal(size=(2, 2)) + [0.6, 0.3])

    def product(shift):
        (x, y), (u, v) = (m.mean[0] + s for m, s in zip(moments, shift.reshape(2, 2)))
        return ((x + 1j * y) * (u + 1j * v)).real

    steps = 1e-6 * np.eye(4)
    gradient = np.array([(product(step) - product(-step)) / 2e-6 for step in steps])
    variance = sum(g @ m.covariance()[0] @ g for g, m in zip(gradient.reshape(2, 2), moments)) / 50
    result = fidelity_module._fidelity(moments, np.zeros(2))
    assert result.std_error == pytest.approx(variance**0.5, rel=1e-6)


@pytest.mark.one_backend
def test_precisions(random_chain, in_double):
    """A wave function and itself in double precision."""
    wf = random_chain(total_sz=0)
    result = vmc.fidelity(wf, in_double(wf), (20,), 200, seed=0)
    assert result.mean == pytest.approx(1, abs=1e-5)
    assert 0 < result.std_error < 1e-5
    exact = vmc.fidelity(wf, wf, (20,), 200, seed=0)
    assert (exact.mean, exact.std_error) == (1, 0)
    assert str(exact) == "1.000000"


@pytest.mark.one_backend
@pytest.mark.parametrize(
    ("first", "second", "shape", "least"),
    [
        ("gru-chain-80", "gru-chain-300", (80,), 0.97),
        ("lstm-lattice-6", "lstm-lattice-6-symmetrised", (4, 4), 0.9),
    ],
)
def test_presets(first, second, shape, least):
    """Two approximations of one state are each other's, too."""
    result = vmc.fidelity(models.load(first), models.load(second), shape, 300, seed=0)
    assert result.mean > least
    assert result.mean < 1 + 4 * result.std_error
    assert 0 < result.std_error < 0.02
    assert result.outside == (0, 0)


@pytest.mark.one_backend
def test_more_samples_than_a_chunk(random_chain):
    """Of wave functions whose chunks are of different sizes."""
    a, b = random_chain(), models.Symmetrized(random_chain(seed=1), "reflection")
    result = vmc.fidelity(a, b, (6,), 2500, seed=0)
    overlap = np.vdot(*(psi(wf, vmc.configurations((6,))) for wf in (a, b)))
    assert abs(result.mean - abs(overlap) ** 2) < 4 * result.std_error
    assert vmc.fidelity(a, b, (6,), 2500, seed=0) == result
    assert vmc.fidelity(a, b, (6,), 2500, seed=1) != result


def test_mistakes(random_chain):
    wf = random_chain()
    with pytest.raises(ValueError, match="lives on lattices of two axes"):
        vmc.fidelity(wf, models.LSTMLattice(units=4, num_layers=1), (6,), 10)
    with pytest.raises(ValueError, match="num_samples must be a whole number above 0"):
        vmc.fidelity(wf, wf, (6,), 1.5)
    broken = random_chain()
    broken.set_weights([np.full(w.shape, np.nan) for w in broken.get_weights()])
    with pytest.raises(FloatingPointError, match="not finite"):
        vmc.fidelity(wf, broken, (6,), 10)
