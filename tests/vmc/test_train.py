"""The train step: it lowers energies, is traced once, survives NaN."""

import keras
import numpy as np
import pytest
from keras import ops

import models
import vmc
from tests.helpers import backend_is_tensorflow

OURS = {"units": 24, "total_sz": 0, "marshall_sign": True, "phase": "none"}


def train(wf, hamiltonian, steps, rate, **options):
    model = vmc.VMC(wf, hamiltonian, **options)
    model.compile(
        keras.optimizers.Adam(0.0), direction=vmc.Gradient(clip=1.0),
        learning_rate=keras.optimizers.schedules.CosineDecay(rate, steps, 0.05),
    )  # fmt: skip
    history = vmc.StepHistory()
    model.fit(steps_per_epoch=steps, callbacks=[history], verbose=0)
    return model, history.arrays()


@pytest.mark.any_backend
def test_fifty_steps_on_eight_sites():
    hamiltonian = vmc.Heisenberg(vmc.Chain(8))
    exact, _ = vmc.ground_state(hamiltonian)
    wf = models.GRUChain(**OURS)
    before = vmc.estimate_energy(wf, hamiltonian, 1000)
    model, history = train(wf, hamiltonian, 50, 2e-2)
    after = vmc.estimate_energy(wf, hamiltonian, 1000)
    assert len(history["energy"]) == 50
    assert int(ops.convert_to_numpy(model.minibatch.value)) == 50
    assert before.relative_error(exact) > 0.3
    assert after.relative_error(exact) < 0.05


