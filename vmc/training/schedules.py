"""Schedules of the paper that Keras does not have."""

import keras
from keras import ops

from models.checks import whole_number


@keras.saving.register_keras_serializable(package="iterative_retraining")
class InverseSqrtDecay(keras.optimizers.schedules.LearningRateSchedule):
    """eta_t = eta_0 / sqrt(1 + decay_rate t), the paper's learning rate (appendix V C).

    Args:
        initial_learning_rate: eta_0.
        decay_rate: 0.001 in the paper.

    Example:

    >>> round(float(InverseSqrtDecay(1e-3)(3000)), 6)
    0.0005
    """

    def __init__(self, initial_learning_rate, decay_rate=0.001):
        self.initial_learning_rate = float(initial_learning_rate)
        self.decay_rate = float(decay_rate)

    def __call__(self, step):
        step = ops.cast(step, "float32")
        return self.initial_learning_rate * ops.rsqrt(1 + self.decay_rate * step)

    def get_config(self):
        return {
            "initial_learning_rate": self.initial_learning_rate,
            "decay_rate": self.decay_rate,
        }


@keras.saving.register_keras_serializable(package="iterative_retraining")
class Warmup(keras.optimizers.schedules.LearningRateSchedule):
    """A linear rise over the first steps to another schedule.

    An optimiser that starts with empty moments takes its largest steps
    first, and throws a grown model away with them.

    Args:
        schedule: a float or another schedule.
        steps: length of the rise; 0 is none.

    Raises:
        ValueError: `steps` is no whole number, or negative.

    Example:

    >>> [round(float(Warmup(1e-3, steps=4)(step)), 5) for step in (0, 1, 3, 100)]
    [0.00025, 0.0005, 0.001, 0.001]
    """

    def __init__(self, schedule, steps):
        self.schedule = schedule if callable(schedule) else float(schedule)
        self.steps = whole_number("steps", steps, 0)

    def __call__(self, step):
        rate = self.schedule(step) if callable(self.schedule) else self.schedule
        if not self.steps:
            return rate
        return rate * ops.minimum(1.0, (ops.cast(step, "float32") + 1) / self.steps)

    def get_config(self):
        schedule = self.schedule
        if callable(schedule):
            schedule = keras.saving.serialize_keras_object(schedule)
        return {"schedule": schedule, "steps": self.steps}

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        if isinstance(config["schedule"], dict):
            config["schedule"] = keras.saving.deserialize_keras_object(config["schedule"])
        return cls(**config)


def paper_temperature(start=0):
    """T = 1 / (1 + 0.001 minibatch), the paper's temperature (appendix V C).

    Args:
        start: minibatches that came before, in earlier stages.

    Example:

    >>> [round(float(paper_temperature(start)(1000)), 3) for start in (0, 3000)]
    [0.5, 0.2]
    """
    now = 1 / (1 + 0.001 * start)
    return keras.optimizers.schedules.InverseTimeDecay(now, decay_steps=1, decay_rate=0.001 * now)
