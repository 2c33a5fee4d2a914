"""One layer of the two-dimensional model: two processors and what joins them."""

import keras
from keras import ops

from models.backend import has_accelerator
from models.layers.affine import affine
from models.layers.lstm import LSTMCell
from models.layers.recurrence import hidden_along_both_ways, states_along
from models.options import ReadOnlyOptions


@keras.saving.register_keras_serializable(package="iterative_retraining")
class ProcessorLayer(ReadOnlyOptions, keras.layers.Layer):
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
        self.down_cell, self.right_cell, self.left_cell = (
            LSTMCell(units, layer_norm=layer_norm, dtype=self.dtype_policy, name=name)
            for name in ("down", "right", "left")
        )
        self.norm = (
            keras.layers.LayerNormalization(dtype=self.dtype_policy, name="norm")
            if layer_norm
            else None
        )

    def build(self, input_shape):
        units, width = self.units, self.feedforward_units
        self.down_cell.build((None, input_shape[-1]))
        self.right_cell.build((None, units))
        self.left_cell.build((None, units))
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
            `(output, states)`: besides the output a list of three, hidden
            and cell state of the downward LSTM, float `[rows, columns,
            batch, units]`, and the hidden state of the left-running one,
            shifted one row down.
        """
        by_row = ops.transpose(inputs, (1, 2, 0, 3))
        hidden, cell = states_along(self.down_cell, by_row)
        by_column = _swap(hidden)
        if has_accelerator():
            # What counts there is the number of steps.
            right, left = hidden_along_both_ways(self.right_cell, self.left_cell, by_column)
            right, left = ops.pad(right[:-1], ((1, 0),) + ((0, 0),) * 3), left[:, :-1]
        else:
            right, left = self.run_right(by_column), self.run_left(by_column[:, :-1])
        right = _swap(right)
        left_above = ops.pad(_swap(left), ((1, 0), (0, 0), (0, 0), (0, 0)))
        output = ops.transpose(self.join(right, left_above, by_row), (2, 0, 1, 3))
        return output, [hidden, cell, left_above]

    def run_right(self, down):
        """The right-running LSTM over rows, shifted right by one column.

        Args:
            down: hidden states of the downward LSTM, float `[columns,
                *batch, units]`.

        Returns:
            float of the same shape: at each site, the state before it.
        """
        before = states_along(self.right_cell, down[:-1])[0]
        return ops.pad(before, ((1, 0),) + ((0, 0),) * (len(down.shape) - 1))

    def run_left(self, down):
        """The left-running LSTM over rows, not yet shifted down: as `down`."""
        return states_along(self.left_cell, down, reverse=True)[0]

    def join(self, right, left, inputs):
        """The feed-forward network of both shifted outputs, and the residual."""
        both = ops.concatenate([right, left], axis=-1)
        hidden = ops.relu(affine(both, self.hidden_kernel, self.hidden_bias))
        output = affine(hidden, self.kernel, self.bias)
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


def _swap(x):
    """`[rows, columns, ...]` to `[columns, rows, ...]`, or back."""
    return ops.transpose(x, (1, 0, 2, 3))
