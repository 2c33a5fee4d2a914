"""A program for two CPU devices, of which JAX is told before it starts (see `test_devices`)."""

import hashlib
import json
import sys

import jax
import keras
import numpy as np
from keras import ops

import models
import vmc
from vmc.training.minibatch import Minibatch

STAGE = vmc.Stage(vmc.Chain(6), steps=4, learning_rate=1e-2, num_samples=12)


def main(folder):
    """Prints what two devices do, and one with the same samples, as JSON in the last line."""
    keras.distribution.set_distribution(keras.distribution.DataParallel())
    found = {"devices": len(jax.devices())}
    directions = {"gradient": vmc.Gradient(clip=0.1), "natural": vmc.NaturalGradient(damping=0.1)}
    found["steps"] = {name: a_step(direction) for name, direction in directions.items()}
    found["error"] = error_of(lambda: vmc.VMC(chain(), vmc.Heisenberg(vmc.Chain(4)), 11))

    wf, _ = train()
    found["weights"] = digest(wf)
    for callbacks in ([StopAfter(2)], []):
        again, history = train(callbacks, vmc.Checkpoints(folder))
    found["resumed"] = digest(again)
    found["energies"] = history["energy"].tolist()
    sys.stdout.write("\n" + json.dumps(found))


def chain():
    keras.utils.set_random_seed(1)
    wf = models.GRUChain(units=4)
    rng = np.random.default_rng(0)
    wf.set_weights([w + 0.3 * rng.normal(size=w.shape) for w in wf.get_weights()])
    return wf


def a_step(direction):
    """The update of a step on both devices, and of one that has their samples."""
    model = vmc.VMC(
        chain(), vmc.Heisenberg(vmc.Chain(6)), 12, temperature=0.3,
        magnetization_penalty=2.0, local_energy_clip=1.0,
    )  # fmt: skip
    model.compile(keras.optimizers.SGD(0.01), direction=direction)
    measure = jax.jit(lambda: model.backend.on_replicas(model, model.measure))
    spins, energy, update, _, logs = measure()
    alone = model.hamiltonian.local_energy_parts(model.wave_function, spins)
    weights = ops.full_like(alone[0], 1 / 12)
    memory = {name: ops.convert_to_tensor(v) for name, v in model.memory.items()}
    expected, _, expected_logs = direction.find(Minibatch(model, spins, alone, weights), memory)

    def gap(ours, theirs):
        return max(float(np.max(abs(np.asarray(a) - np.asarray(b)))) for a, b in zip(ours, theirs))

    return {
        "spins": np.asarray(spins).tolist(),
        "norm": float(expected_logs["gradient_norm"]),
        "norm gap": float(logs["gradient_norm"] - expected_logs["gradient_norm"]),
        "energy gap": gap(energy, alone),
        "gap": gap(update, expected),
        "largest": max(float(np.max(abs(np.asarray(x)))) for x in expected),
    }


def train(callbacks=(), checkpoints=None):
    keras.utils.set_random_seed(0)
    wf = models.GRUChain(units=4)
    (history,) = vmc.retrain(wf, [STAGE], callbacks=callbacks, checkpoints=checkpoints, verbose=0)
    return wf, history


class StopAfter(keras.callbacks.Callback):
    """Stops training after so many steps."""

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def on_train_batch_end(self, batch, logs=None):
        if batch + 1 == self.steps:
            self.model.stop_training = True


def error_of(attempt):
    try:
        attempt()
    except ValueError as error:
        return str(error)


def digest(wf):
    """A hash of all bits of the weights, which must be the same on both devices."""
    for variable in wf.variables:
        copies = [np.asarray(shard.data) for shard in variable.value.addressable_shards]
        assert len(copies) == 2
        assert np.array_equal(*copies)
    return hashlib.sha256(b"".join(w.tobytes() for w in wf.get_weights())).hexdigest()
