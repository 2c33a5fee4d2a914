"""Training in a sector of a symmetry group, against exact energies of that sector."""

import keras
import numpy as np
import pytest

import models
import vmc
from models.symmetry import permutations
from tests.helpers import exact_energy

pytestmark = pytest.mark.any_backend


def lowest(hamiltonian, group, chi, spin_flip=None):
    """The lowest energy where each permutation has its eigenvalue, from the full matrix."""
    shape = hamiltonian.lattice.shape
    spins = vmc.configurations(shape).reshape(2**hamiltonian.lattice.num_sites, -1)
    powers = 1 << np.arange(spins.shape[1] - 1, -1, -1)
    size = len(spins)
    projector = np.zeros((size, size), complex)
    for permutation, value in zip(permutations(group, shape), chi):
        image = spins[:, permutation] @ powers
        projector[np.arange(size), image] += np.conj(value) / len(chi)
    if spin_flip:
        projector = (projector + spin_flip * projector[:, ::-1]) / 2
    matrix = hamiltonian.to_sparse().toarray()
    return np.linalg.eigvalsh(matrix @ projector + 100 * (np.eye(size) - projector))[0]


def test_energies_stay_above_the_lowest_of_their_sector(random_chain):
    ring = vmc.Heisenberg(vmc.Chain(6, periodic=True))
    for k in (0, 1, 3):
        bound = lowest(ring, "translations", np.exp(2j * np.pi * k * np.arange(6) / 6))
        wf = models.Symmetrized(random_chain(total_sz=0), "translations", characters=k)
        energy, _ = exact_energy(wf, ring)
        assert energy.real > bound - 1e-5
        assert abs(energy.imag) < 1e-5
        spins = wf.sample(3000, (6,), seed=0)
        local = np.array(ring.local_energy(wf, spins))
        error = local.real.std() / np.sqrt(len(local))
        assert local.real.mean() == pytest.approx(energy.real, abs=4 * error)


def test_odd_parity_of_the_chain_of_eight():
    """Whose ground state is even; the lowest odd state is a triplet."""
    lattice = vmc.Chain(8)
    hamiltonian = vmc.Heisenberg(lattice)
    bound = lowest(hamiltonian, "reflection", (1, -1))
    assert bound == pytest.approx(-2.982240, abs=1e-6)
    keras.utils.set_random_seed(1)
    base = models.GRUChain(12, total_sz=1, marshall_sign=True, phase="none")
    stage = vmc.Stage(lattice, steps=250, num_samples=100, group="reflection", characters=-1)
    wf = stage.wave_function(base)
    model = stage.trainer(wf, vmc.Heisenberg, seed=0)
    model.compile(keras.optimizers.Adam(0.01))
    model.fit(epochs=1, steps_per_epoch=stage.steps, verbose=0)
    energy, _ = exact_energy(wf, hamiltonian)
    assert bound - 1e-5 < energy.real < bound + 5e-3


def test_open_lattices_have_no_momentum():
    wf = models.Symmetrized(models.GRUChain(2, total_sz=0), "translations", characters=1)
    with pytest.raises(ValueError, match=r"need a periodic lattice, unlike Chain\(6\)"):
        vmc.Heisenberg(vmc.Chain(6)).check(wf)
    vmc.Heisenberg(vmc.Chain(6, periodic=True)).check(wf)
    with pytest.raises(ValueError, match="need a periodic lattice"):
        vmc.Stage(vmc.Chain(6), steps=1, group="translations", characters=1)
    with pytest.raises(ValueError, match="characters need a group"):
        vmc.Stage(vmc.Chain(6), steps=1, characters=-1)


def test_sectors_are_not_refused_as_the_ground_state_is():
    """Any sector may be asked for; only the frame's must be the ground state's."""
    hamiltonian = vmc.Heisenberg(vmc.Chain(10))
    base = models.GRUChain(2, total_sz=0)
    for parity in (1, -1):
        hamiltonian.check(models.Symmetrized(base, "reflection", -1, False, parity))
    with pytest.raises(ValueError, match="averages to zero: use marshall_frame=True"):
        hamiltonian.check(models.Symmetrized(base, "reflection", marshall_frame=False))
