"""The gated lattice: its cell, the snake, causality, normalisation, sampling, flips, training."""

import keras
import numpy as np
import pytest
from keras import ops

import models
import vmc
from models.backend import compiled
from models.layers.recurrence import written_out
from tests.helpers import brute_force_ratios, chi_squared_p, exact_energy, psi, ratios

pytestmark = pytest.mark.any_backend

ONE = pytest.mark.one_backend
OPTIONS = [
    {},
    {"tensorized": False, "edge_distance": 3, "layer_norm": True},
    {"phase": "none", "marshall_sign": True, "total_sz": "smallest", "edge_distance": 1},
]


def make_lattice(random_weights, sites, **options):
    if options.get("total_sz") == "smallest":
        options["total_sz"] = sites % 2 / 2
    return random_weights(models.GatedLattice(units=5, **options))


def logistic(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("tensorized", [True, False])
def test_cell_is_its_equations(tensorized):
    """Written out in double precision, with a matrix for each spin value."""
    cell = models.GatedCell(3, tensorized=tensorized)
    cell.build()
    rng = np.random.default_rng(0)
    cell.set_weights([rng.normal(size=w.shape) for w in cell.get_weights()])
    kernel, bias, carry = cell.get_weights()
    states = rng.normal(size=(2, 3))
    for spins in ((0, 1), (1, 0), (1, 1)):
        x = []
        for state, spin in zip(states, spins):
            one_hot = np.eye(2)[spin]
            x += [np.outer(one_hot, state).ravel()] if tensorized else [state, one_hot]
        gates = np.concatenate(x) @ kernel + bias
        update = logistic(gates[3:])
        expected = update * np.tanh(gates[:3]) + (1 - update) * (states.ravel() @ carry)
        pairs = [
            (state[None].astype("float32"), np.eye(2, dtype="float32")[[spin]])
            for state, spin in zip(states, spins)
        ]
        np.testing.assert_allclose(ops.convert_to_numpy(cell(pairs))[0], expected, atol=1e-6)


def test_the_snake():
    wf = models.GatedLattice(units=2)
    assert wf.order((3, 3)).tolist() == [0, 1, 2, 5, 4, 3, 6, 7, 8]
    assert wf.order((2, 1)).tolist() == [0, 1]
    assert wf.order((1, 4)).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("options", [OPTIONS[0], OPTIONS[1]])
def test_states_are_those_of_a_walk_site_by_site(random_weights, options):
    """The cell at each site of the snake, from the sites that are drawn in its docstring."""
    wf = make_lattice(random_weights, 12, **options)
    spins = np.random.default_rng(0).integers(0, 2, size=(2, 3, 4))
    one_hot = np.eye(2, dtype="float32")[spins]
    nothing = np.zeros((2, 5), "float32"), np.zeros((2, 2), "float32")
    found = {}
    for row in range(3):
        for column in range(4) if row % 2 == 0 else range(3, -1, -1):
            before = row, column + (-1 if row % 2 == 0 else 1)
            above = row - 1, column
            found[row, column] = wf.cell(
                [
                    (found[at], one_hot[:, *at]) if at in found and at[0] >= 0 else nothing
                    for at in (before, above)
                ]
            )
    expected = np.stack([ops.convert_to_numpy(state) for state in found.values()], axis=1)
    contexts = ops.convert_to_numpy(wf.contexts(ops.convert_to_tensor(spins, "int32")))
    np.testing.assert_allclose(contexts, expected, atol=1e-5)


@pytest.mark.parametrize("options", [OPTIONS[0], pytest.param(OPTIONS[1], marks=ONE)])
def test_causal(random_weights, options):
    wf = make_lattice(random_weights, 12, **options)
    spins = ops.convert_to_numpy(wf.sample(2, (3, 4), seed=0))
    compiled_contexts = compiled(models.GatedLattice.contexts)

    def contexts(spins):
        return ops.convert_to_numpy(compiled_contexts(wf, ops.convert_to_tensor(spins, "int32")))

    before = contexts(spins)
    for visit, site in enumerate([0, 1, 2, 3, 7, 6, 5, 4, 8, 9, 10, 11]):
        changed = spins.copy().reshape(2, 12)
        changed[:, site] = 1 - changed[:, site]
        difference = abs(contexts(changed.reshape(2, 3, 4)) - before).max(axis=(0, 2))
        assert (difference[: visit + 1] == 0.0).all()
        assert visit == 11 or (difference[visit + 1 :] > 0).all()


@pytest.mark.parametrize(
    ("shape", "number"),
    [
        ((2, 2), 0), ((3, 3), 1), ((2, 5), 2), ((4, 3), 0), ((4, 3), 2), ((1, 4), 1), ((4, 1), 0),
        *(pytest.param(shape, number, marks=ONE)
          for shape, number in (((2, 2), 1), ((2, 2), 2), ((3, 3), 0), ((3, 3), 2), ((2, 5), 0),
                                ((2, 5), 1), ((4, 3), 1))),
    ],
)  # fmt: skip
def test_normalised(random_weights, shape, number):
    wf = make_lattice(random_weights, np.prod(shape), **OPTIONS[number])
    weights = abs(psi(wf, vmc.configurations(shape))) ** 2
    assert weights.sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("shape", "number"), [((2, 3), 0), ((2, 3), 1), ((2, 3), 2), ((3, 3), 0), ((3, 3), 2)]
)
def test_samples_follow_the_enumerated_probabilities(random_weights, shape, number):
    wf = make_lattice(random_weights, np.prod(shape), **OPTIONS[number])
    probabilities = abs(psi(wf, vmc.configurations(shape))) ** 2
    assert chi_squared_p(wf.sample(20_000, shape, seed=2), probabilities) > 1e-3


