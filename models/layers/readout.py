"""From a hidden state to the conditional wave function of one spin."""

import keras
from keras import ops

from models.backend import arctan2
from models.layers.affine import affine
from models.options import ReadOnlyOptions


@keras.saving.register_keras_serializable(package="iterative_retraining")
class ConditionalReadout(ReadOnlyOptions, keras.layers.Layer):
    """The two-layer feed-forward network that reads out a conditional (equation 8).

    The conditional of a spin has a probability for each of its two values,
    a softmax of two logits, and a phase for each, given by an unnormalised
    pair (sin, cos).

    Args:
        units: width of the hidden layer.
        phase: `"free"` for a phase for each spin value, `"none"` for a
            real, positive conditional.
        edge_distance: K > 0 adds to the input a learned vector for the
            distance to the far edge along each axis, clipped at K. The far
            edge is what a network that walks away from the near one cannot
            see; the bulk, further than K from it, stays translation
            invariant. (Not in the paper.)
        num_axes: number of lattice axes, 1 for a chain, 2 for a square.

    Call arguments:
        context: float `[..., features]`.
        edge: float `[..., features]` or None; rows of `edge_context`.

    Returns:
        `(logits, angles)`: float `[..., 2]` and float `[..., 4]`, the sines
        for down and up and then the cosines; `angles` is None without phase.
    """

    def __init__(self, units, phase="free", edge_distance=0, num_axes=1, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.phase = phase
        self.edge_distance = edge_distance
        self.num_axes = num_axes

    def build(self, input_shape):
        width = input_shape[-1]
        outputs = 6 if self.phase == "free" else 2
        self.hidden_kernel = self.add_weight(shape=(width, self.units), name="hidden_kernel")
        self.hidden_bias = self.add_weight(
            shape=(self.units,), initializer="zeros", name="hidden_bias"
        )
        self.kernel = self.add_weight(shape=(self.units, outputs), name="kernel")
        # atan2 has no gradient at (0, 0), which is what the first site would
        # give with zero biases: the angles start at (sin, cos) = (0, 1).
        self.bias = self.add_weight(
            shape=(outputs,),
            initializer=_initial_bias,
            name="bias",
        )
        if self.edge_distance:
            self.edge_table = self.add_weight(
                shape=(self.num_axes, self.edge_distance + 1, width),
                initializer="zeros",
                name="edge_table",
            )

    def edge_context(self, shape):
        """What the distance to the far edge adds to each site's context.

        Args:
            shape: the lattice's shape, a tuple of ints.

        Returns:
            float `[sites, features]` in raster order, or None without edges.
        """
        if not self.edge_distance:
            return None
        total = 0
        for axis, length in enumerate(shape):
            distance = ops.minimum(ops.arange(length - 1, -1, -1), self.edge_distance)
            rows = ops.take(self.edge_table[axis], distance, axis=0)
            before, after = axis, len(shape) - 1 - axis
            total = total + ops.reshape(rows, (1,) * before + (length,) + (1,) * after + (-1,))
        return ops.reshape(total, (-1, total.shape[-1]))

    def call(self, context, edge=None):
        if edge is not None:
            context = context + edge
        hidden = ops.relu(affine(context, self.hidden_kernel, self.hidden_bias))
        output = affine(hidden, self.kernel, self.bias)
        return output[..., :2], (output[..., 2:] if self.phase == "free" else None)

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "phase": self.phase,
            "edge_distance": self.edge_distance,
            "num_axes": self.num_axes,
        }


def _initial_bias(shape, dtype=None):
    return ops.cast([0, 0, 0, 0, 1, 1][: shape[0]], dtype)


def log_probability(logits, spins, forced=None):
    """Log of the softmax probability of the spins that occurred.

    Args:
        logits: float `[..., 2]`, for down and up.
        spins: int `[...]` in {0, 1}.
        forced: bool `[...]` or None: sites where the conserved
            magnetisation leaves one value, whose probability is then 1.

    Returns:
        float `[...]`.
    """
    gap = logits[..., 1] - logits[..., 0]
    log_p = -ops.softplus(ops.where(spins > 0, -gap, gap))
    return log_p if forced is None else ops.where(forced, ops.zeros_like(log_p), log_p)


def conditional_phase(angles, spins):
    """The phase of the spins that occurred, from their (sin, cos) pairs.

    Args:
        angles: float `[..., 4]` as `ConditionalReadout` returns them.
        spins: int `[...]` in {0, 1}.

    Returns:
        float `[...]`, in radians.
    """
    up = spins > 0
    return arctan2(
        ops.where(up, angles[..., 1], angles[..., 0]),
        ops.where(up, angles[..., 3], angles[..., 2]),
    )
