"""A `vmc.VMC` as Keras' users use a model: fit, compile, callbacks, saving."""

import keras
import numpy as np
import pytest
from keras import ops

import models
import vmc
from tests.helpers import backend_is_tensorflow, backend_is_torch

pytestmark = pytest.mark.any_backend


def made(optimizer=None, seed=0, **options):
    keras.utils.set_random_seed(0)
    wf = models.GRUChain(units=4, total_sz=0)
    model = vmc.VMC(wf, vmc.Heisenberg(vmc.Chain(6)), num_samples=20, seed=seed)
    model.compile(optimizer or keras.optimizers.Adam(1e-2), **options)
    return wf, model


def energies(model, steps=2):
    history = vmc.StepHistory()
    model.fit(steps_per_epoch=steps, verbose=0, callbacks=[history])
    return history.arrays()["energy"]


def test_eagerly():
    """Same energies as compiled: that is how one steps through a train step."""
    compiled = energies(made()[1])
    np.testing.assert_allclose(energies(made(run_eagerly=True)[1]), compiled, rtol=1e-5)
    if backend_is_tensorflow():
        import tensorflow as tf

        tf.config.run_functions_eagerly(True)
        try:
            np.testing.assert_allclose(energies(made()[1]), compiled, rtol=1e-5)
        finally:
            tf.config.run_functions_eagerly(False)


def gradients(count):
    """Of the first minibatches, all at the weights that a model starts with."""
    wf, model = made(keras.optimizers.SGD(1.0))
    start, found = wf.get_weights(), []
    for _ in range(count):  # a rate of 1 shows the gradient
        wf.set_weights(start)
        model.fit(verbose=0)
        found.append([a - b for a, b in zip(start, wf.get_weights())])
    return start, found


def assert_weights(wf, expected):
    for weight, right in zip(wf.get_weights(), expected, strict=True):
        np.testing.assert_allclose(weight, right, atol=1e-6)


def test_gradients_that_accumulate():
    start, found = gradients(2)
    wf, model = made(keras.optimizers.SGD(0.1, gradient_accumulation_steps=2))
    model.fit(verbose=0)
    assert_weights(wf, start)
    model.fit(verbose=0)
    assert_weights(wf, [w - 0.1 * (a + b) / 2 for w, a, b in zip(start, *found)])


@pytest.mark.one_backend
@pytest.mark.parametrize(
    "options",
    [{"loss_scale_factor": 128.0}, {"clipvalue": 1e9}, {"global_clipnorm": 1e9}, {"clipnorm": 1e9}],
    ids=lambda options: next(iter(options)),
)
def test_options_of_the_optimizer_that_change_nothing(options):
    start, (first,) = gradients(1)
    wf, model = made(keras.optimizers.SGD(0.1, **options))
    model.fit(verbose=0)
    assert_weights(wf, [w - 0.1 * g for w, g in zip(start, first)])


@pytest.mark.one_backend
def test_a_global_norm_of_the_optimizer_clips():
    start, (first,) = gradients(1)
    norm = np.sqrt(sum((g**2).sum() for g in first))
    for clipped in (
        made(keras.optimizers.SGD(0.1, global_clipnorm=float(norm) / 4)),
        made(keras.optimizers.SGD(0.1), direction=vmc.Gradient(clip=norm / 4)),
    ):
        clipped[1].fit(verbose=0)
        assert_weights(clipped[0], [w - 0.1 * g / 4 for w, g in zip(start, first)])


@pytest.mark.one_backend
def test_averaged_weights_of_the_optimizer():
    """As Keras averages where it is given the same gradient; `fit` puts the average in place."""
    start, (first,) = gradients(1)

    def averaging():
        return keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.75)

    twin, _ = made(averaging())
    optimizer = averaging()
    optimizer.build(twin.trainable_variables)
    optimizer.apply([ops.convert_to_tensor(g) for g in first])
    optimizer.finalize_variable_values(twin.trainable_variables)
    assert any((a != b).any() for a, b in zip(twin.get_weights(), start))
    wf, model = made(averaging())
    model.fit(verbose=0)
    assert_weights(wf, twin.get_weights())


def test_a_scaled_loss():
    start, (first,) = gradients(1)
    wf, model = made(keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.1)))
    model.fit(verbose=0)
    assert_weights(wf, [w - 0.1 * g for w, g in zip(start, first)])


def test_the_best_model_is_kept(tmp_path):
    path = tmp_path / "best.keras"
    keep = keras.callbacks.ModelCheckpoint(path, monitor="energy", mode="min", save_best_only=True)
    wf, model = made()
    kept = []
    history = model.fit(
        epochs=4, steps_per_epoch=2, verbose=0,
        callbacks=[keep, keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: kept.append(wf.get_weights())
        )],
    )  # fmt: skip
    best = int(np.argmin(history.history["energy"]))
    loaded = keras.models.load_model(path)
    assert isinstance(loaded, models.GRUChain)
    assert_weights(loaded, kept[best])
    model.save(tmp_path / "last.keras")
    assert_weights(keras.models.load_model(tmp_path / "last.keras"), wf.get_weights())


