"""A wave function averaged over the symmetries of its lattice."""

import keras
import numpy as np
from keras import ops

from models import flips
from models.backend import arctan2, compiled, cos, sin
from models.characters import check_characters, lattice_sector, table
from models.rejection import accepted_samples, rounds
from models.signs import marshall_phase, sublattice
from models.symmetry import GROUPS, TRANSLATIONS, permutations
from models.uniforms import uniforms as uniform_numbers
from models.wave_function import WaveFunction

ESTIMATE = 1024  # base samples that estimate an acceptance


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

    With `characters` it is a state of that sector: psi(g s) = chi(g) psi(s)
    under the plain permutation g, in which frame ever. With p = |psi_b|^2
    and phi of the base,

        |psi(s)|^2 = sum_g p(g s) / (|G| Z),
        arg psi(s) = arg sum_g chi*(g) p(g s) e^{i phi(g s)},

    the projection onto a one-dimensional representation (Wigner 1931;
    equation 23 has chi = 1). Where the sum of chi* over the elements that
    leave s as it is vanishes, every state of the sector is zero: there
    psi(s) = 0, and sampling rejects s. Z is the probability of all other
    configurations, the acceptance of sampling (see `acceptance`). It is a
    constant in gradients, which centred ones of `vmc.VMC` do not see; those
    of a likelihood lack its part. Where the sum of the phase cancels, as
    for a base that has none of the sector, a fixed state of the sector
    gives the phase. Without `characters` nothing is rejected, and the
    frame decides the sector, as above.

    Args:
        base: the wave function that is symmetrised, and trained.
        group: `"reflection"`, `"rectangle"`, `"square"`, or, for periodic
            lattices, `"translations"`.
        spin_flip: also average over the flip of all spins: True in the
            frame; the int 1 or -1 is its eigenvalue, whatever the frame.
        marshall_frame: whether phases are averaged in the Marshall frame.
            By default they are, but for a base that is positive and has no
            Marshall sign; the average of an average is in the same frame.
        characters: the eigenvalues of the group's elements. Of
            `"reflection"` the parity, 1 or -1; of `"rectangle"` those of
            the mirrors that reverse rows and columns, as `(1, -1)`; of
            `"square"` `"A1"`, `"A2"`, `"B1"` or `"B2"` (B1 is even under
            the mirrors along the axes); of `"translations"` the momentum in
            units of 2 pi / length, one int for each axis: the configuration
            whose site k holds the spin of site k + 1 has psi times
            e^{i momentum}. None is the frame's sector.

    Raises:
        ValueError: an unknown group; characters of another group, or of
            two dimensions (the square's E); a flip of all spins where the base
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

    Odd parity, in which the palindromes have no amplitude:

    >>> odd = Symmetrized(GRUChain(units=4), group="reflection", characters=-1)
    >>> log_amplitude, _ = odd([[0, 1, 1, 0], [0, 1, 0, 0]])
    >>> np.isfinite(np.array(log_amplitude)).tolist()
    [False, True]
    """

    def __init__(
        self, base, group, spin_flip=False, marshall_frame=None, characters=None, **kwargs
    ):
        if not isinstance(base, WaveFunction):
            raise ValueError(f"base must be a wave function, not {base!r}.")
        super().__init__(**{"dtype": base.dtype_policy, **kwargs})
        if spin_flip and base.total_sz:
            raise ValueError(f"A flip of all spins does not conserve total_sz={base.total_sz}.")
        self.characters = check_characters(group, characters)
        self.num_axes = base.num_axes or GROUPS.get(group)
        if self.num_axes is None and group == TRANSLATIONS and characters is not None:
            self.num_axes = len(self.characters)
        # A group that is unknown, or of another lattice, fails here.
        axes = (2,) * (self.num_axes or 1)
        permutations(group, axes)
        if characters is not None:
            table(group, self.characters, axes)
        # Translations are as many as there are sites.
        self.num_images = None
        if group != TRANSLATIONS:
            self.num_images = len(permutations(group, axes)) * (2 if spin_flip else 1)
        self.base = base
        self.group = group
        self.spin_flip = _flip_option(spin_flip)
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
        return (self.num_images or 64) * self.base.state_width

    def astype(self, dtype):
        base = self.base.astype(dtype)
        if base is self.base:
            return self
        return Symmetrized(base, self.group, self.spin_flip, self.marshall_frame, self.characters)

    @property
    def in_frame(self):
        """Whether phases are averaged in the Marshall frame; characters need none."""
        return self.marshall_frame and self.characters is None

    @property
    def own_sector(self):
        """Whether the sector is chosen, and not the frame's."""
        return self.characters is not None or type(self.spin_flip) is int

    def sector(self, shape):
        """The `models.characters.Sector` of a lattice, by which images are projected."""
        # In the Marshall frame a flip turns the sign of each even site.
        return lattice_sector(
            self.group,
            tuple(shape),
            self.characters,
            self.spin_flip,
            flip_turns=self.marshall_frame,
            in_frame=self.in_frame,
            total_sz=self.total_sz,
        )

    def acceptance(self, shape):
        """The probability Z that a base sample is not rejected: a float tensor, below or at 1.

        It is exact where the configurations that are rejected are at most
        4096, such as on chains up to 24 sites and on 4x4; otherwise
        estimated from 1024 base samples (always the same random numbers),
        with a standard error of sqrt(Z (1 - Z) / 1024).
        """
        shape = tuple(shape)
        sector = self.sector(shape)
        one = ops.ones((), dtype=self.compute_dtype)
        if not sector.rejects:
            return one
        if sector.zeros is not None:
            zeros = ops.convert_to_tensor(sector.zeros.reshape(-1, *shape))
            log_amplitude, _ = self.base(zeros)
            accepted = ops.stop_gradient(one - ops.sum(ops.exp(2 * log_amplitude)))
            return ops.maximum(accepted, 1e-6)
        numbers = uniform_numbers((ESTIMATE, self.base.uniforms_per_sample(shape)), 0)
        spins = ops.reshape(self.base.draw(numbers, shape=shape), (ESTIMATE, -1))
        accepted = ops.mean(ops.cast(sector.allowed(spins), self.compute_dtype))
        return ops.maximum(accepted, 0.5 / ESTIMATE)

    def images(self, spins):
        """All transformed configurations: int `[images, batch, *shape]`."""
        shape = tuple(spins.shape[1:])
        group = permutations(self.group, shape)
        count = len(group) * (2 if self.spin_flip else 1)
        flat = ops.reshape(spins, (-1, group.shape[1]))
        images = ops.transpose(ops.take(flat, group, axis=1), (1, 0, 2))
        if self.spin_flip:
            images = ops.concatenate([images, 1 - images])
        return ops.reshape(images, (count, -1, *shape))

    def call(self, spins, training=False):
        sector = self.sector(spins.shape[1:])
        images = self._in_frame(self.images(spins))
        log_amplitude, phase = average(*images)
        if not sector.trivial:
            flat = ops.reshape(spins, (-1, sector.group.shape[1]))
            phase = sector.phase(*images, flat)
            log_amplitude = log_amplitude - ops.log(self.acceptance(spins.shape[1:])) / 2
            log_amplitude = ops.where(sector.allowed(flat), log_amplitude, -np.inf)
        if self.in_frame:
            phase = phase + marshall_phase(spins, phase.dtype)
        return log_amplitude, phase

    def _in_frame(self, images):
        """The base's log-amplitude and phase in the frame: float `[images, batch]` each."""
        # As one batch, so that there is one graph for all images.
        count = images.shape[0]
        images = ops.reshape(images, (-1, *images.shape[2:]))
        log_amplitude, phase = self.base(images)
        if self.in_frame:
            phase = phase - marshall_phase(images, phase.dtype)
        return tuple(ops.reshape(x, (count, -1)) for x in (log_amplitude, phase))

    def uniforms_per_sample(self, shape):
        return rounds(self.sector(shape)) * self.base.uniforms_per_sample(shape) + 1

    @compiled
    def draw(self, uniforms, *, shape):
        """A base sample that is not rejected, moved by a random group element."""
        images = self.images(
            accepted_samples(self.base, self.sector(shape), uniforms[:, 1:], shape)
        )
        num_images = images.shape[0]
        element = ops.cast(uniforms[:, 0] * num_images, "int32")
        # A product with a number just below 1 may round up.
        element = ops.minimum(element, num_images - 1)
        chosen = ops.transpose(ops.one_hot(element, num_images, dtype="int32"))
        chosen = ops.reshape(chosen, (num_images, -1) + (1,) * len(shape))
        return ops.sum(chosen * images, axis=0)

    @compiled
    def compute_flip_log_ratio(self, spins, wanted, *, moves):
        """From the base's flip ratios of all images, whose prefixes are shared."""
        shape = tuple(spins.shape[1:])
        even = sublattice(shape) * self.in_frame
        image_moves = self.image_moves(moves, shape)
        images = self.images(spins)
        log_amplitude, phase = self._in_frame(images)
        d_log, d_phase = self._base_ratios(images, wanted, image_moves)
        # A flip on the even sublattice turns the Marshall sign, in its frame.
        image_turns = np.pi * (even[image_moves].sum(axis=2) % 2)[:, None]
        moved = (
            log_amplitude[:, :, None] + d_log,
            phase[:, :, None] + d_phase - ops.cast(image_turns, phase.dtype),
        )
        here = log_amplitude, phase
        moved_log, moved_phase = average(*moved)
        log_amplitude, phase = average(*here)
        sector = self.sector(shape)
        if not sector.trivial:
            flat = ops.reshape(spins, (spins.shape[0], -1))
            flipped = flips.flip(flat[:, None], flips.flip_mask(moves, flat.shape[1]))
            flipped = ops.reshape(flipped, (-1, flat.shape[1]))
            phase = sector.phase(*here, flat)
            moved_phase = sector.phase(*moved, flipped)
            allowed = ops.reshape(sector.allowed(flipped), moved_log.shape)
            moved_log = ops.where(allowed, moved_log, -np.inf)
        turns = np.pi * (even[np.array(moves)].sum(axis=1) % 2)
        d_phase = moved_phase - phase[:, None] + ops.cast(turns, phase.dtype)
        return flips.discard(moved_log - log_amplitude[:, None], d_phase, wanted)

    def image_moves(self, moves, shape):
        """Where the images' sites of each move are: int `[images, num_moves, k]`."""
        # Site k of an image holds site p[k], so a flip of s is one of the
        # place that p holds s at.
        places = np.argsort(permutations(self.group, shape), axis=1)
        places = np.tile(places, (2 if self.spin_flip else 1, 1))
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
            "characters": self.characters,
        }

    @classmethod
    def from_config(cls, config):
        # Files that do not say so were made in the Marshall frame.
        config = {"marshall_frame": True, **config}
        config["base"] = keras.saving.deserialize_keras_object(config["base"])
        return super().from_config(config)


def _flip_option(spin_flip):
    """True, False, or the int 1 or -1, which 1 == True does not tell apart."""
    if isinstance(spin_flip, (int, np.integer)) and not isinstance(spin_flip, bool):
        if spin_flip not in (-1, 0, 1):
            raise ValueError(f"spin_flip must be True, False, 1 or -1, not {spin_flip}.")
        return int(spin_flip) if spin_flip else False
    return bool(spin_flip)


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
