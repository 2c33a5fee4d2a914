"""Programs with devices of their own, which are set before TensorFlow starts."""

import hashlib
import json
import os
import signal
import sys
import types

import keras
import numpy as np
import tensorflow as tf

import models
import vmc
from vmc.training import replicas
from vmc.training.retrain import adam
from vmc.training.run_state import RunState

STAGE = vmc.Stage(vmc.Chain(6), steps=4, learning_rate=1e-2, num_samples=12)


def main(program, *arguments):
    """Runs a program of this file and prints what it returns, as JSON, in the last line."""
    result = globals()[program](*arguments)
    sys.stdout.write("\n" + json.dumps(result))


def mirrored(folder):
    """What two devices do, and one with the same samples."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy()
    found = {"steps": {name: a_step(strategy, name) for name in ("gradient", "natural")}}
    found["errors"] = errors(strategy)

    wf, _ = train(strategy)
    found["weights"] = digest(wf)
    # Cut off after two steps, and gone on with.
    for callback in (StopAfter(2), StopAfter(99)):
        again, history = train(strategy, callback, vmc.Checkpoints(folder))
    found["resumed"] = digest(again)
    found["energies"] = history["energy"].tolist()
    return found


def worker(number, hosts, folder):
    """One of two machines; the second stops in the second run, and is killed when it goes on."""
    cluster = {"worker": hosts.split(",")}
    task = {"type": "worker", "index": int(number)}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": task})
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    wf, history = train(strategy)
    found = {"weights": digest(wf), "energies": history["energy"].tolist()}
    checkpoints = vmc.Checkpoints(folder, seconds=1e9)
    found["lost"] = []
    for then in (None, lambda: os.kill(os.getpid(), signal.SIGKILL)):
        try:
            train(strategy, StopAfter(1, then) if number == "1" else None, checkpoints)
        except vmc.WorkerLost as error:
            found["lost"].append(str(error))
    run = RunState(wf, [STAGE], vmc.Heisenberg, adam(), 0, checkpoints, vmc.StageObserver())
    record, arrays = checkpoints.read(run._settings)
    found["step"] = record["step"]
    found["energies kept"] = arrays["history/0/energy"].tolist()
    return found


def a_step(strategy, kind):
    """The update of a step on all replicas, and of one that has their samples."""

    def trainer(num_samples):
        keras.utils.set_random_seed(1)
        wf = models.GRUChain(units=4)
        rng = np.random.default_rng(0)
        wf.set_weights([w + 0.3 * rng.normal(size=w.shape) for w in wf.get_weights()])
        model = vmc.VMC(
            wf, vmc.Heisenberg(vmc.Chain(6)), num_samples, temperature=0.3,
            magnetization_penalty=2.0, local_energy_clip=1.0,
        )  # fmt: skip
        direction = {"gradient": vmc.Gradient(clip=0.1), "natural": vmc.NaturalGradient()}[kind]
        model.compile(keras.optimizers.SGD(0.01), direction=direction)
        if kind == "natural":
            # Gradients that cost nothing to find.
            model.backend = types.SimpleNamespace(per_sample_gradients=made_up_gradients)
        return model

    with strategy.scope():
        many = trainer(12)
    step = tf.function(lambda: strategy.run(many.measure), autograph=False)
    spins, energy, update, _, logs = step()
    spins, energy, update, norm = keras.tree.map_structure(
        lambda x: [part.numpy() for part in strategy.experimental_local_results(x)],
        (spins, energy, update, logs["gradient_norm"]),
    )
    one = trainer(12)
    one.wave_function.sample = lambda *args, **kwargs: tf.constant(spins[0])
    alone = tf.function(one.measure, autograph=False)
    _, one_energy, one_update, _, logs = alone()
    one_norm = logs["gradient_norm"]

    def gap(ours, theirs):
        return max(float(np.max(abs(a[0] - b))) for a, b in zip(ours, theirs))

    return {
        "spins": spins[0].tolist(),
        "replicas agree": all(
            np.array_equal(*pair) for pair in (spins, norm, *energy, *update)
        ),
        "norm": float(one_norm),
        "energy gap": gap(energy, one_energy),
        "gap": gap(update, one_update),
        "largest": max(float(np.max(abs(x))) for x in one_update),
    }  # fmt: skip


def made_up_gradients(model, spins):
    """In place of the gradients of each sample: numbers of the same shapes."""
    rng = np.random.default_rng(0)
    return [
        [
            replicas.own(tf.constant(rng.normal(size=(12, *v.shape)), v.dtype))
            for v in model.trainable_variables
        ]
        for _ in ("log amplitude", "phase")
    ]


def errors(strategy):
    """What is said where replicas cannot share a minibatch, or a scope was forgotten."""
    hamiltonian = vmc.Heisenberg(vmc.Chain(4))
    outside, adam = models.GRUChain(units=4), keras.optimizers.Adam()
    with strategy.scope():
        inside = models.GRUChain(units=4)
        model = vmc.VMC(inside, hamiltonian, 10)
        attempts = (
            lambda: vmc.VMC(inside, hamiltonian, 11),
            lambda: vmc.VMC(outside, hamiltonian, 10),
            lambda: model.compile(adam),
        )
        messages = []
        for attempt in attempts:
            try:
                attempt()
            except ValueError as error:
                messages.append(str(error))
    return messages


def train(strategy, callback=None, checkpoints=None):
    keras.utils.set_random_seed(0)
    with strategy.scope():
        wf = models.GRUChain(units=4)
    (history,) = vmc.retrain(
        wf, [STAGE], callbacks=[callback] if callback else [], checkpoints=checkpoints, verbose=0
    )
    return wf, history


class StopAfter(keras.callbacks.Callback):
    """Stops training, or does something else, after so many steps."""

    def __init__(self, steps, then=None):
        super().__init__()
        self.steps = steps
        self.then = then

    def on_train_batch_end(self, batch, logs=None):
        if batch + 1 == self.steps:
            (self.then or self._stop)()

    def _stop(self):
        self.model.stop_training = True


def digest(wf):
    """A hash of all bits of the weights, which must be the same on all devices here."""
    for variable in wf.variables:
        copies = [part.numpy() for part in variable.value.values]
        assert all(np.array_equal(copies[0], copy) for copy in copies)
    return hashlib.sha256(b"".join(w.tobytes() for w in wf.get_weights())).hexdigest()