class Broken(Exception):
    pass


class BreakAt(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 3:
            raise Broken


@pytest.mark.parametrize("direction", [vmc.Gradient(), vmc.NaturalGradient()])
def test_backup_and_restore(tmp_path, direction):
    whole, model = made(direction=direction)
    model.fit(epochs=6, steps_per_epoch=2, verbose=0)
    backup = lambda: keras.callbacks.BackupAndRestore(tmp_path / "backup")  # noqa: E731
    _, model = made(direction=direction)
    with pytest.raises(Broken):
        model.fit(epochs=6, steps_per_epoch=2, verbose=0, callbacks=[backup(), BreakAt()])
    wf, model = made(direction=direction)
    model.fit(epochs=6, steps_per_epoch=2, verbose=0, callbacks=[backup()])
    for one, other in zip(whole.get_weights(), wf.get_weights()):
        np.testing.assert_array_equal(one, other)


def test_weights_keep_the_random_state(tmp_path):
    _, model = made()
    model.fit(steps_per_epoch=3, verbose=0)
    model.save_weights(tmp_path / "model.weights.h5")
    expected = energies(model)
    _, other = made(seed=5)
    other.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(energies(other), expected)


@pytest.mark.one_backend
def test_positions_of_keras():
    history = made()[1].fit(None, None, None, 2, 0)
    assert len(history.history["energy"]) == 2
    history = made()[1].fit(
        None, None, None, 4, 0, None, 0.0, None, True, None, None, 1, 2
    )  # epochs 4, from 1, of 2 steps each
    assert len(history.history["energy"]) == 3


SPINS = np.zeros((4, 6), "int32")
REFUSED = {
    "data": (lambda model: model.fit(SPINS), "takes no x"),
    "batch size": (lambda model: model.fit(batch_size=32), "takes no batch_size"),
    "validation": (lambda model: model.fit(validation_data=(SPINS, SPINS)), "no validation_data"),
    "validation split": (lambda model: model.fit(validation_split=0.1), "no validation_split"),
    "no steps": (lambda model: model.fit(steps_per_epoch=0), "steps_per_epoch must be a whole"),
    "half a step": (lambda model: model.fit(steps_per_epoch=0.5), "steps_per_epoch must be a"),
    "loss": (lambda model: model.compile("sgd", loss="mse"), "takes no loss"),
    "metrics": (lambda model: model.compile("sgd", metrics=["mae"]), "takes no metrics"),
    "evaluate": (lambda model: model.evaluate(SPINS), r"vmc\.estimate_energy"),
    "predict": (lambda model: model.predict(SPINS), r"wave_function\.predict"),
    "two schedules": (
        lambda model: model.compile(
            keras.optimizers.Adam(vmc.InverseSqrtDecay(0.1)), learning_rate=0.1
        ),
        "made with a schedule",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_before_training(name):
    do, message = REFUSED[name]
    _, model = made()
    with pytest.raises(ValueError, match=message):
        do(model)
    assert int(ops.convert_to_numpy(model.minibatch)) == 0


@pytest.mark.parametrize(
    "callback",
    [
        lambda: keras.callbacks.ReduceLROnPlateau("energy", mode="min"),
        lambda: keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2),
    ],
)
def test_two_that_set_the_rate(callback):
    schedule = keras.optimizers.schedules.CosineDecay(1e-2, 10)
    _, model = made(keras.optimizers.Adam(0.0), learning_rate=schedule)
    with pytest.raises(TypeError, match="cannot set the learning rate"):
        model.fit(verbose=0, callbacks=[callback()])
    _, model = made(keras.optimizers.Adam(1e-2))
    model.fit(verbose=0, epochs=2, callbacks=[callback()])


def test_another_direction_forgets_the_one_before(tmp_path):
    _, model = made(keras.optimizers.SGD(0.01), direction=vmc.NaturalGradient())
    count = len(model.variables)
    model.fit(verbose=0)
    assert np.abs(ops.convert_to_numpy(model.memory["direction"])).max() > 0
    model.compile(keras.optimizers.SGD(0.01), direction=vmc.NaturalGradient())
    assert np.abs(ops.convert_to_numpy(model.memory["direction"])).max() > 0
    model.compile(keras.optimizers.SGD(0.01), direction=vmc.Gradient())
    assert (model.memory, len(model.variables)) == ({}, count - 1)
    model.compile(keras.optimizers.SGD(0.01), direction=vmc.NaturalGradient())
    assert np.abs(ops.convert_to_numpy(model.memory["direction"])).max() == 0
    model.fit(verbose=0)


@pytest.mark.skipif(backend_is_torch(), reason="PyTorch traces no graph")
def test_traced_once_whatever_is_fitted():
    calls = []

    class Counting(vmc.Gradient):
        def find(self, minibatch, memory):
            calls.append(minibatch)
            return super().find(minibatch, memory)

    _, model = made(direction=Counting())
    for _ in range(3):
        model.fit(verbose=0)
    assert len(calls) == 1
