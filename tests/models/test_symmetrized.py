"""The symmetrised wave function against enumeration and exact states."""

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

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]


# A flip of all spins conserves S^z only where it is zero, which it never is on odd chains.
SECTORS = [(n, s) for n in (1, 2, 7, 10) for s in (None, n % 2 / 2)]
LATTICES = [
    ((2, 3), "rectangle", False),
    ((2, 3), "rectangle", True),
    ((3, 3), "square", False),
    ((2, 2), "square", True),
]


def marshall_signs(spins):
    even = np.indices(spins.shape[1:]).sum(axis=0) % 2 == 0
    return (-1.0) ** spins[:, even].sum(axis=1)


def lattice_images(spins, group, spin_flip):
    """By rotations and mirrors, where the code permutes sites."""
    turns = (0, 1, 2, 3) if group == "square" else (0, 2)
    images = [np.rot90(spins, turn, axes=(1, 2)) for turn in turns]
    images += [image[:, ::-1] for image in images]
    return images + [1 - image for image in images if spin_flip]


@pytest.fixture
def symmetrized_lattice(random_weights):
    def make(group, spin_flip, **options):
        base = random_weights(models.LSTMLattice(units=6, num_layers=2, **options))
        return models.Symmetrized(base, group, spin_flip=spin_flip)

    return make


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


def test_equations_22_and_23_without_it(random_chain):
    base = random_chain()
    spins = vmc.configurations((6,))
    ours, theirs = psi(base, spins), psi(base, spins[:, ::-1])
    size = np.sqrt((abs(ours) ** 2 + abs(theirs) ** 2) / 2)
    phase = np.angle(abs(ours) * ours + abs(theirs) * theirs)
    wf = models.Symmetrized(base, "reflection", marshall_frame=False)
    np.testing.assert_allclose(psi(wf, spins), size * np.exp(1j * phase), atol=1e-5)


@pytest.mark.parametrize("spin_flip", [False, True])
@pytest.mark.parametrize("shape", [(6,), (5,), (2, 2), (2, 3)])
def test_a_positive_state_stays_positive(shape, spin_flip):
    """Whose amplitudes are all the same is even the same state."""
    kind, group = (models.GRUChain, "reflection")
    if len(shape) == 2:
        kind, group = models.LSTMLattice, "rectangle"
    base = kind(2, phase="none")
    base.set_weights([np.zeros(w.shape) for w in base.get_weights()])
    spins = vmc.configurations(shape)
    wf = models.Symmetrized(base, group, spin_flip=spin_flip)
    np.testing.assert_allclose(psi(wf, spins), len(spins) ** -0.5, atol=1e-6)


def test_the_frame_is_that_of_the_base():
    """Unless it is asked for; a network of phases has any signs."""

    def frame(base, **options):
        return models.Symmetrized(base, "reflection", **options).marshall_frame

    assert frame(models.GRUChain(2))
    assert frame(models.GRUChain(2, phase="none", marshall_sign=True))
    assert not frame(models.GRUChain(2, phase="none"))
    assert not frame(models.Symmetrized(models.GRUChain(2), "reflection", marshall_frame=False))
    for asked in (False, True):
        assert frame(models.GRUChain(2), marshall_frame=asked) is asked
        assert frame(models.GRUChain(2, phase="none"), marshall_frame=asked) is asked


def test_the_frame_is_kept(random_chain, in_double):
    spins = vmc.configurations((6,))
    for frame in (False, True):
        wf = models.Symmetrized(random_chain(), "reflection", True, marshall_frame=frame)
        for twin in (wf.copy(), in_double(wf)):
            assert twin.marshall_frame is frame
            np.testing.assert_allclose(psi(twin, spins), psi(wf, spins), atol=1e-5)
        other = wf.copy(marshall_frame=not frame)
        assert abs(np.vdot(psi(other, spins), psi(wf, spins))) < 0.9


@pytest.mark.one_backend
@pytest.mark.parametrize(("shape", "group", "spin_flip"), LATTICES)
def test_lattice_has_its_symmetry(symmetrized_lattice, shape, group, spin_flip):
    wf = symmetrized_lattice(group, spin_flip)
    spins = vmc.configurations(shape)
    images = np.concatenate(lattice_images(spins, group, spin_flip))
    assert len(images) == wf.num_images * len(spins)

    def values(wf):
        """One row for each image."""
        return (psi(wf, images) * marshall_signs(images)).reshape(-1, len(spins))

    ours, plain = values(wf), values(wf.base)
    probabilities = abs(ours[0]) ** 2
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert abs(ours - ours[0]).max() < 1e-5
    assert abs(plain - plain[0]).max() > 1e-2
    assert chi_squared_p(wf.sample(20_000, shape, seed=1), probabilities) > 1e-3


@pytest.mark.parametrize("spin_flip", [False, True])
@pytest.mark.parametrize(
    ("lattice", "group"),
    [
        (vmc.Chain(8), "reflection"),
        (vmc.Chain(10), "reflection"),
        (vmc.Square(2, 3), "rectangle"),
        (vmc.Square(4), "square"),
    ],
    ids=str,
)
def test_exact_ground_state_is_itself(lattice, group, spin_flip):
    """Also on 10 and 2x3 sites, where a reflection changes the ground state's sign."""
    hamiltonian = vmc.Heisenberg(lattice)
    energy, state = vmc.ground_state(hamiltonian)
    wf = models.Symmetrized(Tabulated(state), group, spin_flip=spin_flip)
    symmetrised = psi(wf, vmc.configurations(lattice.shape))
    assert abs(np.vdot(symmetrised, state)) == pytest.approx(1, abs=1e-5)
    assert exact_energy(wf, hamiltonian)[0].real == pytest.approx(energy, abs=1e-4)


