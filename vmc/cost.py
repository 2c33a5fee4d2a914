"""The cost function of equation 24 and its gradient.

    E / N + (T / N) <log |psi|^2> + C <M^2>

with N sites and M the mean of the spins as +-1. All averages are over
|psi|^2, so each term's gradient has the score-function form

    2 Re < (X - <X>)^* d log psi >

and no gradient goes through samples or local energies. Centring the
temperature and magnetisation terms too changes nothing on average and
takes noise away.
"""

import dataclasses

from keras import ops


@dataclasses.dataclass(frozen=True)
class Cost:
    """The terms of the cost (equation 24), and how the energy's tail is clipped.

    Attributes:
        magnetization_penalty: C; 10 in the paper, 0 when growing.
        local_energy_clip: clip the centred local energies in the gradient
            at so many standard deviations; None does not. One sample in
            many has a local energy far out, and its gradient is noise. An
            estimate is never clipped.

    Example:

    `vmc.VMC` and `vmc.Stage` make one of their arguments of the same names.

    >>> Cost(magnetization_penalty=10.0)
    Cost(magnetization_penalty=10.0, local_energy_clip=None)
    """

    magnetization_penalty: float = 0.0
    local_energy_clip: float | None = None


def magnetization_squared(spins):
    """M^2 with M the mean of the spins as +-1: float32 `[batch]`."""
    axes = tuple(range(1, len(spins.shape)))
    return ops.square(2 * ops.mean(ops.cast(spins, "float32"), axis=axes) - 1)


def score_coefficients(
    cost, energy, log_probability, magnetization_sq, temperature, num_sites, weights
):
    """What multiplies d log|psi| and d phase of each sample in the gradient.

    Args:
        cost: a `Cost`.
        energy: `(real, imaginary)` parts of the local energies, `[batch]`.
        log_probability: log |psi|^2, `[batch]`.
        magnetization_sq: M^2, `[batch]`.
        temperature: T.
        num_sites: N.
        weights: `[batch]`, summing to 1: 1 / batch for samples, |psi|^2
            for enumerated configurations.

    Returns:
        `(a, c)`: the gradient is that of sum a log|psi| + c phase.
    """

    def centred(x):
        x = ops.cast(x, log_probability.dtype)
        return x - ops.sum(weights * x)

    temperature = ops.cast(temperature, log_probability.dtype)

    real, imaginary = (centred(part) for part in energy)
    if cost.local_energy_clip is not None:
        deviation = ops.sqrt(ops.sum(weights * (real**2 + imaginary**2)))
        bound = cost.local_energy_clip * deviation
        real, imaginary = (ops.clip(part, -bound, bound) for part in (real, imaginary))
    amplitude = (
        real + temperature * centred(log_probability)
    ) / num_sites + cost.magnetization_penalty * centred(magnetization_sq)
    return 2 * weights * amplitude, 2 * weights * imaginary / num_sites


def surrogate(log_amplitude, phase, coefficients):
    """A scalar whose gradient is the cost's; its value means nothing."""
    a, c = (ops.stop_gradient(x) for x in coefficients)
    return ops.sum(a * log_amplitude + c * phase)


def global_norm(gradients):
    """L2 norm of all gradients together."""
    return ops.sqrt(sum(ops.sum(ops.square(g)) for g in gradients))


def clip_by_global_norm(gradients, norm, largest):
    """Gradients scaled down, where their norm exceeds the largest allowed."""
    scale = ops.minimum(1.0, largest / ops.maximum(norm, 1e-30))
    return [g * scale for g in gradients]
