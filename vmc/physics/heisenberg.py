"""The Heisenberg Hamiltonian."""

import numpy as np
from keras import ops

from vmc.physics.hamiltonian import Hamiltonian, pair_products


class Heisenberg(Hamiltonian):
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

    conserves_sz = True

    def __init__(self, lattice, j1=1.0, j2=0.0):
        self.j1 = float(j1)
        self.j2 = float(j2)
        parts = [(lattice.bonds(k), j) for k, j in ((1, self.j1), (2, self.j2)) if j]
        self.couplings = np.concatenate([np.full(len(b), j) for b, j in parts] or [[]])
        # An exchange of antiparallel spins is a flip of both.
        super().__init__(lattice, np.concatenate([b for b, _ in parts] or [np.zeros((0, 2), int)]))

    def off_diagonal(self):
        # An exchange has one sign in all configurations.
        return self.couplings[None] / 2

    def sign_structure(self, marshall_sign):
        # Without competing couplings the signs are known (Marshall 1955).
        return super().sign_structure(marshall_sign) or "open"

    @property
    def marshall_frame(self):
        # That of small J2, which a larger one keeps on chains and for a while on squares.
        known = super().marshall_frame
        return self.j1 > 0 and self.lattice.bipartite() if known is None else known

    def check_state(self, wf):
        if wf.marshall_sign and not self.lattice.bipartite():
            raise ValueError(
                f"{self.lattice} has no two sublattices, so there is no Marshall sign on it: "
                "use even lengths, open ends, or marshall_sign=False."
            )
        super().check_state(wf)

    def diagonal(self, z):
        return ops.sum(self._couplings(z) / 4 * pair_products(z, self.moves), axis=1)

    def elements(self, z):
        antiparallel = (1 - pair_products(z, self.moves)) / 2
        return self._couplings(z) / 2 * antiparallel

    def _couplings(self, z):
        return ops.cast(self.couplings, z.dtype)

    def __repr__(self):
        return f"Heisenberg({self.lattice}, j1={self.j1:g}, j2={self.j2:g})"
