"""The Heisenberg Hamiltonian and its local energy."""

import keras
import numpy as np
from keras import ops
from scipy import sparse

from vmc.exact import MAX_SITES, configurations


class Heisenberg:
    """H = J1 sum_<ij> S_i . S_j + J2 sum_<<ij>> S_i . S_j, spin one half (equation 12).

    Energies are total energies in units of J1 = 1, with S = sigma / 2.

    Args:
        lattice: a `vmc.Lattice`.
        j1: coupling of nearest neighbours.
        j2: coupling of next-nearest neighbours.

    Example:

    >>> import models, vmc
    >>> hamiltonian = vmc.Heisenberg(vmc.Chain(4))
    >>> wf = models.GRUChain(units=4, total_sz=0)
    >>> energies = hamiltonian.local_energy(wf, wf.sample(3, (4,), seed=0))
    >>> tuple(energies.shape), hamiltonian.to_sparse().shape
    ((3,), (16, 16))
    """

    def __init__(self, lattice, j1=1.0, j2=0.0):
        self.lattice = lattice
        self.j1 = float(j1)
        self.j2 = float(j2)
        parts = [(lattice.bonds(k), j) for k, j in ((1, self.j1), (2, self.j2)) if j]
        self.bonds = np.concatenate([b for b, _ in parts] or [np.zeros((0, 2), int)])
        self.couplings = np.concatenate([np.full(len(b), j) for b, j in parts] or [[]])

    def check(self, wf):
        """Raises ValueError where a wave function does not fit the lattice."""
        if wf.marshall_sign and not self.lattice.bipartite():
            raise ValueError(
                f"{self.lattice} has no two sublattices, so there is no Marshall sign on it: "
                "use even lengths, open ends, or marshall_sign=False."
            )

    def local_energy_parts(self, wf, spins):
        """Real and imaginary part of the local energy, float `[batch]` each."""
        self.check(wf)
        spins = wf.check_spins(spins)
        if tuple(spins.shape[1:]) != self.lattice.shape:
            raise ValueError(
                f"spins of the shape {tuple(spins.shape)} are not on {self.lattice}, "
                f"which has the shape [batch, {', '.join(map(str, self.lattice.shape))}]."
            )
        flat = ops.reshape(spins, (-1, self.lattice.num_sites))
        antiparallel = ops.not_equal(
            ops.take(flat, self.bonds[:, 0], axis=1), ops.take(flat, self.bonds[:, 1], axis=1)
        )
        d_log, d_phase = wf.flip_log_ratio(spins, self.bonds, wanted=antiparallel)
        couplings = ops.convert_to_tensor(self.couplings, dtype=d_log.dtype)
        diagonal = ops.where(antiparallel, -couplings / 4, couplings / 4)
        size = ops.exp(d_log) * couplings / 2
        real = ops.sum(diagonal + size * ops.cos(d_phase), axis=1)
        return real, ops.sum(size * ops.sin(d_phase), axis=1)

    def local_energy(self, wf, spins):
        """E_loc(s) = sum_s' <s|H|s'> psi(s') / psi(s) (equation 3).

        Args:
            wf: a wave function.
            spins: int `[batch, *lattice.shape]`.

        Returns:
            complex `[batch]`, total energies.

        Raises:
            ValueError: spins of another lattice, or a wave function that
                does not fit this one.
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
        rows = np.arange(2**n)
        diagonal = np.zeros(2**n)
        matrix = sparse.csr_array((2**n, 2**n))
        for (i, j), coupling in zip(self.bonds, self.couplings):
            antiparallel = spins[:, i] != spins[:, j]
            diagonal += np.where(antiparallel, -coupling / 4, coupling / 4)
            exchanged = rows ^ (1 << (n - 1 - i) | 1 << (n - 1 - j))
            here = rows[antiparallel]
            entries = np.full(len(here), coupling / 2)
            matrix += sparse.csr_array((entries, (here, exchanged[here])), matrix.shape)
        return (matrix + sparse.diags_array(diagonal)).tocsr()

    def __repr__(self):
        return f"Heisenberg({self.lattice}, j1={self.j1:g}, j2={self.j2:g})"
