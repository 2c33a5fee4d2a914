"""Sectors of `models.Symmetrized`, by enumeration."""

import numpy as np
import pytest
from keras import ops

import models
import vmc
from models.characters import SQUARE
from models.symmetry import permutations
from tests.helpers import Tabulated, brute_force_ratios, chi_squared_p, psi, ratios

pytestmark = pytest.mark.any_backend

# Shape, group, characters, flip of all spins, options of the base.
SECTORS = [
    ((6,), "reflection", -1, False, {"total_sz": 1, "marshall_sign": True}),
    ((6,), "reflection", 1, -1, {"total_sz": 0}),
    ((6,), "translations", (1,), False, {}),
    ((2, 3), "rectangle", (1, -1), 1, {}),
    pytest.param((3, 3), "square", "B1", False, {"total_sz": 0.5}, marks=pytest.mark.one_backend),
]


@pytest.fixture
def sector(random_weights):
    def make(shape, group, characters, spin_flip, options):
        chain = len(shape) == 1
        base = models.GRUChain(6, **options) if chain else models.LSTMLattice(4, 2, **options)
        base = random_weights(base, scale=0.3)
        return models.Symmetrized(base, group, spin_flip=spin_flip, characters=characters)

    return make


def images(shape, group, characters, spin_flip):
    """Functions of configurations with their eigenvalues, by rotations and the like."""
    if group == "translations":
        (k,) = characters
        return [(lambda s: np.roll(s, -1, axis=1), np.exp(2j * np.pi * k / shape[0]))]
    if group == "reflection":
        found = [(lambda s: s[:, ::-1], characters)]
    elif group == "rectangle":
        found = [(lambda s: s[:, ::-1], characters[0]), (lambda s: s[:, :, ::-1], characters[1])]
    else:  # B1
        found = [(lambda s: np.rot90(s, 1, axes=(1, 2)), -1), (lambda s: s[:, ::-1], 1)]
    return found + ([(lambda s: 1 - s, int(spin_flip))] if spin_flip else [])


@pytest.mark.parametrize(("shape", "group", "characters", "spin_flip", "options"), SECTORS)
def test_norm_eigenvalues_samples_and_ratios(sector, shape, group, characters, spin_flip, options):
    wf = sector(shape, group, characters, spin_flip, options)
    spins = vmc.configurations(shape)
    state = psi(wf, spins)
    assert (abs(state) ** 2).sum() == pytest.approx(1, abs=1e-5)
    for image, eigenvalue in images(shape, group, characters, spin_flip):
        np.testing.assert_allclose(psi(wf, image(spins)), eigenvalue * state, atol=1e-5)

    samples = ops.convert_to_numpy(wf.sample(4000, shape, seed=1))
    assert (abs(psi(wf, samples)) > 0).all()
    assert chi_squared_p(samples, abs(state) ** 2) > 1e-3

    # Of the base's probability, what the sector keeps.
    kept = (abs(psi(wf.base, spins)) ** 2)[abs(state) > 0].sum()
    assert float(wf.acceptance(shape)) == pytest.approx(kept, abs=1e-5)
    assert kept < 0.97

    lattice = vmc.Chain(*shape) if len(shape) == 1 else vmc.Square(*shape)
    bonds = lattice.bonds()
    table = brute_force_ratios(wf, samples[:6], bonds)
    np.testing.assert_allclose(
        ratios(wf.flip_log_ratio(samples[:6], bonds)), table, atol=2e-4, rtol=2e-4
    )


def test_the_equation(random_chain):
    """Also for two elements that are their own inverses, written out."""
    base = random_chain()
    spins = vmc.configurations((6,))
    ours, theirs = psi(base, spins), psi(base, spins[:, ::-1])
    total = abs(ours) * ours - abs(theirs) * theirs
    size = np.sqrt(abs(ours) ** 2 + abs(theirs) ** 2) * (spins != spins[:, ::-1]).any(axis=1)
    expected = size * np.exp(1j * np.angle(total))
    for frame in (True, False):
        wf = models.Symmetrized(base, "reflection", marshall_frame=frame, characters=-1)
        state = psi(wf, spins)
        np.testing.assert_allclose(state, expected / np.linalg.norm(expected), atol=1e-5)


def test_an_estimated_acceptance(random_chain, monkeypatch):
    """Where the configurations that are rejected are too many to enumerate."""
    from models import characters

    wf = models.Symmetrized(random_chain(scale=0.2), "reflection", characters=-1)
    spins = vmc.configurations((6,))
    exact = float(wf.acceptance((6,)))
    monkeypatch.setattr(characters.Sector.forbidden, "__defaults__", (2,))
    characters.lattice_sector.cache_clear()
    try:
        assert wf.sector((6,)).zeros is None
        error = np.sqrt(exact * (1 - exact) / 1024)
        estimate = float(wf.acceptance((6,)))
        assert 0 < abs(estimate - exact) < 4 * error
        norm = (abs(psi(wf.copy(), spins)) ** 2).sum()
        assert norm == pytest.approx(exact / estimate, abs=1e-5)
    finally:
        characters.lattice_sector.cache_clear()


