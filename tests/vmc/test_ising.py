"""The Ising model against Kronecker products, Pfeuty's energies and enumeration."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

import models
import vmc
from tests.helpers import exact_energy, psi

X, Z = np.array([[0.0, 1.0], [1.0, 0.0]]), np.diag([-1.0, 1.0])  # 0 is down, the first state


def critical_energy(num_sites):
    """Exact ground-state energy of the open chain at h = J = 1 (Pfeuty 1970)."""
    return 1 - 1 / np.sin(np.pi / (2 * (2 * num_sites + 1)))


def product(num_sites, factors):
    """A Kronecker product of matrices at some sites, and of the identity elsewhere."""
    return functools.reduce(np.kron, [factors.get(site, np.eye(2)) for site in range(num_sites)])


@pytest.mark.any_backend
@pytest.mark.parametrize(
    "lattice", [vmc.Chain(1), vmc.Chain(5, periodic=True), vmc.Square(2, 3)], ids=repr
)
def test_matrix(lattice):
    hamiltonian = vmc.Ising(lattice, field=0.7, coupling=-0.3)
    n = lattice.num_sites
    expected = -0.7 * sum(product(n, {i: X}) for i in range(n))
    for i, j in lattice.bonds():
        expected = expected + 0.3 * product(n, {i: Z, j: Z})
    np.testing.assert_allclose(hamiltonian.to_sparse().toarray(), expected, atol=1e-12)


@pytest.mark.any_backend
def test_exact_energies_of_the_critical_chain():
    for num_sites in range(2, 11):
        energy, state = vmc.ground_state(vmc.Ising(vmc.Chain(num_sites)))
        assert energy == pytest.approx(critical_energy(num_sites), abs=1e-9)
        assert (state * state[0] > 0).all()


@pytest.mark.any_backend
@pytest.mark.parametrize("shape", [(7,), pytest.param((2, 4), marks=pytest.mark.one_backend)])
def test_local_energy_is_h_psi_over_psi(shape, random_weights):
    if len(shape) == 1:
        wf, lattice = models.GRUChain(units=8), vmc.Chain(*shape)
    else:
        wf, lattice = models.LSTMLattice(units=4, num_layers=1), vmc.Square(*shape)
    random_weights(wf)
    hamiltonian = vmc.Ising(lattice, field=0.8, coupling=1.2)
    spins = vmc.configurations(shape)
    state = psi(wf, spins)
    local = ops.convert_to_numpy(hamiltonian.local_energy(wf, spins))
    np.testing.assert_allclose(local, hamiltonian.to_sparse() @ state / state, rtol=1e-4, atol=1e-4)
    expected, _ = exact_energy(wf, hamiltonian)
    assert (abs(state) ** 2 * local).sum() == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.any_backend
def test_what_does_not_fit_is_refused():
    hamiltonian = vmc.Ising(vmc.Chain(4))
    with pytest.raises(ValueError, match=r"conserve the total S\^z.* use total_sz=None"):
        vmc.VMC(models.GRUChain(4, total_sz=0), hamiltonian)
    with pytest.raises(ValueError, match="use marshall_sign=False"):
        vmc.VMC(models.GRUChain(4, marshall_sign=True), hamiltonian)
    with pytest.raises(ValueError, match=r"not on Chain\(4\)"):
        hamiltonian.local_energy(models.GRUChain(4), np.zeros((2, 5), int))


def train_critical_chain(num_sites, units, steps, rate):
    """An energy of the critical chain, trained from nothing."""
    wf = models.GRUChain(units=units, phase="none")
    decay = keras.optimizers.schedules.CosineDecay(rate, steps, alpha=0.05)
    stage = vmc.Stage(vmc.Chain(num_sites), steps, learning_rate=decay, local_energy_clip=5.0)
    vmc.retrain(wf, [stage], hamiltonian=vmc.Ising, verbose=0)
    return vmc.estimate_energy(wf, vmc.Ising(vmc.Chain(num_sites)), 20_000, seed=1)


def check_trained(estimate, exact):
    assert estimate.mean > exact - 4 * estimate.std_error
    assert estimate.std_error < 3e-4 * abs(exact)
    assert estimate.relative_error(exact) < 1e-3


def test_a_small_chain_is_trained():
    check_trained(train_critical_chain(8, 16, 200, 2e-2), critical_energy(8))


@pytest.mark.slow
def test_twenty_sites_are_trained():
    check_trained(train_critical_chain(20, 32, 500, 1e-2), critical_energy(20))
