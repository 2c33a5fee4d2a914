"""What every Hamiltonian can do: local energies, the full matrix, checks."""

import warnings

import keras
import numpy as np
from keras import ops
from scipy import sparse

from models import Symmetrized
from models.backend import double_precision
from vmc.physics.averages import check_average
from vmc.physics.elements import as_moves, check_elements, of_moves
from vmc.physics.exact import MAX_SITES
from vmc.physics.signs import GroundStateSigns
from vmc.physics.spins import moved, on_lattice, sigma_z

BLOCK = 2**14  # rows of the full matrix that are made at a time


class Hamiltonian(GroundStateSigns):
    """A Hamiltonian of spins one half, by its matrix elements in the S^z basis.

    A derived class says which spins each of its moves flips, and defines
    `diagonal` and `elements`; the rest follows. Both take sigma^z as
    numbers +-1, in the precision that is asked for, and are written with
    `keras.ops`. What they return is checked once, before it is first used.
    Which signs the ground state has follows from them, as far as that is
    known (see `vmc.physics.signs`).

    Args:
        lattice: a `vmc.Lattice`.
        moves: ints `[num_moves, k]`, the sites that each move flips, or a
            list of lists of any lengths. A move that is named twice counts
            twice.

    Raises:
        ValueError: moves of a wrong shape or dtype, with a site outside the
            lattice, or with one site twice. Wherever they are used first:
            `diagonal` or `elements` of a wrong shape or dtype.

    Example:

    A field along x, whose ground state has the energy -1 per spin:

    >>> import vmc
    >>> class Paramagnet(vmc.Hamiltonian):
    ...     def __init__(self, lattice):
    ...         super().__init__(lattice, moves=np.arange(lattice.num_sites)[:, None])
    ...     def diagonal(self, z):
    ...         return ops.zeros_like(z[:, 0])
    ...     def elements(self, z):
    ...         return -ops.ones_like(z)
    >>> energy, _ = vmc.ground_state(Paramagnet(vmc.Chain(3)))
    >>> round(energy, 6)
    -3.0
    """

    conserves_sz = False  # whether no move changes the total S^z
    # What it has found out since it was made, which decides nothing.
    caches = ("_sound", "_warned", "_fitting", "probe")

    def __init__(self, lattice, moves):
        self.lattice = lattice
        self.moves = as_moves(moves, lattice)
        self._sound = False
        self._warned = False
        self._fitting = set()  # options of wave functions that have passed `check_state`

    def diagonal(self, z):
        """<s|H|s>.

        Args:
            z: float `[batch, sites]`, sigma^z of each site, in raster order.

        Returns:
            float `[batch]`, of the same dtype.
        """
        raise NotImplementedError

    def elements(self, z):
        """<s|H|s'> with s' the configuration after each move.

        A ratio of amplitudes is only computed where it is not zero.

        Args:
            z: float `[batch, sites]`, sigma^z of each site, in raster order.

        Returns:
            float `[batch, num_moves]`, of the same dtype; or complex ones of
            the same precision. Of the opposite move they are the conjugate.
        """
        raise NotImplementedError

    def check(self, wf):
        """Refuses a wave function that cannot become the ground state.

        Raises:
            ValueError: it does not fit (see `check_state`), or it has no
                phases where the ground state has signs.

        Warns:
            UserWarning: once, where it has no phases, and nobody knows
                whether the ground state needs them.
        """
        self.check_state(wf)
        if wf.phase != "none" or (isinstance(wf, Symmetrized) and wf.own_sector):
            return  # it has other signs than its base
        structure = self.sign_structure(wf.marshall_sign)
        if structure == "wrong":
            raise ValueError(
                f"The ground state of {self.label} has signs, and a wave function with "
                f'phase="none" and marshall_sign=False has none: use {self._right_signs(wf)}.'
            )
        if structure == "open" and not self._warned:
            signs = "the Marshall sign alone" if wf.marshall_sign else "no signs"
            warnings.warn(
                f"Nobody knows whether the ground state of this {type(self).__name__} Hamiltonian "
                f'has {signs}: a wave function with phase="none" may stay above it, one with '
                'phase="free" can learn other signs.',
                stacklevel=3,
            )
            self._warned = True

    def check_state(self, wf):
        """Refuses a wave function whose very energy misleads.

        Raises:
            ValueError: it conserves an S^z that the Hamiltonian does not
                conserve; it has the Marshall sign and the ground state has
                other signs; it is an average in which the ground state
                cancels itself (see `models.Symmetrized`); `diagonal` or
                `elements` returns a wrong shape or dtype.
        """
        self.check_elements()
        averages, base = [], wf
        while isinstance(base, Symmetrized):
            averages.append(base)
            base = base.base
        options = [(a.group, a.spin_flip, a.marshall_frame, a.own_sector) for a in averages]
        options = (wf.total_sz, wf.marshall_sign, *options)
        if options in self._fitting:
            return
        if wf.total_sz is not None and not self.conserves_sz:
            raise ValueError(
                f"{self.label} does not conserve the total S^z, but the wave function does: "
                f"use total_sz=None, not {wf.total_sz}."
            )
        if wf.marshall_sign and self.sign_structure(True) == "wrong":
            raise ValueError(
                f"The ground state of {self.label} does not have the Marshall sign: "
                f"use {self._right_signs(wf)}."
            )
        for average in averages:
            check_average(self, average)
        self._fitting.add(options)

    def check_elements(self):
        """ValueError where `diagonal` or `elements` returns a wrong shape or dtype; looks once."""
        if not self._sound:
            check_elements(self)
            self._sound = True

    def _right_signs(self, wf):
        """Options that give a wave function the ground state's signs."""
        for marshall_sign in (False, True):
            if self.sign_structure(marshall_sign) == "exact":
                return f"marshall_sign={marshall_sign}"
        return 'marshall_sign=False and phase="free"' if wf.marshall_sign else 'phase="free"'

    @property
    def label(self):
        """What messages call it: the `repr`, or the class and the lattice where there is none."""
        if type(self).__repr__ is object.__repr__:
            return f"{type(self).__name__} on {self.lattice}"
        return repr(self)

    @property
    def num_terms(self):
        """Ratios of amplitudes in a local energy, which decide the memory it takes."""
        return len(self.moves)

    def local_energy_parts(self, wf, spins):
        """Real and imaginary part of `local_energy`, float `[batch]` each."""
        self.check_state(wf)
        spins = on_lattice(self.lattice, wf, spins)
        z = sigma_z(spins, wf.compute_dtype)
        real, imaginary = moved(wf, spins, self.moves, self.elements(z))
        return self.diagonal(z) + ops.sum(real, axis=1), ops.sum(imaginary, axis=1)

    def local_energy(self, wf, spins):
        """E_loc(s) = sum_s' <s|H|s'> psi(s') / psi(s) (equation 3).

        Args:
            wf: a wave function.
            spins: int `[batch, *lattice.shape]`.

        Returns:
            complex `[batch]`, total energies.

        Raises:
            ValueError: spins of another lattice, or a wave function that
                does not fit this Hamiltonian.
        """
        real, imaginary = self.local_energy_parts(wf, spins)
        double = keras.backend.standardize_dtype(real.dtype) == "float64"
        dtype = "complex128" if double else "complex64"
        return ops.cast(real, dtype) + 1j * ops.cast(imaginary, dtype)

    def to_sparse(self):
        """The full matrix in the order of `vmc.configurations`.

        Returns:
            `scipy.sparse.csr_array` of shape `[2^n, 2^n]`, real, or complex
            where elements are.

        Raises:
            ValueError: more than 20 sites.
        """
        n = self.lattice.num_sites
        if n > MAX_SITES:
            raise ValueError(f"A full matrix is made for up to {MAX_SITES} sites, not {n}.")
        return self.matrix(np.arange(2**n))

    def matrix(self, basis):
        """The matrix among some configurations.

        Args:
            basis: ints `[size]`, ascending, whose bits are configurations, the
                last site's the lowest. Elements that leave them are left out.

        Returns:
            `scipy.sparse.csr_array` of shape `[size, size]`.
        """
        self.check_elements()
        starts = range(0, len(basis), BLOCK)
        blocks = [self._rows(basis, basis[start : start + BLOCK]) for start in starts]
        return sparse.vstack(blocks, format="csr")

    def _rows(self, basis, numbers):
        """The rows of the matrix that belong to some of its configurations."""
        n = self.lattice.num_sites
        powers = 1 << np.arange(n - 1, -1, -1)
        with double_precision():
            z = sigma_z(((numbers[:, None] & powers) > 0).astype("int32"), "float64")
            diagonal, elements = (
                ops.convert_to_numpy(x) for x in (self.diagonal(z), self.elements(z))
            )
        rows, moves = np.nonzero(elements)
        reached = numbers[rows] ^ of_moves(powers, self.moves).sum(axis=1)[moves]
        columns = np.minimum(np.searchsorted(basis, reached), len(basis) - 1)
        inside = basis[columns] == reached
        rows, moves, columns = rows[inside], moves[inside], columns[inside]
        # Entries of the same place are added up.
        return sparse.csr_array(
            (
                np.concatenate([diagonal, elements[rows, moves]]),
                (
                    np.concatenate([np.arange(len(numbers)), rows]),
                    np.concatenate([np.searchsorted(basis, numbers), columns]),
                ),
            ),
            shape=(len(numbers), len(basis)),
        )
