"""The Hamiltonian against Kronecker products, its local energy against enumeration."""

import functools

import numpy as np
import pytest
from keras import ops

import models
import vmc
from reproduce.reference import read
from tests.helpers import exact_energy, psi

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]

PAULI = [np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])]


def kronecker(hamiltonian):
    """The matrix from S = sigma / 2, with up the first basis state of each spin."""
    n = hamiltonian.lattice.num_sites
    total = np.zeros((2**n, 2**n), complex)
    for order, coupling in ((1, hamiltonian.j1), (2, hamiltonian.j2)):
        for i, j in hamiltonian.lattice.bonds(order):
            for pauli in PAULI:
                factors = [pauli / 2 if site in (i, j) else np.eye(2) for site in range(n)]
                total += coupling * functools.reduce(np.kron, factors)
    # Configurations count down first: 0 is down, the second state of sigma^z.
    return total[::-1, ::-1]


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("length", [1, 2, 3, 5, 6])
def test_matrix(length, periodic):
    hamiltonian = vmc.Heisenberg(vmc.Chain(length, periodic=periodic), j1=0.8, j2=0.5)
    np.testing.assert_allclose(
        hamiltonian.to_sparse().toarray(), kronecker(hamiltonian), atol=1e-12
    )


def test_exact_energies():
    rows = read("heisenberg_chain_open_dmrg")["energies"]
    for row in (row for row in rows if row["num_sites"] <= 10):
        energy, _ = vmc.ground_state(vmc.Heisenberg(vmc.Chain(row["num_sites"])))
        assert energy == pytest.approx(row["energy"], abs=1e-9)
    # Majumdar and Ghosh: a ring at J2 = J1 / 2 has the energy -3/8 per site.
    energy, _ = vmc.ground_state(vmc.Heisenberg(vmc.Chain(8, periodic=True), j2=0.5))
    assert energy == pytest.approx(-3.0)


@pytest.mark.parametrize("j2", [0.0, 0.5])
@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("options", [{}, {"total_sz": 0}, {"phase": "none", "marshall_sign": True}])
def test_local_energy_averages_to_the_energy(random_chain, j2, periodic, options):
    wf = random_chain(**options)
    hamiltonian = vmc.Heisenberg(vmc.Chain(8, periodic=periodic), j2=j2)
    expected, _ = exact_energy(wf, hamiltonian)
    spins = vmc.configurations((8,))
    weights = abs(psi(wf, spins)) ** 2
    possible = weights > 0
    local = ops.convert_to_numpy(hamiltonian.local_energy(wf, spins[possible]))
    assert np.iscomplexobj(local)
    assert (weights[possible] * local).sum() == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_local_energy_is_h_psi_over_psi(random_chain):
    wf = random_chain()
    hamiltonian = vmc.Heisenberg(vmc.Chain(7), j2=0.3)
    spins = vmc.configurations((7,))
    state = psi(wf, spins)
    np.testing.assert_allclose(
        ops.convert_to_numpy(hamiltonian.local_energy(wf, spins)),
        hamiltonian.to_sparse() @ state / state,
        rtol=1e-4, atol=1e-4,
    )  # fmt: skip


def test_double_precision(random_chain, in_double):
    wf = random_chain(total_sz=0)
    hamiltonian = vmc.Heisenberg(vmc.Chain(80))
    spins = wf.sample(5, (80,), seed=0)
    single = ops.convert_to_numpy(hamiltonian.local_energy(wf, spins))
    double = ops.convert_to_numpy(hamiltonian.local_energy(in_double(wf), spins))
    np.testing.assert_allclose(single, double, rtol=1e-4)


def test_no_configurations_have_no_energies(random_chain):
    energies = vmc.Heisenberg(vmc.Chain(6)).local_energy(random_chain(), np.zeros((0, 6), int))
    assert tuple(energies.shape) == (0,)


def test_errors(random_chain):
    hamiltonian = vmc.Heisenberg(vmc.Chain(6))
    with pytest.raises(ValueError, match="1 of the 2 configurations do not have 3 up spins"):
        hamiltonian.local_energy(random_chain(total_sz=0), [[0, 1] * 3, [1] * 6])
    with pytest.raises(ValueError, match=r"shape \(2, 5\) are not on Chain\(6\)"):
        hamiltonian.local_energy(random_chain(), np.zeros((2, 5), int))
    with pytest.raises(ValueError, match="no two sublattices"):
        vmc.Heisenberg(vmc.Chain(5, periodic=True)).check(models.GRUChain(4, marshall_sign=True))
    with pytest.raises(ValueError, match="up to 20 sites"):
        vmc.Heisenberg(vmc.Chain(21)).to_sparse()
