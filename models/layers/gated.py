"""The gated recurrent cell that reads two neighbours on a lattice."""

import keras
from keras import ops

from models.backend import tanh
from models.layers.affine import matmul
from models.options import ReadOnlyOptions


@keras.saving.register_keras_serializable(package="iterative_retraining")
class GatedCell(ReadOnlyOptions, keras.layers.Layer):
    """A gated recurrent unit of two neighbours (arXiv:2207.14314, arXiv:2502.17144).

        x = [h_before * S_before, h_above * S_above]
        u = sigmoid(U x + b_u)
        h = u tanh(W x + b_w) + (1 - u) V [h_before, h_above]

    The star is the tensor product of a hidden state with the one-hot vector
    of the spin at its site, so that each spin value has matrices of its own.
    Outside the lattice both are zero.

    Args:
        units: width of the hidden states.
        tensorized: whether states are multiplied by their spins as above.
            Without, spins stand beside them: `x = [h_before, S_before,
            h_above, S_above]`, with about half as many weights.
        layer_norm: normalise every new hidden state (not in the papers).

    Call arguments:
        inputs: two pairs of a hidden state, float `[batch, units]`, and a
            one-hot spin, float `[batch, 2]`: of the site before and of the
            site above.

    Returns:
        The new hidden state, float `[batch, units]`.

    Example:

    >>> import numpy as np
    >>> cell = GatedCell(4)
    >>> cell.build()
    >>> nothing = np.zeros((3, 4), "float32"), np.zeros((3, 2), "float32")
    >>> tuple(cell([nothing, nothing]).shape)
    (3, 4)
    """

    def __init__(self, units, tensorized=True, layer_norm=False, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.tensorized = tensorized
        self.layer_norm = layer_norm
        if layer_norm:
            self.norm = keras.layers.LayerNormalization(dtype=self.dtype_policy, name="norm")

    def build(self, input_shape=None):
        width = 2 * self.units if self.tensorized else self.units + 2
        self.kernel = self.add_weight(shape=(2 * width, 2 * self.units), name="kernel")
        # A state of zero times a spin is zero, whatever the spin: at the
        # first sites only the bias makes one, which must not be zero itself.
        self.bias = self.add_weight(
            shape=(2 * self.units,), initializer=self._initial_bias, name="bias"
        )
        self.carry_kernel = self.add_weight(shape=(2 * self.units, self.units), name="carry_kernel")
        if self.layer_norm:
            self.norm.build((None, self.units))
        self.built = True

    def _initial_bias(self, shape, dtype=None):
        candidate = keras.random.uniform((self.units,), -1.0, 1.0, dtype=dtype)
        return ops.concatenate([candidate, ops.zeros((self.units,), dtype=dtype)])

    def call(self, inputs):
        before, above = inputs
        step = self.prepared()
        return step(step.project(*above), *before)

    def prepared(self):
        """The cell's step with its weights at hand: a `GatedStep`."""
        return GatedStep(self)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "tensorized": self.tensorized,
            "layer_norm": self.layer_norm,
        }


class GatedStep:
    """One step of a gated cell, with its weights at hand for loops of many steps.

    One product of a neighbour's state makes its share of the candidate, of
    the gate and of what is carried on, for both values of its spin. The
    shares are arrays of their own: XLA does not vectorise sums of slices
    of one array with slices of another.

    Args:
        cell: a `GatedCell`.
    """

    def __init__(self, cell):
        self.tensorized = cell.tensorized
        self.norm = cell.norm if cell.layer_norm else None
        self.bias = ops.split(cell.bias, 2)
        self.before, self.above = (
            self._joined(kernel, carry, cell.units)
            for kernel, carry in zip(ops.split(cell.kernel, 2), ops.split(cell.carry_kernel, 2))
        )

    def _joined(self, kernel, carry, units):
        """A neighbour's matrices beside each other, and the rows of its spin values if added."""
        if self.tensorized:
            return ops.concatenate([kernel[:units], kernel[units:], carry], axis=1), None
        rows = [ops.split(row, 2) for row in (kernel[units], kernel[units + 1])]
        return ops.concatenate([kernel[:units], carry], axis=1), rows

    def _shares(self, hidden, spins, weights):
        """A neighbour's shares of candidate, gate and what is carried on: float `[..., units]`."""
        matrix, rows = weights
        product = matmul(hidden, matrix)
        down, up = spins[..., :1], spins[..., 1:]
        if self.tensorized:
            *of_down, candidate, update, carried = ops.split(product, 5, axis=-1)
            of_up = candidate, update
            return [*(down * x + up * y for x, y in zip(of_down, of_up)), carried]
        candidate, update, carried = ops.split(product, 3, axis=-1)
        candidate, update = (
            share + down * x + up * y for share, x, y in zip((candidate, update), *rows)
        )
        return [candidate, update, carried]

    def project(self, hidden, spins):
        """The shares of the neighbours above, with the biases: three floats `[..., units]`.

        They need no state of the same row, so that one product serves a row.

        Args:
            hidden: float `[..., units]`.
            spins: one-hot, float `[..., 2]`.
        """
        candidate, update, carried = self._shares(hidden, spins, self.above)
        return [candidate + self.bias[0], update + self.bias[1], carried]

    def __call__(self, projected, hidden, spins):
        """A step from what `project` made of the neighbour above, and the one before."""
        shares = self._shares(hidden, spins, self.before)
        candidate, update, carried = (x + y for x, y in zip(projected, shares))
        hidden = carried + ops.sigmoid(update) * (tanh(candidate) - carried)
        return hidden if self.norm is None else self.norm(hidden)