def test_parity_of_the_chain_of_ten():
    """The exact ground state is odd, and what is even is orthogonal to it."""
    _, state = vmc.ground_state(vmc.Heisenberg(vmc.Chain(10)))
    spins = vmc.configurations((10,))
    base = Tabulated(state)
    odd, even, usual = (
        psi(models.Symmetrized(base, "reflection", characters=c), spins) for c in (-1, 1, None)
    )
    assert abs(np.vdot(odd, state)) == pytest.approx(1, abs=1e-5)
    assert abs(np.vdot(usual, state)) == pytest.approx(1, abs=1e-5)
    assert abs(np.vdot(even, state)) < 1e-6
    # The flip of all spins has the eigenvalue (-1)^5 in every singlet of ten spins.
    for flip, overlap in ((True, 1), (-1, 1), (1, 0)):
        flipped = models.Symmetrized(base, "reflection", spin_flip=flip)
        assert abs(np.vdot(psi(flipped, spins), state)) == pytest.approx(overlap, abs=1e-5)


def test_irreps_of_the_square_are_orthogonal_representations():
    group = permutations("square", (3, 3))
    number = {tuple(p): k for k, p in enumerate(group)}
    products = np.array([[number[tuple(p[q])] for q in group] for p in group])
    chi = np.array(list(SQUARE.values()))
    for values in chi:
        assert (values[products] == np.outer(values, values)).all()
    assert (chi @ chi.T == 8 * np.eye(4)).all()


def test_a_base_that_has_no_sign_of_its_own_is_in_the_sector():
    """All amplitudes alike: each sum cancels."""
    base = models.GRUChain(2, phase="none")
    base.set_weights([np.zeros(w.shape) for w in base.get_weights()])
    spins = vmc.configurations((6,))
    for k in (1, 2, 3):
        state = psi(models.Symmetrized(base, "translations", characters=k), spins)
        moved = psi(
            models.Symmetrized(base, "translations", characters=k), np.roll(spins, -1, axis=1)
        )
        assert np.linalg.norm(state) == pytest.approx(1, abs=1e-5)
        np.testing.assert_allclose(moved, np.exp(1j * np.pi * k / 3) * state, atol=1e-5)


def test_trivial_characters_change_nothing(random_chain):
    base = random_chain(total_sz=0, marshall_sign=True)
    spins = vmc.configurations((6,))
    frame = models.Symmetrized(base, "reflection", True, marshall_frame=False)
    plain = models.Symmetrized(base, "reflection", 1, characters=1)
    samples = frame.sample(9, (6,), seed=0), plain.sample(9, (6,), seed=0)
    for a, b in (*zip(frame(spins), plain(spins)), samples):
        np.testing.assert_array_equal(*map(ops.convert_to_numpy, (a, b)))
    assert frame.uniforms_per_sample((6,)) == base.uniforms_per_sample((6,)) + 1


def test_copies_and_files_keep_the_sector(random_chain, tmp_path):
    import keras

    wf = models.Symmetrized(random_chain(), "translations", -1, characters=[2])
    spins = vmc.configurations((6,))
    wf.save(tmp_path / "a.keras")
    for twin in (wf.copy(), keras.saving.load_model(tmp_path / "a.keras")):
        assert (twin.characters, twin.spin_flip) == ((2,), -1)
        np.testing.assert_allclose(psi(twin, spins), psi(wf, spins), atol=1e-6)


@pytest.mark.parametrize(
    ("group", "characters", "message"),
    [
        ("square", "E", "E has two dimensions"),
        ("square", -1, "The square has characters"),
        ("reflection", "A1", "does not have characters 'A1'"),
        ("reflection", 2, "are 1 or -1, not 2"),
        ("rectangle", -1, "are two numbers"),
        ("translations", 0.5, "are whole numbers"),
    ],
)
def test_characters_of_another_group(group, characters, message):
    kind = models.LSTMLattice if group in ("square", "rectangle") else models.GRUChain
    with pytest.raises(ValueError, match=message):
        models.Symmetrized(kind(units=2), group, characters=characters)


def test_other_errors():
    with pytest.raises(ValueError, match="spin_flip must be True, False, 1 or -1, not 2"):
        models.Symmetrized(models.GRUChain(2), "reflection", spin_flip=2)
    with pytest.raises(ValueError, match="1 components, not"):
        models.Symmetrized(models.GRUChain(2), "translations", characters=(1, 1))
    with pytest.raises(ValueError, match="No state on the shape"):
        models.Symmetrized(models.GRUChain(2), "reflection", characters=-1).sample(1, (1,))
