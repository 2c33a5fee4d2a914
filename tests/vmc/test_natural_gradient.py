"""The natural gradient against the full matrix, and gradients one by one."""

import keras
import numpy as np
import pytest
from keras import ops

import models
import vmc
from tests.helpers import as_tensors, backend_is_tensorflow, backend_is_torch, exact_energy, psi
from vmc.training.minibatch import Minibatch
from vmc.training.natural_gradient import NaturalGradient, centred_rows, split

pytestmark = pytest.mark.any_backend

WAVE_FUNCTIONS = {
    "chain": (lambda: models.GRUChain(units=4), (6,)),
    "edges": (lambda: models.GRUChain(units=4, edge_distance=3, total_sz=0), (6,)),
    "positive": (lambda: models.GRUChain(units=4, phase="none", marshall_sign=True), (6,)),
    "normalised": (lambda: models.GRUChain(units=4, layer_norm=True), (6,)),
    "symmetrised": (lambda: models.Symmetrized(models.GRUChain(units=4), "reflection"), (6,)),
    "gated": (lambda: models.GatedLattice(units=3), (2, 3)),
    "square": (lambda: models.LSTMLattice(units=3, num_layers=2, feedforward_units=4), (2, 3)),
}


def lattice(shape):
    return vmc.Chain(*shape) if len(shape) == 1 else vmc.Square(*shape)


def trainer(wf, shape, **options):
    model = vmc.VMC(wf, vmc.Heisenberg(lattice(shape)), num_samples=10)
    model.compile(
        keras.optimizers.SGD(0.01), direction=NaturalGradient(**options), learning_rate=0.01
    )
    return model


def rows_of(model, spins):
    """The per-sample gradients of the backend's step, as NumPy arrays."""
    found = model.backend.per_sample_gradients(model, spins)
    return [g and [ops.convert_to_numpy(x) for x in g] for g in found]


@pytest.mark.parametrize(
    "name",
    ["chain", *(pytest.param(n, marks=pytest.mark.one_backend) for n in [*WAVE_FUNCTIONS][1:])],
)
def test_per_sample_gradients_are_those_of_each_sample(name, random_weights, in_double):
    """Along random directions, against differences in double precision."""
    make, shape = WAVE_FUNCTIONS[name]
    wf = make()
    spins = wf.sample(5, shape, seed=1)
    wf(spins)
    random_weights(wf, scale=0.3)
    model = trainer(wf, shape)
    for part, rows in enumerate(rows_of(model, spins)):
        if rows is None:
            assert name == "positive"
            continue
        rng = np.random.default_rng(part)
        weights = wf.get_weights()
        twin = in_double(wf)
        # Some of Keras' operations on JAX are in single precision, whatever they are given.
        step, tolerance = (1e-5, 1e-3) if backend_is_tensorflow() else (3e-4, 2e-2)
        for _ in range(3):
            direction = [rng.normal(size=w.shape) for w in weights]
            ends = []
            for sign in (1, -1):
                twin.set_weights([w + sign * step * d for w, d in zip(weights, direction)])
                ends.append(ops.convert_to_numpy(twin(spins)[part]))
            difference = ends[0] - ends[1]
            if part == 1:
                difference = np.angle(np.exp(1j * difference))
            found = sum((r * d).reshape(5, -1).sum(1) for r, d in zip(rows, direction))
            expected = difference / (2 * step)
            np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", ["chain", "positive"])
