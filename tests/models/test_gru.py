"""The cell against equations 19 to 21, written out."""

import numpy as np
import pytest
from keras import ops

import models

pytestmark = pytest.mark.any_backend


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_cell_follows_equations_19_to_21():
    rng = np.random.default_rng(0)
    cell = models.MinimalGRUCell(5)
    cell.build((None, 2))
    kernel = rng.normal(size=(7, 10)).astype("float32")
    cell.set_weights([kernel])
    spin, hidden = rng.normal(size=(3, 2)), rng.normal(size=(3, 5))

    candidate = np.tanh(spin @ kernel[:2, :5] + hidden @ kernel[2:, :5])
    update = sigmoid(spin @ kernel[:2, 5:] + hidden @ kernel[2:, 5:])
    expected = (1 - update) * hidden + update * candidate

    output, (state,) = cell(spin.astype("float32"), [hidden.astype("float32")])
    np.testing.assert_allclose(ops.convert_to_numpy(output), expected, atol=1e-6)
    np.testing.assert_allclose(ops.convert_to_numpy(state), expected, atol=1e-6)


def test_layer_norm_normalises_the_new_hidden_state():
    cell = models.MinimalGRUCell(16, layer_norm=True)
    cell.build((None, 2))
    rng = np.random.default_rng(0)
    output, _ = cell(
        rng.normal(size=(4, 2)).astype("float32"), [rng.normal(size=(4, 16)).astype("float32")]
    )
    output = ops.convert_to_numpy(output)
    np.testing.assert_allclose(output.mean(axis=1), 0, atol=1e-6)
    np.testing.assert_allclose(output.std(axis=1), 1, atol=1e-2)
