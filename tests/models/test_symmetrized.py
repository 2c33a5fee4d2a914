"""The symmetrised wave function against enumeration and exact states."""

import keras
import numpy as np
import pytest
from keras import ops

import models
import vmc
from tests.helpers import (
    Tabulated,
    brute_force_ratios,
    chi_squared_p,
    exact_energy,
    psi,
    ratios,
)

pytestmark = pytest.mark.any_backend


# A flip of all spins conserves no S^z but zero, which odd chains have not got.
SECTORS = [(n, s) for n in (1, 2, 7, 10) for s in (None, n % 2 / 2)]


@pytest.mark.parametrize(
    ("num_sites", "total_sz", "spin_flip"),
    [(n, s, f) for n, s in SECTORS for f in (False, True) if not (f and s)],
)
def test_normalised_and_symmetric(random_chain, num_sites, total_sz, spin_flip):
    base = random_chain(total_sz=total_sz)
    wf = models.Symmetrized(base, "reflection", spin_flip=spin_flip)
    spins = vmc.configurations((num_sites,))
    state = psi(wf, spins)
    assert (abs(state) ** 2).sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(abs(psi(wf, spins[:, ::-1])), abs(state), atol=1e-5)
    if spin_flip:
        np.testing.assert_allclose(abs(psi(wf, 1 - spins)), abs(state), atol=1e-5)


def test_equations_22_and_23_in_the_marshall_frame(random_chain):
    base = random_chain()
    spins = vmc.configurations((6,))
    signs = (-1.0) ** spins[:, ::2].sum(axis=1)
    mirrored_signs = (-1.0) ** spins[:, ::-1][:, ::2].sum(axis=1)
    ours = psi(base, spins) * signs
    theirs = psi(base, spins[:, ::-1]) * mirrored_signs
    size = np.sqrt((abs(ours) ** 2 + abs(theirs) ** 2) / 2)
    phase = np.angle(abs(ours) * ours + abs(theirs) * theirs)
    expected = signs * size * np.exp(1j * phase)
    np.testing.assert_allclose(
        psi(models.Symmetrized(base, "reflection"), spins), expected, atol=1e-5
    )


@pytest.mark.parametrize("spin_flip", [False, True])
@pytest.mark.parametrize("num_sites", [8, 10])
def test_exact_ground_state_is_itself(num_sites, spin_flip):
    """Also on 10 sites, where a reflection changes the ground state's sign."""
    hamiltonian = vmc.Heisenberg(vmc.Chain(num_sites))
    energy, state = vmc.ground_state(hamiltonian)
    wf = models.Symmetrized(Tabulated(state), "reflection", spin_flip=spin_flip)
    symmetrised = psi(wf, vmc.configurations((num_sites,)))
    assert abs(np.vdot(symmetrised, state)) == pytest.approx(1, abs=1e-5)
    assert exact_energy(wf, hamiltonian)[0].real == pytest.approx(energy, abs=1e-4)


@pytest.mark.parametrize("spin_flip", [False, True])
def test_samples(random_chain, spin_flip):
    wf = models.Symmetrized(random_chain(total_sz=0), "reflection", spin_flip=spin_flip)
    probabilities = abs(psi(wf, vmc.configurations((6,)))) ** 2
    assert chi_squared_p(wf.sample(20_000, (6,), seed=1), probabilities) > 1e-3


@pytest.mark.parametrize("spin_flip", [False, True])
@pytest.mark.parametrize("options", [{}, {"total_sz": 0, "marshall_sign": True}])
def test_flip_ratios(random_chain, in_double, spin_flip, options):
    base = random_chain(**options)
    wf = models.Symmetrized(base, "reflection", spin_flip=spin_flip)
    oracle = models.Symmetrized(in_double(base), "reflection", spin_flip=spin_flip)
    spins = ops.convert_to_numpy(wf.sample(5, (10,), seed=2))
    for sites in (vmc.Chain(10).bonds(1), vmc.Chain(10).bonds(2)[:, ::-1], [[3], [0]]):
        expected = brute_force_ratios(oracle, spins, sites)
        np.testing.assert_allclose(
            ratios(wf.flip_log_ratio(spins, sites)), expected, atol=5e-5, rtol=5e-5
        )


def test_the_base_can_be_used_after_its_wrapper(random_chain):
    base = random_chain()
    wrapped = models.Symmetrized(base, "reflection")
    spins = wrapped.sample(5, (6,), seed=0)
    wrapped.flip_log_ratio(spins, [[0], [1]])
    wrapped.flip_log_ratio(spins, [[5], [4]])
    assert tuple(base.sample(5, (6,), seed=0).shape) == (5, 6)
    other = models.Symmetrized(base, "reflection", spin_flip=True)
    assert tuple(other.sample(5, (6,), seed=0).shape) == (5, 6)


def test_saved_and_loaded(random_chain, tmp_path):
    wf = models.Symmetrized(random_chain(total_sz=0), "reflection", spin_flip=True)
    wf.save(tmp_path / "wf.keras")
    copy = keras.saving.load_model(tmp_path / "wf.keras")
    spins = wf.sample(4, (8,), seed=0)
    np.testing.assert_array_equal(psi(copy, spins), psi(wf, spins))
    assert copy.spin_flip


def test_errors(random_chain):
    with pytest.raises(ValueError, match="group must be one of"):
        models.Symmetrized(random_chain(), "rotation")
    with pytest.raises(ValueError, match="does not act on a lattice"):
        models.Symmetrized(random_chain(), "square")
    with pytest.raises(ValueError, match="does not conserve total_sz=1"):
        models.Symmetrized(random_chain(total_sz=1), "reflection", spin_flip=True)
