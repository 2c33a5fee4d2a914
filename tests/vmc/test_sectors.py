"""Exact states of sectors."""

import numpy as np
import pytest

import vmc

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]


@pytest.mark.parametrize(("total_sz", "energy"), [(1, -2.982240), (2, -1.831613), (-2, -1.831613)])
def test_energies_of_eight_spins(total_sz, energy):
    assert vmc.ground_state(vmc.Heisenberg(vmc.Chain(8)), total_sz)[0] == pytest.approx(
        energy, abs=5e-7
    )


@pytest.mark.parametrize(
    "hamiltonian",
    [vmc.Heisenberg(vmc.Square(2, 3), j2=0.4, field=0.3),
     vmc.PauliSum(vmc.Chain(5), [("XY", [0, 2], 0.7), ("YX", [0, 2], -0.7), ("Z", [1], 0.2),
                                 ("XX", [1, 4], 0.5), ("YY", [1, 4], 0.5)])],
    ids=["real", "complex"],
)  # fmt: skip
def test_sectors_are_the_blocks_of_the_full_matrix(hamiltonian):
    n = hamiltonian.lattice.num_sites
    dense = hamiltonian.to_sparse().toarray()
    ups = vmc.configurations((n,)).sum(axis=1)
    found = []
    for number in range(n + 1):
        block = dense[np.ix_(ups == number, ups == number)]
        energies, states = vmc.ground_state(hamiltonian, number - n / 2, len(block))
        if len(block) == 1:
            energies, states = np.array([energies]), states[:, None]
        np.testing.assert_allclose(energies, np.linalg.eigvalsh(block), atol=1e-12)
        np.testing.assert_allclose(dense @ states, energies * states, atol=1e-12)
        found.extend(energies)
    np.testing.assert_allclose(np.sort(found), np.linalg.eigvalsh(dense), atol=1e-12)


def test_several_states_of_a_large_matrix():
    hamiltonian = vmc.Ising(vmc.Chain(9), field=0.7)
    energies, states = vmc.ground_state(hamiltonian, num_states=3)
    np.testing.assert_allclose(
        energies, np.linalg.eigvalsh(hamiltonian.to_sparse().toarray())[:3], atol=1e-9
    )
    np.testing.assert_allclose(states.T @ states, np.eye(3), atol=1e-9)


def test_more_sites_than_the_full_matrix_has():
    """Two magnons above all spins up, on a ring too long for the full matrix."""
    ring = vmc.Chain(22, periodic=True)
    energy, state = vmc.ground_state(vmc.Heisenberg(ring, j1=-1.0), total_sz=10)
    # A rotation of all spins up: the energy of that state.
    assert energy == pytest.approx(-22 / 4)
    assert state.shape == (2**22,)


def test_what_is_not_there():
    with pytest.raises(ValueError, match=r"Ising\(.*\) does not conserve the total S"):
        vmc.ground_state(vmc.Ising(vmc.Chain(4)), total_sz=0)
    with pytest.raises(ValueError, match="total_sz"):
        vmc.ground_state(vmc.Heisenberg(vmc.Chain(4)), total_sz=0.5)
    with pytest.raises(ValueError, match="There are 4 states, fewer than num_states=5"):
        vmc.ground_state(vmc.Heisenberg(vmc.Chain(4)), total_sz=1, num_states=5)
    with pytest.raises(ValueError, match="up to 20 sites, not 21"):
        vmc.ground_state(vmc.Heisenberg(vmc.Chain(21)))
