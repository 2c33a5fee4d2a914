"""Total spin and full counting statistics against matrices: all configurations, and samples."""

import functools

import numpy as np
import pytest
from keras import ops
from scipy import sparse
from scipy.sparse import linalg

import models
import vmc
from tests.helpers import Tabulated, psi

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]

LATTICES = [vmc.Chain(12), vmc.Square(4, 3)]
KINDS = ["singlet", "triplet", "mixture", "complex"]
RAISE = np.array([[0, 0], [1, 0]])  # S^+, with down as the first state


def total(num_sites, spin):
    """The sum over sites of an operator of one spin: Kronecker products."""
    terms = (
        sparse.kron(sparse.eye_array(2**n), sparse.kron(spin, sparse.eye_array(2 ** (rest))))
        for n, rest in ((n, num_sites - 1 - n) for n in range(num_sites))
    )
    return sum(terms).tocsr()


@functools.cache
def squared_spin(num_sites):
    """S^2 = S^- S^+ + S^z (S^z + 1)."""
    plus, z = total(num_sites, RAISE), total(num_sites, np.diag([-0.5, 0.5]))
    return plus.T @ plus + z @ z + z


@functools.cache
def state_of(lattice, kind):
    """A singlet, a triplet with S^z = 1, their mixture with a third, and no eigenstate at all."""
    if kind == "complex":
        rng = np.random.default_rng(5)
        state = rng.normal(size=(2**lattice.num_sites, 2)) @ [1, 1j]
        state *= np.exp(np.linspace(0, 3, len(state)))
        return state / np.linalg.norm(state)
    _, singlet = vmc.ground_state(vmc.Heisenberg(lattice))
    if kind == "singlet":
        return singlet
    ups = vmc.configurations((lattice.num_sites,)).sum(axis=1)
    rows = np.flatnonzero(ups == lattice.num_sites // 2 + 1)
    sector = vmc.Heisenberg(lattice).to_sparse()[rows][:, rows]
    triplet = np.zeros_like(singlet)
    triplet[rows] = linalg.eigsh(sector, k=1, which="SA", v0=np.ones(len(rows)))[1][:, 0]
    return triplet if kind == "triplet" else 0.6 * singlet + 0.8j * triplet


@pytest.mark.parametrize("lattice", LATTICES, ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_total_spin(lattice, kind):
    state = state_of(lattice, kind)
    exact = np.vdot(state, squared_spin(12) @ state).real
    known = {"singlet": 0, "triplet": 2, "mixture": 0.64 * 2}
    assert exact == pytest.approx(known.get(kind, exact), abs=1e-8)
    wf, observable = Tabulated(state), vmc.TotalSpin(lattice)

    spins = vmc.configurations(lattice.shape)
    possible = abs(state) ** 2 > 1e-12
    local = ops.convert_to_numpy(observable.local_values(wf, spins[possible]))[:, 0, 0]
    assert abs(state[possible]) ** 2 @ local == pytest.approx(exact, abs=1e-3)

    (estimate,) = vmc.estimate_observable(wf, observable, 1000, seed=1)
    assert abs(estimate.mean - exact) < 4 * estimate.std_error + 1e-4
    if kind in ("singlet", "triplet"):  # an eigenstate has no variance
        assert estimate.std_error < 1e-3


def exact_counts(state, lattice, region):
    ups = vmc.configurations((lattice.num_sites,))[:, region].sum(axis=1)
    return np.bincount(ups, abs(state) ** 2, minlength=len(region) + 1)


@pytest.mark.parametrize("region", [range(6), [0, 3, 4, 7, 11]], ids=str)
@pytest.mark.parametrize("lattice", LATTICES, ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_full_counting(lattice, kind, region):
    state = state_of(lattice, kind)
    exact = exact_counts(state, lattice, list(region))
    wf, observable = Tabulated(state), vmc.FullCounting(lattice, region)

    spins = vmc.configurations(lattice.shape)
    local = ops.convert_to_numpy(observable.local_values(wf, spins))[..., 0]
    np.testing.assert_allclose(abs(state) ** 2 @ local, exact, atol=1e-12)

    estimates = vmc.estimate_observable(wf, observable, 4000, seed=2)
    assert estimates.mean.sum() == pytest.approx(1)
    assert (abs(estimates.mean - exact) <= 4 * estimates.std_error + 1e-3).all()
    binomial = np.sqrt(estimates.mean * (1 - estimates.mean) / 3999)
    np.testing.assert_allclose(estimates.std_error, binomial, atol=1e-9)

    inside = vmc.configurations((12,))[:, list(region)].sum(axis=1) - len(region) / 2
    assert observable.magnetizations @ exact == pytest.approx(abs(state) ** 2 @ inside)


def test_a_network_that_conserves_the_whole(random_chain):
    """Of the whole lattice one magnetisation is certain."""
    wf = random_chain(total_sz=1)
    whole = vmc.FullCounting(vmc.Chain(8), range(8))
    estimates = vmc.estimate_observable(wf, whole, 100)
    assert whole.magnetizations[estimates.mean == 1].tolist() == [1]
    assert (estimates.std_error == 0).all()
    (spin,) = vmc.estimate_observable(wf, vmc.TotalSpin(vmc.Chain(8)), 2000, seed=0)
    state = psi(wf, vmc.configurations((8,)))
    exact = np.vdot(state, squared_spin(8) @ state).real
    assert exact > 2
    assert abs(spin.mean - exact) < 4 * spin.std_error


def test_mistakes():
    with pytest.raises(ValueError, match="region names no site"):
        vmc.FullCounting(vmc.Chain(6), [])
    with pytest.raises(ValueError, match="region names site 2 more than once"):
        vmc.FullCounting(vmc.Chain(6), [1, 2, 2])
    with pytest.raises(ValueError, match="whole numbers from 0 to 5"):
        vmc.FullCounting(vmc.Square(2, 3), [6])
    wf = models.GRUChain(units=2)
    with pytest.raises(ValueError, match="one axis, not on"):
        vmc.estimate_observable(wf, vmc.TotalSpin(vmc.Square(2)), 10)
