"""One-dimensional characters: the sectors of symmetry groups, and projections onto them."""

import functools
import math

import keras
import numpy as np
from keras import ops

from models.backend import arctan2, cos, matmul, sin
from models.magnetization import num_up_spins
from models.signs import sublattice
from models.symmetry import GROUPS, TRANSLATIONS, permutations

# Of the square's elements as `permutations` orders them: the identity, two
# mirrors along the axes, the half turn, a diagonal mirror, two quarter turns,
# the other diagonal mirror.
SQUARE = {
    "A1": (1, 1, 1, 1, 1, 1, 1, 1),
    "A2": (1, -1, -1, 1, -1, 1, 1, -1),
    "B1": (1, 1, 1, 1, -1, -1, -1, -1),
    "B2": (1, -1, -1, 1, 1, -1, -1, 1),
}
MOST_ENUMERATED = 2**12


def check_characters(group, characters):
    """The option `characters`: None, an int, a string or a tuple of ints.

    Raises:
        ValueError: characters that the group does not have.
    """
    if characters is None:
        return None
    if group == "square":
        if characters == "E":
            raise ValueError(
                "The square's E has two dimensions, and only A1, A2, B1 and B2 have one."
            )
        if not isinstance(characters, str) or characters not in SQUARE:
            raise ValueError(
                f'The square has characters "A1", "A2", "B1", "B2", not {characters!r}.'
            )
        return characters
    if isinstance(characters, str) or group not in (*GROUPS, TRANSLATIONS):
        raise ValueError(f"The group {group!r} does not have characters {characters!r}.")
    values = tuple(np.atleast_1d(characters).tolist())
    if not all(type(value) is int for value in values):
        raise ValueError(f"characters of {group!r} are whole numbers, not {characters!r}.")
    if group == TRANSLATIONS:
        return values
    if len(values) != GROUPS[group] or not set(values) <= {1, -1}:
        wanted = "1 or -1" if group == "reflection" else "two numbers, each 1 or -1, as (1, -1)"
        raise ValueError(f"characters of {group!r} are {wanted}, not {characters!r}.")
    return values[0] if group == "reflection" else values


def table(group, characters, shape):
    """chi(g) of each element, as `models.symmetry.permutations` orders them.

    Args:
        group: a group's name.
        characters: as `check_characters` returns them, not None.
        shape: the lattice's shape.

    Returns:
        float array `[elements]`, complex for a momentum other than 0 and pi.

    Raises:
        ValueError: a momentum with another number of components than the
            lattice has axes.
    """
    if group == "square":
        return np.array(SQUARE[characters], float)
    if group == "reflection":
        return np.array([1, characters], float)
    if group == "rectangle":
        rows, columns = characters
        return np.array([1, rows, columns, rows * columns], float)
    if len(characters) != len(shape):
        raise ValueError(
            f"A momentum on the shape {shape} has {len(shape)} components, not {characters}."
        )
    steps = np.indices(shape).reshape(len(shape), -1).T
    angles = 2 * np.pi * (steps * characters / shape).sum(axis=1)
    chi = np.exp(1j * angles)
    return chi.real.round() if abs(chi - chi.real.round()).max() < 1e-9 else chi