def test_a_step_is_that_of_the_full_matrix(name, random_weights):
    """Enumerated, on 6 sites, without momentum: (S + damping)^-1 g in double precision."""
    make, shape = WAVE_FUNCTIONS[name]
    wf = make()
    spins = vmc.configurations(shape)
    wf(spins)
    random_weights(wf, scale=0.3)
    model = trainer(wf, shape, damping=1e-2, momentum=0.0, max_step=1e9)
    rows = rows_of(model, spins)
    probabilities = abs(psi(wf, spins)) ** 2
    probabilities /= probabilities.sum()
    hamiltonian = vmc.Heisenberg(lattice(shape))
    energy = tuple(ops.convert_to_numpy(e) for e in hamiltonian.local_energy_parts(wf, spins))
    weights = ops.convert_to_tensor(probabilities.astype("float32"))
    minibatch = Minibatch(model, ops.convert_to_tensor(spins), energy, weights)
    found, _, _ = model.direction.find(
        minibatch, {"direction": ops.zeros_like(ops.convert_to_tensor(model.memory["direction"]))}
    )
    found = np.concatenate([ops.convert_to_numpy(part).reshape(-1) for part in found])

    derivatives = sum(
        factor * np.concatenate([x.reshape(len(spins), -1) for x in g], 1).astype("complex128")
        for factor, g in zip((1, 1j), rows)
        if g
    )
    derivatives -= probabilities @ derivatives
    local = energy[0] + 1j * energy[1]
    local = local - probabilities @ local
    weighted = derivatives.conj() * probabilities[:, None]
    s = (weighted.T @ derivatives).real
    g = (weighted.T @ local).real
    expected = np.linalg.solve(s + 1e-2 * np.eye(len(s)), g)
    np.testing.assert_allclose(found, expected, atol=2e-3 * abs(expected).max())


def test_momentum_fills_in_what_the_samples_do_not_say():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 8)).astype("float32")
    e = rng.normal(size=3).astype("float32")
    before = rng.normal(size=8).astype("float32")
    natural = NaturalGradient(1e-6, 0.9, 1e9)
    found = ops.convert_to_numpy(natural.solve(*as_tensors(x, e, before), rate=0.1))
    # X d = e is met, and across the rows of X it is the old direction.
    np.testing.assert_allclose(x @ found, e, atol=1e-4)
    across = np.eye(8) - np.linalg.pinv(x) @ x
    np.testing.assert_allclose(across @ found, 0.9 * across @ before, atol=1e-4)


def test_a_wild_batch_is_bounded_before_it_is_remembered():
    x = np.eye(2, dtype="float32")
    natural = NaturalGradient(damping=0.0, momentum=0.9, max_step=0.1)
    residual, before = np.array([1e6, 0.0], "float32"), np.zeros(2, "float32")
    wild = natural.solve(*as_tensors(x, residual, before), rate=0.02)
    assert np.linalg.norm(ops.convert_to_numpy(wild)) == pytest.approx(5.0)


def test_rows_and_split_are_inverse_in_order():
    parts = [np.arange(12.0).reshape(2, 2, 3), np.arange(8.0).reshape(2, 4)]
    weights = ops.convert_to_tensor([0.5, 0.5], "float64")
    rows = ops.convert_to_numpy(centred_rows(as_tensors(*parts), weights))
    expected = np.concatenate([p.reshape(2, -1) for p in parts], 1)
    np.testing.assert_allclose(rows, (expected - expected.mean(0)) / np.sqrt(2))
    back = split(np.arange(10.0), [(2, 3), (4,)])
    np.testing.assert_array_equal(ops.convert_to_numpy(back[0]), np.arange(6.0).reshape(2, 3))
    np.testing.assert_array_equal(ops.convert_to_numpy(back[1]), np.arange(6.0, 10.0))


@pytest.mark.skipif(backend_is_torch(), reason="loops over samples, for a minute")
def test_a_chain_of_6_is_trained_within_1e_3():
    wf = models.GRUChain(units=8, phase="none", marshall_sign=True, total_sz=0)
    hamiltonian = vmc.Heisenberg(vmc.Chain(6))
    stage = vmc.Stage(
        vmc.Chain(6), 60, learning_rate=0.05, num_samples=50, temperature=0.0,
        direction=NaturalGradient(), local_energy_clip=5.0,
    )  # fmt: skip
    vmc.retrain(wf, [stage], verbose=0)
    exact, _ = vmc.ground_state(hamiltonian)
    energy, _ = exact_energy(wf, hamiltonian)
    assert exact <= energy.real <= exact + 1e-3 * abs(exact)
