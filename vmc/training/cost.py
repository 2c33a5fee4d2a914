"""The cost function of equation 24 and the coefficients of its gradient.

    E / N + (T / N) <log |psi|^2> + C <M^2>

with N sites and M the mean of the spins as +-1. All averages are over
|psi|^2, so each term's gradient has the score-function form

    2 Re < (X - <X>)^* d log psi >

and no gradient goes through samples or local energies. Centring the
temperature and magnetisation terms too changes nothing on average and
takes noise away.
"""

import dataclasses

import keras
from keras import ops

from models.checks import real_number


@dataclasses.dataclass(frozen=True, kw_only=True)
class Cost:
    """The terms of the cost (equation 24), and how the energy's tail is clipped.

    `vmc.VMC` and `vmc.Stage` take these attributes as arguments of their own.

    Attributes:
        temperature: T, a float or a Keras schedule of the minibatch, such
            as `vmc.paper_temperature()`.
        magnetization_penalty: C; 10 in the paper, 0 when growing.
        local_energy_clip: clip the centred local energies in the gradient
            at so many standard deviations; None does not. One sample in
            many has a local energy far out, and its gradient is noise. An
            estimate is never clipped.

    Raises:
        ValueError: an attribute that is not a number.

    Example:

    >>> Cost(magnetization_penalty=10)
    Cost(temperature=0.0, magnetization_penalty=10.0, local_energy_clip=None)
    """

    temperature: float | keras.optimizers.schedules.LearningRateSchedule = 0.0
    magnetization_penalty: float = 0.0
    local_energy_clip: float | None = None

    def __post_init__(self):
        for name in ("temperature", "magnetization_penalty", "local_energy_clip"):
            value = getattr(self, name)
            if value is not None and not callable(value):
                object.__setattr__(self, name, real_number(name, value))

    def coefficients(self, minibatch, log_probability):
        """What multiplies d log|psi| and d phase of each sample in the gradient.

        Args:
            minibatch: a `vmc.training.minibatch.Minibatch`.
            log_probability: log |psi|^2 of its samples, float `[batch]`.

        Returns:
            `(a, c)`, float `[batch]` each: the gradient is that of
            sum a log|psi| + c phase.
        """
        weights, num_sites = minibatch.weights, minibatch.num_sites

        def centred(x):
            x = ops.cast(x, log_probability.dtype)
            return x - ops.sum(weights * x)

        temperature = self.temperature
        if callable(temperature):
            temperature = temperature(minibatch.number)
        temperature = ops.cast(temperature, log_probability.dtype)
        real, imaginary = (centred(part) for part in minibatch.energy)
        if self.local_energy_clip is not None:
            deviation = ops.sqrt(ops.sum(weights * (real**2 + imaginary**2)))
            bound = self.local_energy_clip * deviation
            real, imaginary = (ops.clip(part, -bound, bound) for part in (real, imaginary))
        magnetization = centred(magnetization_squared(minibatch.spins))
        amplitude = (
            real + temperature * centred(log_probability)
        ) / num_sites + self.magnetization_penalty * magnetization
        return 2 * weights * amplitude, 2 * weights * imaginary / num_sites


def magnetization_squared(spins):
    """M^2 with M the mean of the spins as +-1: float32 `[batch]`."""
    axes = tuple(range(1, len(spins.shape)))
    return ops.square(2 * ops.mean(ops.cast(spins, "float32"), axis=axes) - 1)