@pytest.mark.parametrize("num_sites", [8, 12])
def test_reaches_the_ground_state(num_sites):
    hamiltonian = vmc.Heisenberg(vmc.Chain(num_sites))
    exact, _ = vmc.ground_state(hamiltonian)
    wf = models.GRUChain(**OURS)
    steps = 400 if num_sites == 8 else 600
    temperature = keras.optimizers.schedules.PolynomialDecay(0.5, steps // 2, 0.0)
    train(wf, hamiltonian, steps, 2e-2, temperature=temperature, local_energy_clip=5.0)
    estimate = vmc.estimate_energy(wf, hamiltonian, 20_000, seed=1)
    assert estimate.std_error < 3e-4 * abs(exact)
    assert estimate.relative_error(exact) < 1e-3
    assert estimate.mean > exact - 4 * estimate.std_error


def test_frustrated_ring_with_free_phases():
    """Exact: -3/8 a site (Majumdar and Ghosh)."""
    hamiltonian = vmc.Heisenberg(vmc.Chain(8, periodic=True), j2=0.5)
    wf = models.GRUChain(units=24, total_sz=0)
    temperature = keras.optimizers.schedules.PolynomialDecay(0.5, 400, 0.0)
    train(wf, hamiltonian, 800, 2e-2, temperature=temperature, num_samples=200)
    estimate = vmc.estimate_energy(wf, hamiltonian, 10_000, seed=1)
    assert estimate.relative_error(-3.0) < 1e-2
    assert estimate.mean > -3.0 - 4 * estimate.std_error
    assert abs(estimate.imaginary_mean) < 4 * estimate.std_error


@pytest.mark.skipif(not backend_is_tensorflow(), reason="counts tf.function traces")
def test_traced_once_for_each_lattice(monkeypatch):
    traces = []
    original = vmc.VMC.local_energies

    def counting(self, *args):
        traces.append(self.hamiltonian.lattice)
        return original(self, *args)

    monkeypatch.setattr(vmc.VMC, "local_energies", counting)
    wf = models.GRUChain(**OURS)
    stages = [vmc.Stage(vmc.Chain(n), steps=5) for n in (4, 6)]
    vmc.retrain(wf, stages, verbose=0)
    assert traces == [vmc.Chain(4), vmc.Chain(6)]
    model, _ = train(wf, vmc.Heisenberg(vmc.Chain(8)), 3, 1e-3)
    model.fit(epochs=2, steps_per_epoch=3, verbose=0)
    assert traces[2:] == [vmc.Chain(8)]


@pytest.mark.any_backend
def test_no_two_steps_draw_the_same():
    wf = models.GRUChain(units=8)
    _, history = train(wf, vmc.Heisenberg(vmc.Chain(10)), 6, 0.0)
    assert len(set(history["energy"])) == 6
    _, same = train(wf, vmc.Heisenberg(vmc.Chain(10)), 6, 0.0)
    np.testing.assert_allclose(same["energy"], history["energy"], rtol=1e-5)
    _, other = train(wf, vmc.Heisenberg(vmc.Chain(10)), 6, 0.0, seed=1)
    assert len(set(other["energy"]) & set(history["energy"])) == 0


class Poisoned(vmc.Heisenberg):
    """Its local energies are not a number from some step on."""

    def __init__(self, lattice, model=None, first=3, last=5):
        super().__init__(lattice)
        self.first, self.last = first, last
        self.model = model

    def local_energy_parts(self, wf, spins):
        real, imaginary = super().local_energy_parts(wf, spins)
        if self.model is None:
            return real, imaginary
        step = self.model.minibatch.value
        bad = ops.logical_and(step >= self.first, step < self.last)
        return ops.where(bad, np.nan, real), imaginary


@pytest.mark.any_backend
@pytest.mark.parametrize(("last", "skipped", "stops"), [(5, 2, False), (10**6, 10, True)])
def test_nan_never_reaches_the_weights(last, skipped, stops):
    wf = models.GRUChain(**OURS)
    hamiltonian = Poisoned(vmc.Chain(6), last=last)
    model = vmc.VMC(wf, hamiltonian, num_samples=20)
    hamiltonian.model = model
    model.compile(keras.optimizers.Adam(1e-3))
    guard, history = vmc.StopOnNonFinite(patience=10), vmc.StepHistory()
    model.fit(steps_per_epoch=20, callbacks=[guard, history], verbose=0)
    logs = history.arrays()
    assert logs["skipped"][-1] == skipped
    assert (logs["skipped"][:4] == [0, 0, 0, 1]).all()
    assert guard.stopped == stops
    assert len(logs["energy"]) == (13 if stops else 20)
    assert all(np.isfinite(w).all() for w in wf.get_weights())
    assert all(np.isfinite(ops.convert_to_numpy(v)).all() for v in model.optimizer.variables)


@pytest.mark.any_backend
def test_a_skipped_step_changes_nothing():
    wf = models.GRUChain(**OURS)
    hamiltonian = Poisoned(vmc.Chain(6), first=0, last=10**6)
    model = vmc.VMC(wf, hamiltonian, num_samples=20)
    hamiltonian.model = model
    model.compile(keras.optimizers.Adam(1e-1))
    before = wf.get_weights()
    model.fit(steps_per_epoch=3, verbose=0)
    for old, new in zip(before, wf.get_weights()):
        np.testing.assert_array_equal(old, new)
    assert int(ops.convert_to_numpy(model.optimizer.iterations.value)) == 0


@pytest.mark.any_backend
def test_a_skipped_step_keeps_the_direction_of_the_one_before():
    """Where a natural gradient has momentum, on every backend."""
    directions = []
    for steps in (1, 3):
        wf = models.GRUChain(**OURS)
        wf.set_weights([np.full(w.shape, 0.1) for w in wf.get_weights()])
        hamiltonian = Poisoned(vmc.Chain(6), first=1, last=10**6)
        model = vmc.VMC(wf, hamiltonian, num_samples=20)
        hamiltonian.model = model
        model.compile(keras.optimizers.SGD(0.02), direction=vmc.NaturalGradient())
        model.fit(steps_per_epoch=steps, verbose=0)
        directions.append(ops.convert_to_numpy(model.memory["direction"].value))
    assert np.linalg.norm(directions[0]) > 0.1
    np.testing.assert_array_equal(*directions)


@pytest.mark.any_backend
def test_learning_rate_schedule_sets_the_rate():
    wf = models.GRUChain(units=4)
    optimizer = keras.optimizers.SGD(0.0)
    model = vmc.VMC(wf, vmc.Heisenberg(vmc.Chain(4)), num_samples=10)
    model.compile(optimizer, learning_rate=vmc.InverseSqrtDecay(0.5, decay_rate=1.0))
    model.fit(steps_per_epoch=4, verbose=0)
    rate = float(ops.convert_to_numpy(optimizer.learning_rate))
    assert rate == pytest.approx(0.5 / 2)  # of the last step, number 3


@pytest.mark.any_backend
def test_one_site_trains():
    _, history = train(models.GRUChain(units=4), vmc.Heisenberg(vmc.Chain(1)), 2, 1e-3)
    assert history["energy"].tolist() == [0.0, 0.0]
    assert history["skipped"].tolist() == [0, 0]


@pytest.mark.any_backend
def test_symmetrized_wave_functions_train():
    base = models.GRUChain(**OURS)
    wf = models.Symmetrized(base, "reflection", spin_flip=True)
    hamiltonian = vmc.Heisenberg(vmc.Chain(8))
    exact, _ = vmc.ground_state(hamiltonian)
    train(wf, hamiltonian, 60, 2e-2)
    estimate = vmc.estimate_energy(wf, hamiltonian, 1000)
    assert -4 * estimate.std_error < estimate.mean - exact < 0.05 * abs(exact)


def test_errors():
    hamiltonian = vmc.Heisenberg(vmc.Chain(4))
    for num_samples in (0, 1, -5, 2.5):
        with pytest.raises(ValueError, match="num_samples must be a whole number above 1"):
            vmc.VMC(models.GRUChain(units=4), hamiltonian, num_samples=num_samples)
    with pytest.raises(ValueError, match="does not exist on 5 sites"):
        vmc.VMC(models.GRUChain(units=4, total_sz=0), vmc.Heisenberg(vmc.Chain(5)))
    with pytest.raises(ValueError, match="no two sublattices"):
        vmc.VMC(
            models.GRUChain(units=4, marshall_sign=True),
            vmc.Heisenberg(vmc.Chain(5, periodic=True)),
        )
