"""Everything that is registered with Keras comes back from its config as it was."""

import json

import keras
import numpy as np
import pytest
from keras import ops

import models
import vmc
from models.layers.readout import ConditionalReadout

pytestmark = pytest.mark.any_backend

PACKAGE = "iterative_retraining>"
schedules = keras.optimizers.schedules


def rates(schedule):
    return [float(schedule(step)) for step in (0, 1, 4, 7, 100)]


def on_vectors(layer):
    inputs = np.random.default_rng(1).normal(size=(5, 3)).astype("float32")
    return layer(inputs, layer.get_initial_state(5))[0]


def beside_neighbours(layer):
    if not layer.built:
        layer.build()
    rng = np.random.default_rng(1)
    states = rng.normal(size=(2, 5, layer.units)).astype("float32")
    return layer(list(zip(states, rng.normal(size=(2, 5, 2)).astype("float32"))))


def on_lattices(layer):
    return layer(np.random.default_rng(1).normal(size=(2, 3, 4, layer.units)).astype("float32"))


def read_out(layer):
    context = np.random.default_rng(1).normal(size=(2, 12, 3)).astype("float32")
    if not layer.built:
        layer.build(context.shape)
    return layer(context, layer.edge_context({1: (12,), 2: (3, 4)}[layer.num_axes]))


def amplitudes(wf):
    shape = (4,) if wf.num_axes == 1 else (2, 2)
    return wf(np.random.default_rng(1).integers(0, 2, size=(7, *shape)))


def chain(**options):
    return models.GRUChain(units=3, **options)


def averaged():
    return models.Symmetrized(chain(total_sz=0, marshall_sign=True), "reflection", spin_flip=True)


# How to make each class, with each kind of option, and what it then does.
CASES = [
    (amplitudes, chain),
    (amplitudes, lambda: chain(phase="none", layer_norm=True, edge_distance=2, dtype="float32")),
    (amplitudes, lambda: models.LSTMLattice(units=3, num_layers=2, feedforward_units=5)),
    (amplitudes, lambda: models.GatedLattice(units=3)),
    (amplitudes, lambda: models.GatedLattice(3, tensorized=False, layer_norm=True)),
    (amplitudes, averaged),
    (on_vectors, lambda: models.MinimalGRUCell(4)),
    (on_vectors, lambda: models.MinimalGRUCell(4, layer_norm=True, name="mine")),
    (on_vectors, lambda: models.LSTMCell(4)),
    (on_vectors, lambda: models.LSTMCell(4, layer_norm=True)),
    (beside_neighbours, lambda: models.GatedCell(4)),
    (beside_neighbours, lambda: models.GatedCell(4, tensorized=False, layer_norm=True)),
    (on_lattices, lambda: models.ProcessorLayer(4, 6, residual=False)),
    (on_lattices, lambda: models.ProcessorLayer(4, 6, residual=True, layer_norm=True)),
    (read_out, lambda: ConditionalReadout(4)),
    (read_out, lambda: ConditionalReadout(4, phase="none", edge_distance=2, num_axes=2)),
    (rates, lambda: vmc.InverseSqrtDecay(1e-2, 0.5)),
    (rates, lambda: vmc.InverseSqrtDecay(np.float32(0.5), decay_rate=np.int64(1))),
    (rates, lambda: vmc.Warmup(1e-2, 5)),
    (rates, lambda: vmc.Warmup(np.float32(0.5), np.int64(5))),
    (rates, lambda: vmc.Warmup(schedules.CosineDecay(1e-2, 10), 5)),
    (rates, lambda: vmc.Warmup(vmc.InverseSqrtDecay(1e-2, 0.5), 3)),
    (rates, lambda: vmc.Warmup(vmc.Warmup(vmc.paper_temperature(5), 2), 6)),
]  # fmt: skip


def values(behaviour, thing):
    return [ops.convert_to_numpy(x) for x in keras.tree.flatten(behaviour(thing)) if x is not None]


def test_each_registered_class_is_tried():
    registered = {
        cls for name, cls in keras.saving.get_custom_objects().items() if name.startswith(PACKAGE)
    }
    assert {type(make()) for _, make in CASES} == registered


@pytest.mark.parametrize("number", range(len(CASES)))
def test_comes_back_as_it_was(number):
    behaviour, make = CASES[number]
    thing = make()
    expected = values(behaviour, thing)
    kept = json.loads(json.dumps(keras.saving.serialize_keras_object(thing)))
    again = keras.saving.deserialize_keras_object(kept)
    assert type(again) is type(thing)
    assert again.get_config() == thing.get_config()
    if isinstance(thing, keras.layers.Layer):
        values(behaviour, again)  # which makes its weights
        again.set_weights(thing.get_weights())
    for one, other in zip(values(behaviour, again), expected, strict=True):
        np.testing.assert_array_equal(one, other)


def test_optimizers_with_such_schedules():
    """Warmup of a cosine from 0.01 to 0 in 10 steps, at step 7: 0.01 (1 + cos(0.7 pi)) / 2."""
    right = 1e-2 * (1 + np.cos(0.7 * np.pi)) / 2
    optimizer = keras.optimizers.Adam(vmc.Warmup(schedules.CosineDecay(1e-2, 10), 5))
    copies = [
        keras.optimizers.Adam.from_config(optimizer.get_config()),
        keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(optimizer)),
        keras.optimizers.deserialize(json.loads(json.dumps(keras.optimizers.serialize(optimizer)))),
    ]
    for copy in copies:
        copy.build([keras.Variable(np.zeros(2, "float32"))])
        copy.iterations.assign(7)
        assert float(ops.convert_to_numpy(copy.learning_rate)) == pytest.approx(right, rel=1e-5)


def test_wrong_warmups():
    for steps in (-1, 2.5, "3"):
        with pytest.raises(ValueError, match="steps must be a whole number that is not negative"):
            vmc.Warmup(1e-3, steps)
