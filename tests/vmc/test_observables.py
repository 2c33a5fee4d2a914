"""Observables against exact diagonalisation: every configuration, and samples."""

import functools
import itertools

import numpy as np
import pytest
from keras import ops
from scipy import sparse

import vmc
from tests.helpers import Tabulated, psi
from vmc.measurement import estimate as estimate_module
from vmc.measurement.statistics import Moments

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]

# S^x, S^y, S^z with down, which is 0, as the first state.
SPIN = [
    np.array([[0, 0.5], [0.5, 0]]),
    np.array([[0, 0.5j], [-0.5j, 0]]),
    np.diag([-0.5, 0.5]),
]
LATTICES = [vmc.Chain(12), vmc.Square(4, 3)]
AXES = ["xyz", "z"]


@functools.cache
def ground_state(lattice):
    return vmc.ground_state(vmc.Heisenberg(lattice))[1]


def random_state(num_sites):
    """A state with no symmetry at all."""
    rng = np.random.default_rng(5)
    state = rng.normal(size=2**num_sites) + 1j * rng.normal(size=2**num_sites)
    # Towards one configuration, so that spins have means of many sizes.
    state *= np.exp(np.linspace(0, 3, 2**num_sites))
    return state / np.linalg.norm(state)


class Exact:
    """Expectation values of spins in a state, from matrices."""

    def __init__(self, state, lattice, axes):
        self.lattice = lattice
        self.num_sites = lattice.num_sites
        self.moved = [
            [self.matrix(site, spin) @ state for spin in SPIN[-len(axes) :]]
            for site in range(self.num_sites)
        ]
        self.state = state

    def matrix(self, site, spin):
        """An operator of one site: a Kronecker product."""
        before, after = (sparse.eye_array(2**n) for n in (site, self.num_sites - 1 - site))
        return sparse.kron(before, sparse.kron(spin, after))

    def product(self, i, j):
        return sum(np.vdot(a, b) for a, b in zip(self.moved[i], self.moved[j])).real

    def connected(self, i, j):
        return self.product(i, j) - sum(
            (np.vdot(self.state, a) * np.vdot(self.state, b)).real
            for a, b in zip(self.moved[i], self.moved[j])
        )

    def structure_factor(self, momentum):
        places = [*itertools.product(*map(range, self.lattice.shape))]
        total = sum(
            np.exp(1j * np.dot(momentum, np.subtract(places[i], places[j]))) * self.product(i, j)
            for i in range(self.num_sites)
            for j in range(self.num_sites)
        )
        return total.real / self.num_sites

    def values(self, observable):
        """What the observable's estimates should be."""
        if isinstance(observable, vmc.SpinCorrelation):
            function = self.connected if observable.connected else self.product
            return [function(i, j) for i, j in observable.pairs]
        if isinstance(observable, vmc.StaggeredMagnetizationSquared):
            pi = [np.pi] * len(self.lattice.shape)
            return [self.structure_factor(pi) / self.num_sites]
        return [self.structure_factor(momentum) for momentum in observable.momenta]


def observables(lattice, axes):
    pairs = list(itertools.combinations(range(lattice.num_sites), 2))
    momenta = np.random.default_rng(1).uniform(0, 2 * np.pi, (3, len(lattice.shape)))
    return [
        vmc.SpinCorrelation(lattice, pairs, axes),
        vmc.SpinCorrelation(lattice, pairs, axes, connected=True),
        vmc.StructureFactor(lattice, momenta, axes),
        vmc.StaggeredMagnetizationSquared(lattice, axes),
    ]


def enumerated(observable, wf):
    """An observable's values with all configurations in the samples' place."""
    spins = vmc.configurations(observable.lattice.shape)
    weights = abs(psi(wf, spins)) ** 2
    possible = weights > 1e-12
    local = ops.convert_to_numpy(observable.local_values(wf, spins[possible]))
    return observable.combine(np.einsum("n,nvi->vi", weights[possible], local))[0]


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("lattice", LATTICES, ids=repr)
@pytest.mark.parametrize("kind", ["ground", "random"])
def test_all_configurations_give_the_exact_values(kind, lattice, axes):
    state = ground_state(lattice) if kind == "ground" else random_state(lattice.num_sites)
    exact = Exact(state, lattice, axes)
    wf = Tabulated(state)
    for observable in observables(lattice, axes):
        np.testing.assert_allclose(
            enumerated(observable, wf), exact.values(observable), rtol=1e-4, atol=3e-5
        )


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("lattice", LATTICES, ids=repr)
def test_samples_give_them_within_their_errors(lattice, axes):
    exact = Exact(ground_state(lattice), lattice, axes)
    wf = Tabulated(ground_state(lattice))
    for number, observable in enumerate(observables(lattice, axes)):
        estimates = vmc.estimate_observable(wf, observable, 2000, seed=number)
        off = (estimates.mean - exact.values(observable)) / estimates.std_error
        assert abs(off).max() < 4
        assert estimates.num_samples == 2000
        assert (estimates.std_error < 0.05 * max(1, abs(estimates.mean).max())).all()


