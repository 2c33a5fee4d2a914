"""A wave function averaged over the symmetries of its lattice."""

import keras
import numpy as np
from keras import ops

from models import flips
from models.backend import arctan2, compiled, cos, sin
from models.signs import marshall_phase, sublattice
from models.symmetry import GROUPS, permutations
from models.wave_function import WaveFunction


@keras.saving.register_keras_serializable(package="iterative_retraining")
class Symmetrized(WaveFunction):
    """A wave function averaged over a symmetry group (equations 22 and 23).

    The probability is the mean of the transformed configurations'
    probabilities; the phase is that of their probability-weighted mean
    phase factor. The average leaves a state as it is only where the state
    has one and the same sign in all images of a configuration. A ground
    state that is positive has. Where it has the Marshall sign, as that of
    the Heisenberg antiferromagnet on a bipartite lattice, a reflection that
    swaps the sublattices changes its sign if the number of up spins is odd
    (chains of 10 and 30, the 2x3 lattice), and so does a flip of all spins
    if the even sublattice has an odd number of sites. Then phases are
    averaged in the Marshall frame: the Marshall sign is taken out before
    and put back after. The frame belongs to the Hamiltonian
    (`vmc.Hamiltonian.marshall_frame`), whose `check` refuses the other one.

    Args:
        base: the wave function that is symmetrised, and trained.
        group: `"reflection"`, `"rectangle"` or `"square"`.
        spin_flip: also average over the flip of all spins.
        marshall_frame: whether phases are averaged in the Marshall frame.
            By default they are, but for a base that is positive and has no
            Marshall sign; the average of an average is in the same frame.

    Raises:
        ValueError: an unknown group; a flip of all spins where the base
            conserves a total S^z other than zero; when called, a lattice
            without the symmetry.

    Example:

    >>> from models import GRUChain
    >>> wf = Symmetrized(GRUChain(units=4), group="reflection")
    >>> spins = wf.sample(3, shape=(6,), seed=0)
    >>> log_amplitude, phase = wf(spins)
    >>> mirrored, _ = wf(spins[:, ::-1])
    >>> bool(np.allclose(log_amplitude, mirrored, atol=1e-6))
    True
    """

    def __init__(self, base, group, spin_flip=False, marshall_frame=None, **kwargs):
        if not isinstance(base, WaveFunction):
            raise ValueError(f"base must be a wave function, not {base!r}.")
        super().__init__(**{"dtype": base.dtype_policy, **kwargs})
        if spin_flip and base.total_sz:
            raise ValueError(f"A flip of all spins does not conserve total_sz={base.total_sz}.")
        self.num_axes = base.num_axes or GROUPS.get(group)
        # A group that is unknown, or of another lattice, fails here.
        self.num_images = len(permutations(group, (2,) * (self.num_axes or 1)))
        self.num_images *= 2 if spin_flip else 1
        self.base = base
        self.group = group
        self.spin_flip = bool(spin_flip)
        self.marshall_frame = _own_frame(base) if marshall_frame is None else bool(marshall_frame)
        self.built = base.built

    @property
    def marshall_sign(self):
        """Whether the base carries the Marshall sign."""
        return self.base.marshall_sign

    @property
    def phase(self):
        """Whether the base has a network for phases: `"free"` or `"none"`."""
        return self.base.phase

    @property
    def total_sz(self):
        """The S^z that the base conserves: no symmetry changes it."""
        return self.base.total_sz

    @property
    def state_width(self):
        """The base's, for each image of a configuration."""
        return self.num_images * self.base.state_width

    def astype(self, dtype):
        base = self.base.astype(dtype)
        if base is self.base:
            return self
        return Symmetrized(base, self.group, self.spin_flip, self.marshall_frame)

    def images(self, spins):
        """All transformed configurations: int `[images, batch, *shape]`."""
        shape = tuple(spins.shape[1:])
        group = permutations(self.group, shape)
        flat = ops.reshape(spins, (-1, group.shape[1]))
        images = ops.transpose(ops.take(flat, group, axis=1), (1, 0, 2))
        if self.spin_flip:
            images = ops.concatenate([images, 1 - images])
        return ops.reshape(images, (self.num_images, -1, *shape))

    def call(self, spins, training=False):
        log_amplitude, phase = average(*self._in_frame(self.images(spins)))
        if self.marshall_frame:
            phase = phase + marshall_phase(spins, phase.dtype)
        return log_amplitude, phase

    def _in_frame(self, images):
        """The base's log-amplitude and phase in the frame: float `[images, batch]` each."""
        # As one batch, so that there is one graph for all images.
        images = ops.reshape(images, (-1, *images.shape[2:]))
        log_amplitude, phase = self.base(images)
        if self.marshall_frame:
            phase = phase - marshall_phase(images, phase.dtype)
        return tuple(ops.reshape(x, (self.num_images, -1)) for x in (log_amplitude, phase))

    def uniforms_per_sample(self, shape):
        return self.base.uniforms_per_sample(shape) + 1

    @compiled
    def draw(self, uniforms, *, shape):
        """A base sample, moved by a random group element."""
        images = self.images(self.base.draw(uniforms[:, 1:], shape=shape))
        element = ops.cast(uniforms[:, 0] * self.num_images, "int32")
        # A product with a number just below 1 may round up.
        element = ops.minimum(element, self.num_images - 1)
        chosen = ops.transpose(ops.one_hot(element, self.num_images, dtype="int32"))
        chosen = ops.reshape(chosen, (self.num_images, -1) + (1,) * len(shape))
        return ops.sum(chosen * images, axis=0)

    @compiled
    def compute_flip_log_ratio(self, spins, wanted, *, moves):
        """From the base's flip ratios of all images, whose prefixes are shared."""
        shape = tuple(spins.shape[1:])
        even = sublattice(shape) * self.marshall_frame
        image_moves = self.image_moves(moves, shape)
        images = self.images(spins)
        log_amplitude, phase = self._in_frame(images)
        d_log, d_phase = self._base_ratios(images, wanted, image_moves)
        # A flip on the even sublattice turns the Marshall sign, in its frame.
        image_turns = np.pi * (even[image_moves].sum(axis=2) % 2)[:, None]
        moved_log, moved_phase = average(
            log_amplitude[:, :, None] + d_log,
            phase[:, :, None] + d_phase - ops.cast(image_turns, phase.dtype),
        )
        log_amplitude, phase = average(log_amplitude, phase)
        turns = np.pi * (even[np.array(moves)].sum(axis=1) % 2)
        d_phase = moved_phase - phase[:, None] + ops.cast(turns, phase.dtype)
        return flips.discard(moved_log - log_amplitude[:, None], d_phase, wanted)

    def image_moves(self, moves, shape):
        """Where the images' sites of each move are: int `[images, num_moves, k]`."""
        # Site k of an image holds site p[k], so a flip of s is one of the
        # place that p holds s at.
        places = np.argsort(permutations(self.group, shape), axis=1)
        places = np.tile(places, (self.num_images // len(places), 1))
        return np.sort(places[:, np.array(moves)], axis=2)

    def _base_ratios(self, images, wanted, image_moves):
        """The base's flip ratios: float `[images, batch, num_moves]` each."""
        _, batch, *shape = images.shape
        num_images, num_moves, k = image_moves.shape
        # The bonds of a lattice are its images' bonds too, in another order:
        # one call of the base with all moves serves all images.
        distinct, column = np.unique(image_moves.reshape(-1, k), axis=0, return_inverse=True)
        column = column.reshape(num_images, num_moves)
        if wanted is None or len({tuple(sorted(move)) for move in image_moves[0]}) < num_moves:
            wanted = ops.ones((batch, num_moves), dtype="bool")
        # Moves that an image lacks are masked out.
        source = np.full((num_images, len(distinct)), num_moves)
        np.put_along_axis(source, column, np.arange(num_moves)[None], axis=1)
        wanted = ops.concatenate([wanted, ops.zeros((batch, 1), dtype="bool")], axis=1)
        wanted = ops.transpose(ops.take(wanted, source, axis=1), (1, 0, 2))
        ratios = self.base.compute_flip_log_ratio(
            ops.reshape(images, (-1, *shape)),
            ops.reshape(wanted, (-1, len(distinct))),
            moves=tuple(tuple(move) for move in distinct.tolist()),
        )
        ratios = (ops.reshape(ratio, (num_images, batch, -1)) for ratio in ratios)
        return tuple(
            ops.stack([ops.take(ratio[n], column[n], axis=1) for n in range(num_images)])
            for ratio in ratios
        )

    def get_config(self):
        return {
            **super().get_config(),
            "base": keras.saving.serialize_keras_object(self.base),
            "group": self.group,
            "spin_flip": self.spin_flip,
            "marshall_frame": self.marshall_frame,
        }

    @classmethod
    def from_config(cls, config):
        # Files that do not say so were made in the Marshall frame.
        config = {"marshall_frame": True, **config}
        config["base"] = keras.saving.deserialize_keras_object(config["base"])
        return super().from_config(config)


def _own_frame(base):
    """Whether a base that says nothing of it is averaged in the Marshall frame."""
    if isinstance(base, Symmetrized):
        return base.marshall_frame
    return base.marshall_sign or base.phase != "none"


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
    mean = ops.sum(weights, axis=0) / weights.shape[0]
    log_amplitude = top + ops.where(
        mean > 0, ops.log(ops.where(mean > 0, mean, ops.ones_like(mean))) / 2, -np.inf
    )
    sine = ops.sum(weights * sin(phases), axis=0)
    cosine = ops.sum(weights * cos(phases), axis=0)
    empty = ops.logical_and(sine == 0, cosine == 0)
    # atan2 has no gradient at (0, 0).
    return log_amplitude, arctan2(sine, ops.where(empty, ops.ones_like(cosine), cosine))
