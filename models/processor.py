"""One layer of the two-dimensional model: two processors and what joins them."""

import keras
from keras import ops

from models.lstm import LSTMCell


@keras.saving.register_keras_serializable(package="iterative_retraining")
class ProcessorLayer(keras.layers.Layer):
    """Three LSTMs, the shift mask and a feed-forward network (equations 9 to 11).

    One LSTM runs down the columns (equation 9); its output feeds one that
    runs right along the rows and one that runs left (equation 10). The
    right-running output is shifted one column right and the left-running
    one row down, so that together they have seen exactly the sites before
    this one in raster order. A two-layer feed-forward network joins them,
    and its output is added to the layer's input (equation 11).

    Args:
        units: width of all states.
        feedforward_units: width of the feed-forward network's hidden layer.
        residual: whether to add the input. Never in the first layer, whose
            input is the very spin that is to be predicted.
        layer_norm: normalise the LSTMs' states and the output.

    Call arguments:
        inputs: float `[batch, rows, columns, features]`.

    Returns:
        float `[batch, rows, columns, units]`.

    Example:

    >>> import numpy as np
    >>> layer = ProcessorLayer(units=4, feedforward_units=8, residual=False)
    >>> tuple(layer(np.zeros((1, 3, 5, 2), "float32")).shape)
    (1, 3, 5, 4)
    """

    def __init__(self, units, feedforward_units, residual, layer_norm=False, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.feedforward_units = feedforward_units
        self.residual = residual
        self.layer_norm = layer_norm
        options = {"layer_norm": layer_norm, "dtype": self.dtype_policy}
        self.down_cell = LSTMCell(units, output_cell_state=True, name="down", **options)
        self.right_cell = LSTMCell(units, name="right", **options)
        self.left_cell = LSTMCell(units, name="left", **options)
        self.down, self.right, self.left = (
            keras.layers.RNN(
                cell,
                return_sequences=True,
                go_backwards=cell is self.left_cell,
                dtype=self.dtype_policy,
                name=f"{cell.name}_rnn",
            )
            for cell in (self.down_cell, self.right_cell, self.left_cell)
        )
        self.norm = (
            keras.layers.LayerNormalization(dtype=self.dtype_policy, name="norm")
            if layer_norm
            else None
        )

    def build(self, input_shape):
        units, width = self.units, self.feedforward_units
        self.down.build((None, None, input_shape[-1]))
        self.right.build((None, None, units))
        self.left.build((None, None, units))
        self.hidden_kernel = self.add_weight(shape=(2 * units, width), name="hidden_kernel")
        self.hidden_bias = self.add_weight(shape=(width,), initializer="zeros", name="hidden_bias")
        self.kernel = self.add_weight(shape=(width, units), name="kernel")
        self.bias = self.add_weight(shape=(units,), initializer="zeros", name="bias")
        if self.norm is not None:
            self.norm.build((None, units))

    def call(self, inputs):
        return self.call_with_states(inputs)[0]

    def call_with_states(self, inputs):
        """The layer over whole lattices, one direction at a time (figure 2b).

        Returns:
            `(output, down, left)`: besides the output, hidden and cell
            state of the downward LSTM, float `[batch, rows, columns, 2
            units]`, and the hidden state of the left-running one, not yet
            shifted.
        """
        _, rows, columns, features = inputs.shape
        by_column = ops.reshape(ops.transpose(inputs, (0, 2, 1, 3)), (-1, rows, features))
        down = ops.reshape(self.down(by_column), (-1, columns, rows, 2 * self.units))
        down = ops.transpose(down, (0, 2, 1, 3))
        hidden = ops.reshape(down[..., : self.units], (-1, columns, self.units))
        right, left = (
            ops.reshape(x, (-1, rows, columns, self.units))
            for x in (self.run_right(hidden), self.run_left(hidden))
        )
        left_above = ops.pad(left[:, :-1], ((0, 0), (1, 0), (0, 0), (0, 0)))
        return self.join(right, left_above, inputs), down, left

    def run_right(self, down):
        """The right-running LSTM over rows, shifted right by one column.

        Args:
            down: hidden states of the downward LSTM, `[rows, columns, units]`.

        Returns:
            float of the same shape: at each site, the state before it.
        """
        return ops.pad(self.right(down)[:, :-1], ((0, 0), (1, 0), (0, 0)))

    def run_left(self, down):
        """The left-running LSTM over rows, not yet shifted down: as `down`."""
        return ops.flip(self.left(down), axis=1)

    def join(self, right, left, inputs):
        """The feed-forward network of both shifted outputs, and the residual."""
        both = ops.concatenate([right, left], axis=-1)
        hidden = ops.relu(ops.matmul(both, self.hidden_kernel) + self.hidden_bias)
        output = ops.matmul(hidden, self.kernel) + self.bias
        if self.residual:
            output = inputs + output
        return output if self.norm is None else self.norm(output)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "feedforward_units": self.feedforward_units,
            "residual": self.residual,
            "layer_norm": self.layer_norm,
        }
