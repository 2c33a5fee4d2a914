"""Where a step goes: the gradient, or what takes its place."""

import dataclasses

from keras import ops

from models.checks import real_number


class Direction:
    """What a training step asks the optimizer to go against.

    A class of one's own is a frozen dataclass with `find`, and with
    `memory` and `optimizer` where it needs them. It holds settings only:
    what it remembers from step to step is kept in variables of the
    `vmc.VMC`, and so in every checkpoint and file.

    Example:

    Only the gradient's signs:

    >>> import keras, models, vmc
    >>> @dataclasses.dataclass(frozen=True)
    ... class Signs(Direction):
    ...     def find(self, minibatch, memory):
    ...         gradient = minibatch.gradient()
    ...         norm = global_norm(gradient)
    ...         return [ops.sign(g) for g in gradient], memory, {"gradient_norm": norm}
    >>> model = vmc.VMC(models.GRUChain(units=4), vmc.Heisenberg(vmc.Chain(4)), num_samples=20)
    >>> model.compile(keras.optimizers.SGD(1e-3), direction=Signs())
    >>> history = model.fit(steps_per_epoch=2, verbose=0)
    """

    def memory(self, num_weights):
        """What it remembers: a dict of name to shape, which starts as zeros."""
        return {}

    def optimizer(self):
        """A Keras optimizer that suits it in a run of stages; None is the run's own."""
        return None

    def find(self, minibatch, memory):
        """The direction of a step.

        Args:
            minibatch: a `vmc.training.minibatch.Minibatch`.
            memory: a dict of what it remembers.

        Returns:
            `(direction, memory, logs)`: a list of floats like the trainable
            weights; what to remember, which is kept if the step is finite;
            and a dict of scalars to log, with `gradient_norm` among them.
        """
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Gradient(Direction):
    """The gradient of the cost (equation 24).

    Attributes:
        clip: scale gradients down to this global norm; None does not. The
            paper's is 1.

    Example:

    >>> Gradient(clip=1)
    Gradient(clip=1.0)
    """

    clip: float | None = None

    def __post_init__(self):
        if self.clip is not None:
            object.__setattr__(self, "clip", real_number("clip", self.clip, positive=True))

    def find(self, minibatch, memory):
        gradient = minibatch.gradient()
        norm = global_norm(gradient)
        if self.clip is not None:
            gradient = clip_by_global_norm(gradient, norm, self.clip)
        return gradient, memory, {"gradient_norm": norm}


def global_norm(tensors):
    """L2 norm of all tensors together."""
    return ops.sqrt(sum(ops.sum(ops.square(t)) for t in tensors))


def clip_by_global_norm(tensors, norm, largest):
    """Tensors scaled down, where their norm exceeds the largest allowed."""
    scale = ops.minimum(1.0, largest / ops.maximum(norm, 1e-30))
    return [t * scale for t in tensors]
