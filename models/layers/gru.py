"""The minimal gated recurrent unit of the paper's one-dimensional model."""

import keras
from keras import ops

from models.backend import matmul, tanh
from models.options import ReadOnlyOptions


@keras.saving.register_keras_serializable(package="iterative_retraining")
class MinimalGRUCell(ReadOnlyOptions, keras.layers.Layer):
    """A gated recurrent unit without a reset gate (equations 19 to 21).

        i_t = tanh(W_is S_t + W_ih h_{t-1})
        u_t = sigmoid(W_us S_t + W_uh h_{t-1})
        h_t = (1 - u_t) h_{t-1} + u_t i_t

    `keras.layers.GRUCell` is another unit: it has a reset gate. The four
    matrices are kept as one kernel, so that a step is one matrix product.
    There is no bias: the inputs are one-hot spins, whose two rows of the
    kernel hold it.

    Args:
        units: width of the hidden state.
        layer_norm: normalise every new hidden state (not in the paper; in
            its released code).

    Call arguments:
        inputs: float `[batch, features]`, one-hot spins.
        states: a list with the hidden state, float `[batch, units]`.

    Returns:
        The new hidden state, and a list that holds it, as
        `keras.layers.RNN` expects.

    Example:

    >>> import numpy as np
    >>> layer = keras.layers.RNN(MinimalGRUCell(4), return_sequences=True)
    >>> tuple(layer(np.eye(2)[[[0, 1, 1]]]).shape)
    (1, 3, 4)
    """

    def __init__(self, units, layer_norm=False, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.layer_norm = layer_norm
        self.state_size = units
        self.output_size = units
        if layer_norm:
            self.norm = keras.layers.LayerNormalization(dtype=self.dtype_policy, name="norm")

    def build(self, input_shape):
        self.kernel = self.add_weight(
            shape=(input_shape[-1] + self.units, 2 * self.units),
            initializer="glorot_uniform",
            name="kernel",
        )
        if self.layer_norm:
            self.norm.build((None, self.units))

    def call(self, inputs, states, training=False):
        (hidden,) = states
        gates = matmul(ops.concatenate([inputs, hidden], axis=-1), self.kernel)
        candidate = tanh(gates[:, : self.units])
        update = ops.sigmoid(gates[:, self.units :])
        hidden = hidden + update * (candidate - hidden)
        if self.layer_norm:
            hidden = self.norm(hidden)
        return hidden, [hidden]

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, self.units), dtype=self.compute_dtype)]

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "layer_norm": self.layer_norm,
        }
