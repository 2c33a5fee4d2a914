"""Stages: what they carry on and what they renew."""

import keras
import numpy as np
import pytest
from keras import ops

import models
import vmc

pytestmark = pytest.mark.any_backend


def moments(optimizer):
    return int(ops.convert_to_numpy(optimizer.iterations.value))


def test_optimizer_is_carried_or_renewed():
    optimizer = keras.optimizers.Adam(0.0)
    wf = models.GRUChain(units=4)
    carried = [vmc.Stage(vmc.Chain(n), steps=3) for n in (4, 6)]
    vmc.retrain(wf, carried, optimizer=lambda: optimizer, verbose=0)
    assert moments(optimizer) == 6

    seen = []

    class Watch(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            seen.append(self.model.optimizer)

    renewed = [vmc.Stage(vmc.Chain(n), steps=3, optimizer="fresh") for n in (4, 6)]
    vmc.retrain(wf, renewed, optimizer=keras.optimizers.Lion, callbacks=[Watch()], verbose=0)
    assert [type(o).__name__ for o in seen] == ["Lion", "Lion"]
    assert [moments(o) for o in seen] == [3, 3]
    assert moments(optimizer) == 6


def test_growth_keeps_what_was_learned():
    """A chain of 6 grown to 8 starts far below one from scratch."""
    hamiltonian = vmc.Heisenberg(vmc.Chain(8))
    wf = models.GRUChain(units=16, total_sz=0, marshall_sign=True, phase="none")
    scratch = vmc.estimate_energy(wf, hamiltonian, 500).mean
    (history,) = vmc.retrain(wf, [vmc.Stage(vmc.Chain(6), 100, learning_rate=1e-2)], verbose=0)
    assert sorted(history) == [
        "energy", "energy_error", "gradient_norm", "magnetization_squared", "skipped", "variance",
    ]  # fmt: skip
    assert all(values.shape == (100,) for values in history.values())
    assert vmc.estimate_energy(wf, hamiltonian, 500).mean < scratch - 1.0
    np.testing.assert_allclose(history["magnetization_squared"], 0, atol=1e-12)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": -1}, "steps must be a whole number"),
        ({"steps": 5, "optimizer": "new"}, "carry"),
        ({"steps": 5, "warmup": -1}, "warmup"),
    ],
)
def test_errors(options, message):
    with pytest.raises(ValueError, match=message):
        vmc.Stage(vmc.Chain(4), **options)
    with pytest.raises(TypeError, match=r"such as vmc.Chain\(20\), not 10"):
        vmc.Stage(10, steps=5)


class NotWithHugeWeights(vmc.Heisenberg):
    """Its local energies are not a number where a weight is huge."""

    def local_energy_parts(self, wf, spins):
        real, imaginary = super().local_energy_parts(wf, spins)
        largest = ops.max(ops.stack([ops.max(ops.abs(w)) for w in wf.trainable_variables]))
        return ops.where(largest > 1e20, np.nan, real), imaginary


def test_stops_where_nothing_is_finite_any_more():
    """By itself, with the last finite weights, also where steps were skipped before."""
    wf = models.GRUChain(units=4)
    stage = vmc.Stage(vmc.Chain(4), steps=40, learning_rate=1e30, num_samples=10)
    seen = vmc.StepHistory()
    with pytest.raises(FloatingPointError, match=r"10 steps in a row at Chain\(4\)"):
        vmc.retrain(wf, [stage], NotWithHugeWeights, callbacks=[seen], verbose=0)
    assert len(seen.arrays()["energy"]) < 40
    assert all(np.isfinite(w).all() for w in wf.get_weights())


def test_skipped_steps_of_an_earlier_fit_do_not_count():
    wf = models.GRUChain(units=4)
    model = vmc.VMC(wf, vmc.Heisenberg(vmc.Chain(4)), num_samples=10)
    model.compile(keras.optimizers.Adam(1e-3))
    model.skipped.assign(7)
    guard = vmc.StopOnNonFinite(patience=1)
    model.fit(steps_per_epoch=2, callbacks=[guard], verbose=0)
    assert not guard.stopped