@pytest.mark.parametrize(
    ("shape", "number"),
    [((2, 2), 0), ((3, 5), 1), ((4, 4), 2),
     *(pytest.param((5, 4), number, marks=ONE) for number in (0, 2))],
)  # fmt: skip
def test_flip_ratios(random_weights, in_double, shape, number):
    wf = make_lattice(random_weights, np.prod(shape), **OPTIONS[number])
    lattice = vmc.Square(*shape)
    spins = ops.convert_to_numpy(wf.sample(3, shape, seed=3))
    oracle = in_double(wf)
    bonds = np.concatenate([lattice.bonds(1), lattice.bonds(2)[:, ::-1]])
    rng = np.random.default_rng(0)
    for sites in (bonds, np.arange(lattice.num_sites)[:, None]):
        wanted = rng.random((3, len(sites))) < 0.7
        expected = brute_force_ratios(oracle, spins, sites)
        for only, right in ((None, expected), (wanted, expected * wanted)):
            np.testing.assert_allclose(
                ratios(wf.flip_log_ratio(spins, sites, only)), right, atol=5e-5, rtol=5e-5
            )


@pytest.mark.parametrize("options", [pytest.param({}, marks=ONE), OPTIONS[2]])
def test_averaged(random_weights, in_double, options):
    """Over a rectangle's symmetries and the flip of all spins."""
    base = make_lattice(random_weights, 6, **options)
    wf = models.Symmetrized(base, "rectangle", spin_flip=True)
    spins = vmc.configurations((2, 3))
    probabilities = abs(psi(wf, spins)) ** 2
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    for image in (spins[:, ::-1], spins[:, :, ::-1], 1 - spins):
        np.testing.assert_allclose(abs(psi(wf, image)) ** 2, probabilities, atol=1e-6)
    samples = ops.convert_to_numpy(wf.sample(5000, (2, 3), seed=2))
    assert chi_squared_p(samples, probabilities) > 1e-3
    bonds = vmc.Square(2, 3).bonds(1)
    np.testing.assert_allclose(
        ratios(wf.flip_log_ratio(samples[:20], bonds)),
        brute_force_ratios(in_double(wf), samples[:20], bonds), atol=5e-5, rtol=5e-5,
    )  # fmt: skip


def test_written_out_it_is_the_same(random_weights):
    """The pass without loops, which TensorFlow vectorises, is the same."""
    wf = make_lattice(random_weights, 6)
    spins = np.random.default_rng(0).integers(0, 2, size=(3, 2, 3))
    with written_out():
        expected = [ops.convert_to_numpy(x) for x in wf(spins)]
    for one, other in zip(wf(spins), expected):
        np.testing.assert_allclose(ops.convert_to_numpy(one), other, atol=1e-6)


@ONE
def test_every_weight_learns():
    """Also at first, where there are no spins and no states yet."""
    wf = models.GatedLattice(units=4, edge_distance=2)
    model = vmc.VMC(wf, vmc.Heisenberg(vmc.Square(2, 3), j2=0.3), num_samples=50)
    model.compile(keras.optimizers.Adam(), learning_rate=1e-2)
    before = wf.get_weights()
    model.fit(epochs=1, steps_per_epoch=1, verbose=0)
    for one, other in zip(wf.get_weights(), before):
        assert (one != other).mean() > 0.2


def test_trains_to_the_ground_state():
    """By energies of samples alone, on 2x3, to less than 1e-3 above the exact energy."""
    wf = models.GatedLattice(
        units=12, edge_distance=2, phase="none", marshall_sign=True, total_sz=0
    )
    hamiltonian = vmc.Heisenberg(vmc.Square(2, 3))
    model = vmc.VMC(wf, hamiltonian, num_samples=100)
    model.compile(keras.optimizers.Adam(), learning_rate=1e-2)
    model.fit(epochs=1, steps_per_epoch=200, verbose=0)
    energy, norm = exact_energy(wf, hamiltonian)
    exact = np.linalg.eigvalsh(hamiltonian.to_sparse().toarray())[0]
    assert norm == pytest.approx(1, abs=1e-5)
    assert 0 <= 1 - energy.real / exact < 1e-3


@pytest.mark.parametrize("value", [0, 1.5])
def test_errors(random_weights, value):
    with pytest.raises(ValueError, match="units must be a whole number above 0"):
        models.GatedLattice(units=value)
    with pytest.raises(ValueError, match=r"\[batch, rows, columns\], not \(2, 4\)"):
        models.GatedLattice(units=2)(np.zeros((2, 4), int))
    with pytest.raises(ValueError, match=r"lattices of two axes, not on \(4,\)"):
        models.GatedLattice(units=2).sample(2, (4,))
