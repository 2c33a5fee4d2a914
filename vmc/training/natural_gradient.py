"""Natural gradient (stochastic reconfiguration) where samples are fewer than weights."""

import dataclasses
import math

import keras
from keras import ops

from models.backend import matmul
from models.checks import real_number
from vmc.training.direction import Direction, global_norm


@dataclasses.dataclass(frozen=True)
class NaturalGradient(Direction):
    """Stochastic reconfiguration in its minSR form, with momentum (SPRING).

    With X the centred gradients of log psi, a row a sample, and e the
    centred local energies, both divided by sqrt(num_samples), the step is
    against

        d = X^T (X X^T + damping)^-1 (e - momentum X d') + momentum d'

    where d' is the d of the step before. Without momentum this is
    (S + damping)^-1 g, with S = X^T X the quantum geometric tensor and g
    half the energy's gradient, but only a matrix of samples by samples is
    solved. Real and imaginary parts, where phases are free, are rows of
    their own. See Chen and Heyl, arXiv:2302.01941 (minSR), and Goldshlager,
    Abrahamsen and Lin, arXiv:2401.10190 (SPRING). The optimizer is best
    `keras.optimizers.SGD`.

    Attributes:
        damping: added to the eigenvalues of X X^T.
        momentum: how much of the step before is kept where these samples
            say nothing about it.
        max_step: largest norm of a step, the rate times d; d is bounded
            before it is remembered, so that one wild batch is not carried
            on.

    Raises:
        ValueError: an attribute that is not a number.

    Example:

    >>> import keras, models, vmc
    >>> wf = models.GRUChain(units=4, total_sz=0, marshall_sign=True, phase="none")
    >>> model = vmc.VMC(wf, vmc.Heisenberg(vmc.Chain(6)), num_samples=50)
    >>> model.compile(keras.optimizers.SGD(0.02), direction=NaturalGradient(damping=1e-2))
    >>> history = model.fit(steps_per_epoch=2, verbose=0)
    >>> history.history["skipped"]
    [0.0]
    """

    damping: float = 1e-3
    momentum: float = 0.9
    max_step: float = 0.1

    def __post_init__(self):
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, real_number(field.name, getattr(self, field.name)))

    def memory(self, num_weights):
        return {"direction": (num_weights,)}

    def optimizer(self):
        return keras.optimizers.SGD(0.0)

    def find(self, minibatch, memory):
        weights = minibatch.weights
        # The coefficients carry 2 weight / num_sites; e carries sqrt(weight).
        scale = minibatch.num_sites / (2 * ops.sqrt(weights))
        rows = minibatch.per_sample_gradients()
        parts = [(g, c) for g, c in zip(rows, minibatch.coefficients()) if g]
        matrix = ops.concatenate([centred_rows(g, weights) for g, _ in parts])
        residual = ops.concatenate([scale * c for _, c in parts])
        rate = ops.cast(minibatch.learning_rate, matrix.dtype)
        direction = self.solve(matrix, residual, memory["direction"], rate)
        shapes = [g.shape[1:] for g in rows[0]]
        direction_by_weight = split(direction, shapes)
        norm = global_norm(direction_by_weight)
        return direction_by_weight, {"direction": direction}, {"gradient_norm": norm}

    def solve(self, gradients, residual, previous, rate):
        """The direction d of a step.

        Args:
            gradients: X, float `[rows, weights]`.
            residual: e, float `[rows]`.
            previous: d', float `[weights]`.
            rate: the learning rate, a scalar.

        Returns:
            float `[weights]`.
        """
        kept = self.momentum * previous
        gram = matmul(gradients, ops.transpose(gradients))
        gram = gram + self.damping * ops.eye(gram.shape[0], dtype=gram.dtype)
        unexplained = residual - matmul(gradients, kept[:, None])[:, 0]
        solution = ops.solve(gram, unexplained[:, None])
        direction = matmul(ops.transpose(gradients), solution)[:, 0] + kept
        norm = ops.sqrt(ops.sum(ops.square(direction)))
        largest = self.max_step / ops.maximum(rate, 1e-30)
        return direction * ops.minimum(1.0, largest / ops.maximum(norm, 1e-30))


def centred_rows(per_sample, weights):
    """X: centred and weighted gradients of each sample.

    Args:
        per_sample: a list of float `[samples, ...]`, one entry a weight.
        weights: float `[samples]`, summing to 1.

    Returns:
        float `[samples, weights]`.
    """
    rows = ops.concatenate([ops.reshape(g, (g.shape[0], -1)) for g in per_sample], axis=1)
    rows = rows - ops.sum(weights[:, None] * rows, axis=0, keepdims=True)
    return ops.sqrt(weights)[:, None] * rows


def split(vector, shapes):
    """A vector of all weights as a list of tensors of these shapes."""
    parts, start = [], 0
    for shape in shapes:
        size = math.prod(shape)
        parts.append(ops.reshape(vector[start : start + size], shape))
        start += size
    return parts