class Sector:
    """The configurations of a sector, and how images' amplitudes are projected onto it.

    Args:
        group: int `[elements, sites]`, permutations.
        flipped: bool `[elements]`: which elements also flip all spins.
        chi: `[elements]`, their characters.
        num_up: up spins of each configuration, where that is known.

    Attributes:
        trivial: whether all characters are 1.
        zeros: int32 `[number, sites]`, the configurations that are not
            allowed; None if they are many.
    """

    def __init__(self, group, flipped, chi, num_up=None):
        self.group = group
        self.flipped = flipped
        self.chi = chi
        self.num_up = num_up
        self.trivial = bool((chi == 1).all())
        self.zeros = self.forbidden()
        weights = np.random.default_rng(0).uniform(0, 10, group.shape[1])
        # Site k of an image holds site p[k].
        self.hashes = weights[np.argsort(group, axis=1)]

    @property
    def rejects(self):
        """Whether there are configurations on which the sector is zero."""
        return self.zeros is None or len(self.zeros) > 0

    def allowed(self, flat):
        """Whether the sum of chi over a configuration's stabiliser does not vanish.

        It does where an element of another character than 1 leaves the
        configuration as it is: chi is a character of the stabiliser too.

        Args:
            flat: int `[batch, sites]`, a tensor or an array.

        Returns:
            bool `[batch]`.
        """
        take, every = (np.take, np.all) if isinstance(flat, np.ndarray) else (ops.take, ops.all)
        result = flat[:, 0] >= 0
        for permutation, flipped, chi in zip(self.group, self.flipped, self.chi):
            if chi != 1:
                image = take(flat, permutation, axis=1)
                result = result & ~every((1 - image if flipped else image) == flat, axis=1)
        return result

    def forbidden(self, most=MOST_ENUMERATED):
        """All configurations that are not allowed, as `zeros`; None if one element has many."""
        found = [np.zeros((0, self.group.shape[1]), "int32")]
        for permutation, flipped, chi in zip(self.group, self.flipped, self.chi):
            if chi == 1:
                continue
            cycles = _cycles(permutation)
            if flipped and any(len(cycle) % 2 for cycle in cycles):
                continue
            if len(cycles) > np.log2(most):
                return None
            bits = np.arange(2 ** len(cycles))[:, None] >> np.arange(len(cycles)) & 1
            fixed = np.zeros((len(bits), len(permutation)), "int32")
            for bit, cycle in zip(bits.T, cycles):
                for k, site in enumerate(cycle):
                    fixed[:, site] = bit ^ (k % 2 if flipped else 0)
            found.append(fixed)
        found = np.unique(np.concatenate(found), axis=0)
        if self.num_up is not None:
            found = found[found.sum(axis=1) == self.num_up]
        return found if len(found) <= most else None

    def tie(self, flat):
        """What stands in for a sum that cancels: (sine, cosine), float `[batch]` each.

        Any function of configurations, projected, is in the sector.
        """
        angles = matmul(self.hashes.astype("float32"), ops.transpose(ops.cast(flat, "float32")))
        if self.flipped.any():
            flips = self.flipped[:, None]
            total = self.hashes.sum(axis=1, keepdims=True).astype("float32")
            angles = ops.where(flips, ops.subtract(total, angles), angles)
        return self._turned(ops.ones_like(angles), sin(angles) * 0, cos(angles))

    def _turned(self, weights, sine, cosine):
        """Sine and cosine part of the sum of chi* w e^{i phi} over the images."""
        rank = len(weights.shape) - 1
        real, imaginary = (
            part.reshape(-1, *(1,) * rank) for part in (np.real(self.chi), -np.imag(self.chi))
        )
        real, imaginary = (ops.cast(part, weights.dtype) for part in (real, imaginary))
        return (
            ops.sum(weights * (real * sine + imaginary * cosine), axis=0),
            ops.sum(weights * (real * cosine - imaginary * sine), axis=0),
        )

    def phase(self, log_amplitudes, phases, flat):
        """The argument of the sum of chi*(g) p(g s) e^{i phi(g s)}.

        Args:
            log_amplitudes, phases: float `[elements, ...]`, of the images.
            flat: int `[batch, sites]`, the configurations, as many as `...`.

        Returns:
            float `[...]`.
        """
        top = ops.stop_gradient(ops.max(log_amplitudes, axis=0))
        top = ops.where(ops.isfinite(top), top, ops.zeros_like(top))
        weights = ops.exp(2 * (log_amplitudes - top))
        sine, cosine = self._turned(weights, sin(phases), cos(phases))
        # Where all cancels, rounding errors would not be in the sector.
        precision = 100 * np.finfo(keras.backend.standardize_dtype(weights.dtype)).eps
        cancels = abs(sine) + abs(cosine) < precision * ops.sum(weights, axis=0)
        tie_sine, tie_cosine = (
            ops.cast(ops.reshape(part, sine.shape if None not in sine.shape else (-1,)), sine.dtype)
            for part in self.tie(flat)
        )
        return arctan2(ops.where(cancels, tie_sine, sine), ops.where(cancels, tie_cosine, cosine))


@functools.lru_cache(typed=True)  # of 1 and True
def lattice_sector(group, shape, characters, spin_flip, *, flip_turns, in_frame, total_sz):
    """The `Sector` that the options of a `models.Symmetrized` mean on a lattice.

    Args:
        group, characters, spin_flip, total_sz: its options.
        shape: the lattice's shape.
        flip_turns: whether a flip of all spins turns the Marshall sign.
        in_frame: whether the images' phases are in the Marshall frame.

    Raises:
        ValueError: no configuration is in the sector.
    """
    elements = permutations(group, shape)
    chi = np.ones(len(elements)) if characters is None else table(group, characters, shape)
    flipped = np.zeros(len(elements), bool)
    if spin_flip:
        turns = (-1) ** (flip_turns * int(sublattice(shape).sum()))
        if spin_flip is True:
            flip = 1 if in_frame else turns
        else:
            flip = spin_flip * turns if in_frame else spin_flip
        chi = np.concatenate([chi, flip * chi])
        flipped = np.repeat([False, True], len(elements))
        elements = np.concatenate([elements, elements])
    num_up = None if total_sz is None else num_up_spins(elements.shape[1], total_sz)
    sector = Sector(elements, flipped, chi, num_up)
    sites = elements.shape[1]
    count = 2**sites if num_up is None else math.comb(sites, num_up)
    if sector.zeros is not None and len(sector.zeros) == count:
        raise ValueError(f"No state on the shape {shape} is in this sector: use other characters.")
    return sector


def _cycles(permutation):
    """The cycles of a permutation, as lists of sites."""
    left, cycles = set(range(len(permutation))), []
    while left:
        site = min(left)
        cycle = []
        while site in left:
            left.remove(site)
            cycle.append(site)
            site = int(permutation[site])
        cycles.append(cycle)
    return cycles
