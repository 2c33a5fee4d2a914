"""What every Hamiltonian can do: local energies, the full matrix, checks."""

import keras
import numpy as np
from keras import ops
from scipy import sparse

from models.backend import double_precision
from vmc.exact import MAX_SITES, configurations

BLOCK = 2**14  # rows of the full matrix that are made at a time


class Hamiltonian:
    """A Hamiltonian of spins one half, by its real matrix elements in the S^z basis.

    A derived class says which spins each of its moves flips, and defines
    `diagonal` and `elements`; the rest follows. Both take sigma^z as
    numbers +-1, in the precision that is asked for, and are written with
    `keras.ops`.

    Args:
        lattice: a `vmc.Lattice`.
        moves: ints `[num_moves, k]`, the sites that each move flips. A move
            that is named twice counts twice.

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

    def __init__(self, lattice, moves):
        self.lattice = lattice
        self.moves = np.asarray(moves)

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
            float `[batch, num_moves]`, of the same dtype.
        """
        raise NotImplementedError

    def check(self, wf):
        """Raises ValueError where a wave function does not fit the Hamiltonian."""
        if wf.total_sz is not None and not self.conserves_sz:
            raise ValueError(
                f"{self} does not conserve the total S^z, but the wave function does: "
                f"use total_sz=None, not {wf.total_sz}."
            )

    @property
    def num_terms(self):
        """Ratios of amplitudes in a local energy, which decide the memory it takes."""
        return len(self.moves)

    def local_energy_parts(self, wf, spins):
        """Real and imaginary part of `local_energy`, float `[batch]` each."""
        self.check(wf)
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
            `scipy.sparse.csr_array` of shape `[2^n, 2^n]`, real.

        Raises:
            ValueError: more than 20 sites.
        """
        n = self.lattice.num_sites
        if n > MAX_SITES:
            raise ValueError(f"A full matrix is made for up to {MAX_SITES} sites, not {n}.")
        spins = configurations(self.lattice.shape).reshape(-1, n)
        blocks = [
            self._rows(start, spins[start : start + BLOCK]) for start in range(0, 2**n, BLOCK)
        ]
        return sparse.vstack(blocks, format="csr")

    def _rows(self, start, spins):
        """The rows of the full matrix that belong to some configurations."""
        with double_precision():
            z = sigma_z(spins, "float64")
            diagonal, elements = (
                ops.convert_to_numpy(x) for x in (self.diagonal(z), self.elements(z))
            )
        count, n = spins.shape
        numbers = np.arange(start, start + count)
        bits = (1 << (n - 1 - self.moves)).sum(axis=1)
        rows, moves = np.nonzero(elements)
        # Entries of the same place are added up.
        return sparse.csr_array(
            (
                np.concatenate([diagonal, elements[rows, moves]]),
                (
                    np.concatenate([numbers - start, rows]),
                    np.concatenate([numbers, numbers[rows] ^ bits[moves]]),
                ),
            ),
            shape=(count, 2**n),
        )


def on_lattice(lattice, wf, spins):
    """The spins as an int32 tensor; ValueError if they are not on the lattice."""
    spins = wf.check_spins(spins)
    if tuple(spins.shape[1:]) != lattice.shape:
        raise ValueError(
            f"spins of the shape {tuple(spins.shape)} are not on {lattice}, "
            f"which has the shape [batch, {', '.join(map(str, lattice.shape))}]."
        )
    return spins


def sigma_z(spins, dtype):
    """Spins as +-1 in raster order: float `[batch, sites]`."""
    flat = ops.reshape(spins, (spins.shape[0], int(np.prod(spins.shape[1:]))))
    return 2 * ops.cast(flat, dtype) - 1


def pair_products(z, pairs):
    """sigma^z_i sigma^z_j of pairs of sites.

    Args:
        z: float `[batch, sites]`.
        pairs: static ints `[num_pairs, 2]`.

    Returns:
        float `[batch, num_pairs]`.
    """
    return ops.take(z, pairs[:, 0], axis=1) * ops.take(z, pairs[:, 1], axis=1)


def moved(wf, spins, moves, elements):
    """Matrix elements of moves, times psi after the move over psi.

    Args:
        wf: a wave function.
        spins: int32 `[batch, *shape]`.
        moves: static ints `[num_moves, k]`.
        elements: float `[batch, num_moves]`; zero takes no time.

    Returns:
        Real and imaginary part, float `[batch, num_moves]` each.
    """
    d_log, d_phase = wf.flip_log_ratio(spins, moves, wanted=ops.not_equal(elements, 0))
    size = elements * ops.exp(d_log)
    return size * ops.cos(d_phase), size * ops.sin(d_phase)