@pytest.mark.parametrize("spin_flip", [False, True])
def test_samples(random_chain, spin_flip):
    wf = models.Symmetrized(random_chain(total_sz=0), "reflection", spin_flip=spin_flip)
    probabilities = abs(psi(wf, vmc.configurations((6,)))) ** 2
    assert chi_squared_p(wf.sample(20_000, (6,), seed=1), probabilities) > 1e-3


@pytest.mark.parametrize("marshall_frame", [True, False])
@pytest.mark.parametrize("spin_flip", [False, True])
@pytest.mark.parametrize("options", [{}, {"total_sz": 0, "marshall_sign": True}])
def test_flip_ratios(random_chain, in_double, spin_flip, marshall_frame, options):
    base = random_chain(**options)
    wf = models.Symmetrized(base, "reflection", spin_flip, marshall_frame)
    oracle = models.Symmetrized(in_double(base), "reflection", spin_flip, marshall_frame)
    spins = ops.convert_to_numpy(wf.sample(5, (10,), seed=2))
    bonds = np.concatenate([vmc.Chain(10).bonds(1), vmc.Chain(10).bonds(2)[:, ::-1]])
    for sites in (bonds, [[3], [0]]):
        expected = brute_force_ratios(oracle, spins, sites)
        np.testing.assert_allclose(
            ratios(wf.flip_log_ratio(spins, sites)), expected, atol=5e-5, rtol=5e-5
        )


@pytest.mark.one_backend
@pytest.mark.parametrize(("shape", "group", "spin_flip"), LATTICES[1:3])
def test_flip_ratios_of_lattices(symmetrized_lattice, in_double, shape, group, spin_flip):
    options = {"total_sz": 0, "marshall_sign": True} if group == "rectangle" else {}
    wf = symmetrized_lattice(group, spin_flip, **options)
    oracle = models.Symmetrized(in_double(wf.base), group, spin_flip=spin_flip)
    table = psi(oracle, vmc.configurations(shape))
    spins = ops.convert_to_numpy(wf.sample(5, shape, seed=2))
    lattice = vmc.Square(*shape)
    bonds = np.concatenate([lattice.bonds(1), lattice.bonds(2)[:, ::-1]])
    for sites in (bonds, np.arange(lattice.num_sites)[:, None]):
        bits = 1 << (lattice.num_sites - 1 - sites)
        numbers = spins.reshape(5, -1) @ (1 << np.arange(lattice.num_sites)[::-1])
        flipped = numbers[:, None] ^ bits.sum(axis=1)
        np.testing.assert_allclose(
            ratios(wf.flip_log_ratio(spins, sites)),
            table[flipped] / table[numbers][:, None],
            atol=5e-5, rtol=5e-5,
        )  # fmt: skip


@pytest.mark.parametrize("sites", [[[0], [1], [4]], [[1, 2], [0, 1], [2, 1]]], ids=str)
def test_wanted_ratios_of_any_moves(random_chain, sites):
    """Of moves that their mirror images are not, and of some that come twice."""
    wf = models.Symmetrized(random_chain(), "reflection")
    spins = ops.convert_to_numpy(wf.sample(20, (6,), seed=0))
    wanted = np.random.default_rng(0).random((20, 3)) < 0.5
    expected = np.where(wanted, brute_force_ratios(wf, spins, sites), 0)
    np.testing.assert_allclose(ratios(wf.flip_log_ratio(spins, sites, wanted)), expected, atol=1e-4)


def test_the_base_can_be_used_after_its_wrapper(random_chain):
    base = random_chain()
    wrapped = models.Symmetrized(base, "reflection")
    spins = wrapped.sample(5, (6,), seed=0)
    wrapped.flip_log_ratio(spins, [[0], [1]])
    wrapped.flip_log_ratio(spins, [[5], [4]])
    assert tuple(base.sample(5, (6,), seed=0).shape) == (5, 6)
    other = models.Symmetrized(base, "reflection", spin_flip=True)
    assert tuple(other.sample(5, (6,), seed=0).shape) == (5, 6)


def test_errors(random_chain):
    with pytest.raises(ValueError, match="group must be one of"):
        models.Symmetrized(random_chain(), "rotation")
    with pytest.raises(ValueError, match="does not act on a lattice"):
        models.Symmetrized(random_chain(), "square")
    with pytest.raises(ValueError, match="base must be a wave function, not None"):
        models.Symmetrized(None, "reflection")
    with pytest.raises(ValueError, match=r"shape \(2, 3\) is not a square: use 'rectangle'"):
        models.Symmetrized(models.LSTMLattice(units=4), "square").sample(2, (2, 3))
    with pytest.raises(ValueError, match="does not conserve total_sz=1"):
        models.Symmetrized(random_chain(total_sz=1), "reflection", spin_flip=True)
