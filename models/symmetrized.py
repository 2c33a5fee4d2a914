"""A wave function averaged over the symmetries of its lattice."""

import keras
import numpy as np
from keras import ops

from models import flips
from models.backend import compiled
from models.signs import marshall_phase, sublattice
from models.symmetry import permutations
from models.wave_function import WaveFunction


@keras.saving.register_keras_serializable(package="iterative_retraining")
class Symmetrized(WaveFunction):
    """A wave function averaged over a symmetry group (equations 22 and 23).

    The probability is the mean of the transformed configurations'
    probabilities; the phase is that of their probability-weighted mean
    phase factor. Phases are averaged in the Marshall frame: the Marshall
    sign is taken out before and put back after. A reflection that swaps
    the sublattices changes the sign of the ground state where the number
    of up spins is odd (chains of 10 and 30, the 2x3 lattice), and an
    average of the plain phases would destroy such a state.

    Args:
        base: the wave function that is symmetrised, and trained.
        group: `"reflection"`, `"rectangle"` or `"square"`.
        spin_flip: also average over the flip of all spins.

    Raises:
        ValueError: an unknown group; a flip of all spins where the base
            conserves a total S^z other than zero; when called, a lattice
            that has not got the symmetry.

    Example:

    >>> from models import GRUChain
    >>> wf = Symmetrized(GRUChain(units=4), group="reflection")
    >>> spins = wf.sample(3, shape=(6,), seed=0)
    >>> log_amplitude, phase = wf(spins)
    >>> mirrored, _ = wf(spins[:, ::-1])
    >>> bool(np.allclose(log_amplitude, mirrored, atol=1e-6))
    True
    """

    def __init__(self, base, group, spin_flip=False, **kwargs):
        super().__init__(**kwargs)
        permutations(group, (2,) * (base.num_axes or 1))  # an unknown group fails here
        if spin_flip and getattr(base, "total_sz", None):
            raise ValueError(f"A flip of all spins does not conserve total_sz={base.total_sz}.")
        self.base = base
        self.group = group
        self.spin_flip = bool(spin_flip)
        self.num_axes = base.num_axes
        self.built = base.built

    @property
    def marshall_sign(self):
        """Whether the base carries the Marshall sign."""
        return getattr(self.base, "marshall_sign", False)

    @property
    def units(self):
        """Width of the base's hidden states."""
        return getattr(self.base, "units", 1)

    def images(self, spins):
        """All transformed configurations: a list of int `[batch, *shape]`."""
        batch, *shape = spins.shape
        flat = ops.reshape(spins, (batch, -1))
        images = [ops.take(flat, p, axis=1) for p in permutations(self.group, tuple(shape))]
        if self.spin_flip:
            images += [1 - image for image in images]
        return [ops.reshape(image, (batch, *shape)) for image in images]

    def call(self, spins, training=False):
        spins = self.check_spins(spins)
        logs, phases = zip(*(self._in_marshall_frame(image) for image in self.images(spins)))
        log_amplitude, phase = average(ops.stack(logs), ops.stack(phases))
        return log_amplitude, phase + ops.cast(marshall_phase(spins), phase.dtype)

    def _in_marshall_frame(self, spins):
        log_amplitude, phase = self.base(spins)
        return log_amplitude, phase - ops.cast(marshall_phase(spins), phase.dtype)

    def uniforms_per_sample(self, shape):
        return self.base.uniforms_per_sample(shape) + 1

    @compiled
    def draw(self, uniforms, *, shape):
        """A base sample, moved by a random group element."""
        images = ops.stack(self.images(self.base.draw(uniforms[:, 1:], shape=shape)), axis=1)
        element = ops.cast(uniforms[:, 0] * images.shape[1], "int32")
        chosen = ops.one_hot(element, images.shape[1], dtype="int32")
        chosen = ops.reshape(chosen, chosen.shape + (1,) * len(shape))
        return ops.sum(chosen * images, axis=1)

    @compiled
    def compute_flip_log_ratio(self, spins, wanted, *, moves):
        """From the base's flip ratios of all images, whose prefixes are shared."""
        shape = tuple(spins.shape[1:])
        group = permutations(self.group, shape)
        even = sublattice(shape)
        logs, phases, moved_logs, moved_phases = [], [], [], []
        for number, image in enumerate(self.images(spins)):
            # Site k of the image holds site p[k], so a flip of s is one of
            # the place that p holds s at.
            place = np.argsort(group[number % len(group)])
            image_moves = tuple(tuple(int(place[s]) for s in move) for move in moves)
            log_amplitude, phase = self._in_marshall_frame(image)
            d_log, d_phase = self.base.compute_flip_log_ratio(image, wanted, moves=image_moves)
            even_flips = flips.flip_mask(image_moves, len(even)) @ even % 2
            logs.append(log_amplitude)
            phases.append(phase)
            moved_logs.append(log_amplitude[:, None] + d_log)
            moved_phases.append(
                phase[:, None] + d_phase - np.pi * ops.cast(even_flips, phase.dtype)
            )
        log_amplitude, phase = average(ops.stack(logs), ops.stack(phases))
        moved_log, moved_phase = average(ops.stack(moved_logs), ops.stack(moved_phases))
        even_flips = flips.flip_mask(moves, len(even)) @ even % 2
        d_phase = moved_phase - phase[:, None] + np.pi * ops.cast(even_flips, phase.dtype)
        return flips.discard(moved_log - log_amplitude[:, None], d_phase, wanted)

    def get_config(self):
        return {
            **super().get_config(),
            "base": keras.saving.serialize_keras_object(self.base),
            "group": self.group,
            "spin_flip": self.spin_flip,
        }

    @classmethod
    def from_config(cls, config):
        config = dict(config)
        config["base"] = keras.saving.deserialize_keras_object(config["base"])
        return cls(**config)


def average(log_amplitudes, phases):
    """Equations 22 and 23 over the first axis.

    Args:
        log_amplitudes: float `[elements, ...]`, -inf for amplitude zero.
        phases: float `[elements, ...]`.

    Returns:
        `(log_amplitude, phase)`, float `[...]`.
    """
    top = ops.stop_gradient(ops.max(log_amplitudes, axis=0))
    # Where all amplitudes are zero there is nothing to average.
    top = ops.where(ops.isfinite(top), top, ops.zeros_like(top))
    weights = ops.exp(2 * (log_amplitudes - top))
    mean = ops.mean(weights, axis=0)
    log_amplitude = top + ops.where(
        mean > 0, ops.log(ops.where(mean > 0, mean, ops.ones_like(mean))) / 2, -np.inf
    )
    sine = ops.sum(weights * ops.sin(phases), axis=0)
    cosine = ops.sum(weights * ops.cos(phases), axis=0)
    empty = ops.logical_and(sine == 0, cosine == 0)
    # atan2 has no gradient at (0, 0).
    return log_amplitude, ops.arctan2(sine, ops.where(empty, ops.ones_like(cosine), cosine))