@pytest.mark.parametrize("connected", [False, True])
def test_errors_are_the_spread_of_estimates(random_chain, connected):
    """Of a network with free phases that conserves nothing."""
    wf = random_chain(units=4)
    lattice = vmc.Chain(6)
    observable = vmc.SpinCorrelation(lattice, [(0, 3), (2, 3), (1, 5)], connected=connected)
    runs = [vmc.estimate_observable(wf, observable, 200, seed=seed) for seed in range(100)]
    means = np.array([run.mean for run in runs])
    errors = np.array([run.std_error for run in runs]).mean(axis=0)
    np.testing.assert_allclose(means.std(axis=0), errors, rtol=0.25)
    exact = Exact(psi(wf, vmc.configurations((6,))), lattice, "xyz").values(observable)
    assert (abs(means.mean(axis=0) - exact) < 4 * errors / 10).all()


@pytest.mark.parametrize("connected", [False, True])
def test_gradients_are_those_of_the_values(connected):
    observable = vmc.SpinCorrelation(vmc.Chain(3), [(0, 1), (0, 2)], connected=connected)
    means = np.random.default_rng(0).normal(size=(2, 7 if connected else 1))
    _, gradients = observable.combine(means)
    for part, step in enumerate(1e-4 * np.eye(means.shape[1])):
        change = observable.combine(means + step)[0] - observable.combine(means - step)[0]
        np.testing.assert_allclose(change / 2e-4, gradients[:, part], rtol=1e-6)


def test_bonds_add_up_to_the_energy(random_chain):
    wf, hamiltonian = random_chain(total_sz=0), vmc.Heisenberg(vmc.Chain(10))
    spins = wf.sample(20, (10,), seed=0)
    bonds = vmc.SpinCorrelation(hamiltonian.lattice, hamiltonian.lattice.bonds())
    np.testing.assert_allclose(
        ops.convert_to_numpy(bonds.local_values(wf, spins))[..., 0].sum(axis=1),
        ops.convert_to_numpy(hamiltonian.local_energy_parts(wf, spins)[0]),
        rtol=1e-4,
    )


def test_chunks_make_one_estimate(random_chain, monkeypatch):
    values = np.random.default_rng(0).normal(1e3, 1, size=(100, 2, 3))
    moments = Moments()
    for chunk in np.split(values, [10, 11, 60]):
        moments.add(chunk)
    np.testing.assert_allclose(moments.mean, values.mean(axis=0))
    for value in range(2):
        covariance = np.cov(values[:, value].T)
        np.testing.assert_allclose(moments.covariance()[value], covariance, atol=1e-10)

    monkeypatch.setattr(estimate_module, "MEMORY_BUDGET", 2**16)
    seen = []
    observable = vmc.SpinCorrelation(vmc.Chain(6), [(0, 1)])
    estimates = vmc.estimate_observable(
        random_chain(), observable, 1000, seed=1, on_chunk=lambda e: seen.append(e.num_samples)
    )
    assert len(seen) > 10
    assert seen[-1] == estimates.num_samples == 1000


def test_estimates_are_a_sequence():
    estimates = vmc.Estimates(np.array([0.5, -0.25]), np.array([0.04, 0.01]), 4, 100)
    assert [e.mean for e in estimates] == [0.5, -0.25]
    assert [e.std_error for e in estimates] == pytest.approx([0.02, 0.01])
    assert str(estimates[1]) == "-0.250 ± 0.010 [σ²=1.0e-02]"


def test_errors(random_chain):
    chain = vmc.Chain(4)
    for pairs in ([], [(0, 4)], [(1, 1)], [(0, 1, 2)], [(0.5, 1)]):
        with pytest.raises(ValueError, match="two different sites from 0 to 3"):
            vmc.SpinCorrelation(chain, pairs)
    with pytest.raises(ValueError, match='axes must be "xyz" or "z"'):
        vmc.StructureFactor(chain, axes="x")
    with pytest.raises(ValueError, match=r"momenta must have the shape \[num_momenta, 1\]"):
        vmc.StructureFactor(chain, [np.pi])
    with pytest.raises(ValueError, match="one axis, not on"):
        vmc.estimate_observable(random_chain(), vmc.StructureFactor(vmc.Square(2)), 10)
    wf = random_chain()
    wf.set_weights([w * np.nan for w in wf.get_weights()])
    with pytest.raises(FloatingPointError, match="not finite"):
        vmc.estimate_observable(wf, vmc.StructureFactor(chain), 10)
