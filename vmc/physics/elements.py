"""Matrix elements: are they sound, which signs and which symmetries do they have."""

import keras
import numpy as np

from models.backend import double_precision, eagerly, result_of

COMPLEX = {"float32": "complex64", "float64": "complex128"}  # of the same precision
CONFIGURATIONS = 64  # that tell signs, besides those with all spins alike
FEW = 8  # of them tell a symmetry


def as_moves(moves, lattice):
    """A Hamiltonian's moves as an int array `[num_moves, k]`.

    Args:
        moves: ints `[num_moves, k]`, or a sequence of sequences of ints, of
            any lengths; k is the largest of these, and -1 stands for no
            site in the shorter ones.
        lattice: a `vmc.Lattice`.

    Raises:
        ValueError: they are not integers of such a shape; a move names a
            site outside the lattice, or one site twice, or no site.

    Example:

    >>> import vmc
    >>> as_moves([[0], [1, 2]], vmc.Chain(3)).tolist()
    [[0, -1], [1, 2]]
    """
    try:
        array = np.asarray(moves)
        lengths = np.full(len(array), array.shape[-1]) if array.ndim == 2 else None
    except ValueError:
        array, lengths = _padded(moves)
    if (
        array.ndim != 2
        or not np.issubdtype(array.dtype, np.integer)
        or array.shape[1] == 0
        or not lengths.all()
    ):
        raise ValueError(
            "moves must be integers of shape [num_moves, k], with k of 1 or more, "
            f"not {array.dtype} of shape {array.shape}."
        )
    named = np.arange(array.shape[1]) < lengths[:, None]
    outside = (((array < 0) | (array >= lattice.num_sites)) & named).any(axis=1)
    ordered = np.sort(array, axis=1)
    twice = ((np.diff(ordered, axis=1) == 0) & (ordered[:, 1:] >= 0)).any(axis=1)
    for wrong, what in ((outside, "leaves the lattice"), (twice, "flips a site twice")):
        if wrong.any():
            number = int(np.argmax(wrong))
            raise ValueError(
                f"Move {number}, {array[number].tolist()}, {what}: name different sites "
                f"from 0 to {lattice.num_sites - 1} of {lattice}."
            )
    # Numbers of few bits would overflow where sites become bits of a configuration.
    return array.astype(int)


def _padded(moves):
    """Moves of several lengths as an array, and their lengths."""
    rows = [np.asarray(move).reshape(-1) for move in moves]
    lengths = np.array([len(row) for row in rows])
    array = np.full((len(rows), lengths.max()), -1, np.result_type(*rows))
    for place, row in zip(array, rows):
        place[: len(row)] = row
    return array, lengths


def of_moves(values, moves, nothing=0):
    """Values of the sites that moves name, `[num_moves, k]`; `nothing` where -1 names none."""
    return np.append(values, np.asarray(nothing, values.dtype))[moves]


def check_elements(hamiltonian):
    """ValueError where `diagonal` or `elements` returns a wrong shape or dtype.

    Elements may be complex. Nothing is computed: a traced graph tells both.
    """
    num_sites, num_moves = hamiltonian.lattice.num_sites, len(hamiltonian.moves)
    # A length of its own, so that no wrong shape looks right.
    batch = next(size for size in (2, 3, 4) if size not in (num_sites, num_moves))
    for dtype in ("float32", "float64"):
        for name, right in (("diagonal", (batch,)), ("elements", (batch, num_moves))):
            with double_precision():
                made = result_of(getattr(hamiltonian, name), (batch, num_sites), dtype)
            shape = tuple(getattr(made, "shape", ()))
            kind = (
                keras.backend.standardize_dtype(made.dtype)
                if hasattr(made, "dtype")
                else type(made).__name__
            )
            is_complex = name == "elements" and kind == COMPLEX[dtype]
            if shape != right or not (kind == dtype or is_complex):
                raise ValueError(
                    f"{type(hamiltonian).__name__}.{name} must return {dtype} of shape {right} "
                    f"for {dtype} of shape {(batch, num_sites)}, not {kind} of shape {shape}."
                )


class Probe:
    """The matrix elements of some configurations, by which to judge all of them.

    Args:
        hamiltonian: a `vmc.Hamiltonian`.

    Attributes:
        elements: float64 or complex128 `[configurations, num_moves]`, of
            configurations with all spins alike and of random ones.
    """

    def __init__(self, hamiltonian):
        self.hamiltonian = hamiltonian
        rng = np.random.default_rng(0)
        shape = (2 + CONFIGURATIONS, hamiltonian.lattice.num_sites)
        self._z = rng.choice([-1.0, 1.0], size=shape)
        self._z[0], self._z[1] = 1, -1
        _, self.elements = self._values(self._z)

    def symmetric(self, permutation, spin_flip=False):
        """Whether the Hamiltonian stays the same where all spins move, or flip.

        Args:
            permutation: int `[sites]`; the configuration s becomes
                `s[permutation]`.
            spin_flip: also flip all spins.
        """
        z = self._z[: 2 + FEW]
        diagonal, elements = self._values(z)
        new_diagonal, new_elements = self._values((-z if spin_flip else z)[:, permutation])
        # A flip of site k of the new configuration is one of permutation[k] of
        # the old. Sums of random numbers tell sets of sites apart.
        numbers = np.random.default_rng(1).integers(2**62, size=len(permutation))
        moves = self.hamiltonian.moves
        codes = np.concatenate(
            [of_moves(values, moves).sum(axis=1) for values in (numbers, numbers[permutation])]
        )
        change = summed(codes, np.concatenate([elements, -new_elements], axis=1))
        scale = max(1.0, abs(diagonal).max(), abs(elements).max(initial=0))
        change = np.concatenate([change, (diagonal - new_diagonal)[:, None]], axis=1)
        return bool(abs(change).max() < 1e-9 * scale)

    def _values(self, z):
        with eagerly(), double_precision():
            z = keras.ops.convert_to_tensor(z, "float64")
            values = self.hamiltonian.diagonal(z), self.hamiltonian.elements(z)
            return tuple(keras.ops.convert_to_numpy(value) for value in values)


def summed(codes, elements):
    """Elements of the same code, added up: float `[configurations, codes]`.

    Args:
        codes: `[num_moves]` or `[num_moves, k]`.
        elements: float or complex `[configurations, num_moves]`.
    """
    distinct, place = np.unique(codes, axis=0, return_inverse=True)
    total = np.zeros((len(distinct), len(elements)), elements.dtype)
    np.add.at(total, place.reshape(-1), elements.T)
    return total.T
