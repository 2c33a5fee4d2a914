"""The long short-term memory cell of the two-dimensional model."""

import keras
from keras import ops

from models.backend import matmul, tanh
from models.layers.affine import affine
from models.options import ReadOnlyOptions


@keras.saving.register_keras_serializable(package="iterative_retraining")
class LSTMCell(ReadOnlyOptions, keras.layers.Layer):
    """A long short-term memory (equations 13 to 18).

        i_t = sigmoid(W_is S_t + W_ih h_{t-1} + b_i)
        f_t = sigmoid(W_fs S_t + W_fh h_{t-1} + b_f)
        g_t = tanh(W_cs S_t + W_ch h_{t-1} + b_c)
        o_t = sigmoid(W_os S_t + W_oh h_{t-1} + b_o)
        c_t = i_t g_t + f_t c_{t-1}
        h_t = o_t tanh(c_t)

    The unit of `keras.layers.LSTMCell`, with its eight matrices as one
    kernel, so that a step is one matrix product, and with an option that it
    does not have.

    Args:
        units: width of the hidden and of the cell state.
        layer_norm: normalise every new hidden and cell state (not in the
            paper; in its released code).

    Call arguments:
        inputs: float `[batch, features]`.
        states: hidden and cell state, float `[batch, units]` each.

    Returns:
        The new hidden state, and the list of both new states.

    Example:

    >>> import numpy as np
    >>> layer = keras.layers.RNN(LSTMCell(4), return_sequences=True)
    >>> tuple(layer(np.zeros((1, 3, 2), "float32")).shape)
    (1, 3, 4)
    """

    def __init__(self, units, layer_norm=False, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.layer_norm = layer_norm
        self.state_size = [units, units]
        self.output_size = units
        self.norms = [
            keras.layers.LayerNormalization(dtype=self.dtype_policy, name=f"{name}_norm")
            for name in ("hidden", "cell")
            if layer_norm
        ]

    def build(self, input_shape):
        self.kernel = self.add_weight(
            shape=(input_shape[-1] + self.units, 4 * self.units),
            initializer="glorot_uniform",
            name="kernel",
        )
        self.bias = self.add_weight(
            shape=(4 * self.units,), initializer=self._initial_bias, name="bias"
        )
        for norm in self.norms:
            norm.build((None, self.units))

    def _initial_bias(self, shape, dtype=None):
        # A cell that remembers at first is easier to train.
        zeros, ones = ops.zeros((self.units,), dtype), ops.ones((self.units,), dtype)
        return ops.concatenate([zeros, ones, zeros, zeros])

    def call(self, inputs, states, training=False):
        step = self.prepared()
        return step(step.project(inputs), states)

    def prepared(self):
        """The cell's step with its weights at hand: an `LSTMStep`."""
        return LSTMStep(self)

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype) for _ in range(2)]

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "layer_norm": self.layer_norm,
        }


class LSTMStep:
    """One step of an LSTM, with its weights at hand for loops of many steps.

    Args:
        cell: an `LSTMCell`.
    """

    def __init__(self, cell):
        self.units = cell.units
        self.norms = cell.norms
        self.input_kernel = cell.kernel[: -cell.units]
        self.state_kernel = cell.kernel[-cell.units :]
        self.bias = cell.bias

    def project(self, inputs):
        """The inputs' share of the gates, the bias included: float `[..., 4 units]`.

        It needs no state, so that one product serves all steps of a sequence.
        """
        return affine(inputs, self.input_kernel, self.bias)

    def __call__(self, projected, states):
        """A step from what `project` made of its inputs; returns as the cell does."""
        hidden, cell = states
        gates = projected + matmul(hidden, self.state_kernel)
        write, keep, candidate, read = ops.split(gates, 4, axis=-1)
        cell = ops.sigmoid(write) * tanh(candidate) + ops.sigmoid(keep) * cell
        hidden = ops.sigmoid(read) * tanh(cell)
        if self.norms:
            hidden, cell = self.norms[0](hidden), self.norms[1](cell)
        return hidden, [hidden, cell]
