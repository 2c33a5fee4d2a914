"""Cells along sequences."""

import keras
import numpy as np
import pytest
from keras import ops

import models
from models.layers.recurrence import states_along, written_out

pytestmark = pytest.mark.any_backend


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("make", [models.LSTMCell, models.MinimalGRUCell, keras.layers.LSTMCell])
def test_as_keras_runs_them(make, reverse):
    cell = make(4)
    inputs = np.random.default_rng(0).normal(size=(6, 3, 2)).astype("float32")
    rnn = keras.layers.RNN(cell, return_sequences=True, return_state=True, go_backwards=reverse)
    outputs, *last = rnn(inputs.swapaxes(0, 1))
    states = states_along(cell, inputs, reverse=reverse)
    if reverse:  # Keras gives them out in the order in which they were made
        outputs = ops.flip(outputs, axis=1)
    expected = ops.convert_to_numpy(outputs).swapaxes(0, 1)
    np.testing.assert_allclose(ops.convert_to_numpy(states[0]), expected, atol=1e-6)
    assert len(states) == len(last)
    for state, final in zip(states, last):
        np.testing.assert_allclose(
            ops.convert_to_numpy(state[0 if reverse else -1]),
            ops.convert_to_numpy(final),
            atol=1e-6,
        )


@pytest.mark.parametrize("shape", [(5, 2, 3), (0, 2, 3), (5, 0, 3)])
def test_more_batch_axes_and_empty_ones(shape):
    cell = models.LSTMCell(4)
    cell.build((None, 2))
    inputs = np.random.default_rng(0).normal(size=(*shape, 2)).astype("float32")
    hidden, _ = states_along(cell, inputs)
    assert hidden.shape == (*shape, 4)
    for column in range(shape[1]):
        one, _ = states_along(cell, inputs[:, column])
        np.testing.assert_allclose(
            ops.convert_to_numpy(hidden[:, column]), ops.convert_to_numpy(one), atol=1e-6
        )


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("steps", [0, 1, 5])
def test_written_out_or_not(reverse, steps):
    cell = models.LSTMCell(4)
    cell.build((None, 2))
    inputs = np.random.default_rng(0).normal(size=(steps, 3, 2)).astype("float32")
    loop = states_along(cell, inputs, reverse=reverse)
    with written_out():
        straight = states_along(cell, inputs, reverse=reverse)
    for one, other in zip(loop, straight, strict=True):
        np.testing.assert_allclose(
            ops.convert_to_numpy(one), ops.convert_to_numpy(other), atol=1e-6
        )
