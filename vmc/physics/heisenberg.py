"""Hamiltonians that exchange spins: XXZ and Heisenberg."""

import numpy as np
from keras import ops

from vmc.physics.couplings import couplings, said
from vmc.physics.hamiltonian import Hamiltonian
from vmc.physics.pauli import PauliSum
from vmc.physics.spins import pair_products


class XXZ(Hamiltonian):
    """H = sum_ij J_ij (S^x_i S^x_j + S^y_i S^y_j + delta S^z_i S^z_j) - sum_i h_i S^z_i.

    J is j1 for nearest and j2 for next-nearest neighbours. Energies are
    total energies, with S = sigma / 2.

    Args:
        lattice: a `vmc.Lattice`.
        delta: the anisotropy; 1 is the Heisenberg model.
        j1: coupling of nearest neighbours: a number, or one for each bond,
            in the order of `lattice.bonds(1)`.
        j2: the same of next-nearest neighbours, `lattice.bonds(2)`.
        field: h along z: a number, or one for each site, in raster order.

    Raises:
        ValueError: another number of couplings or fields.

    Example:

    The ring of four without an anisotropy, delta = 0, has the energy
    -sqrt(2), as free fermions say:

    >>> import vmc
    >>> energy, _ = vmc.ground_state(vmc.XXZ(vmc.Chain(4, periodic=True), delta=0.0))
    >>> bool(np.isclose(energy, -np.sqrt(2)))
    True
    """

    conserves_sz = True

    def __init__(self, lattice, delta, j1=1.0, j2=0.0, field=0.0):
        self.delta = float(delta)
        self.j1 = couplings(j1, len(lattice.bonds(1)) if np.ndim(j1) else 0, "j1", "bond")
        self.j2 = couplings(j2, len(lattice.bonds(2)) if np.ndim(j2) else 0, "j2", "bond")
        self.field = couplings(field, lattice.num_sites, "field", "site")
        parts = [(lattice.bonds(k), j) for k, j in ((1, self.j1), (2, self.j2)) if np.any(j)]
        self.couplings = np.concatenate([np.broadcast_to(j, len(b)) for b, j in parts] or [[]])
        # An exchange of antiparallel spins is a flip of both.
        super().__init__(lattice, np.concatenate([b for b, _ in parts] or [np.zeros((0, 2), int)]))

    def off_diagonal(self):
        # An exchange has one sign in all configurations.
        return self.couplings[None] / 2

    def sign_structure(self, marshall_sign):
        # Without competing couplings the signs are known (Marshall 1955), but for where all
        # spins may be parallel in the ground state, which has no signs then.
        known = super().sign_structure(marshall_sign) or "open"
        parallel = np.any(self.field) or self.delta < 0
        return "open" if parallel and known == "wrong" else known

    @property
    def marshall_frame(self):
        # That of small J2, which a larger one keeps on chains and for a while on squares.
        known = super().marshall_frame
        return bool(np.all(self.j1 > 0) and self.lattice.bipartite()) if known is None else known

    def check_state(self, wf):
        if wf.marshall_sign and not self.lattice.bipartite():
            raise ValueError(
                f"{self.lattice} has no two sublattices, so there is no Marshall sign on it: "
                "use even lengths, open ends, or marshall_sign=False."
            )
        super().check_state(wf)

    def diagonal(self, z):
        weights = ops.cast(self.delta * self.couplings / 4, z.dtype)
        energy = ops.sum(weights * pair_products(z, self.moves), axis=1)
        if not np.any(self.field):
            return energy
        fields = np.broadcast_to(self.field, self.lattice.num_sites)
        return energy - ops.sum(ops.cast(fields / 2, z.dtype) * z, axis=1)

    def elements(self, z):
        antiparallel = (1 - pair_products(z, self.moves)) / 2
        return ops.cast(self.couplings, z.dtype) / 2 * antiparallel

    def pauli_sum(self):
        """The same Hamiltonian as a `vmc.PauliSum`."""
        terms = [
            (letters, bond, weight * j / 4)
            for bond, j in zip(self.moves, self.couplings)
            for letters, weight in (("XX", 1), ("YY", 1), ("ZZ", self.delta))
        ]
        fields = np.broadcast_to(self.field, self.lattice.num_sites)
        terms += [("Z", [site], -h / 2) for site, h in enumerate(fields)]
        return PauliSum(self.lattice, terms)

    def _arguments(self):
        field = f", field={said(self.field)}" if np.any(self.field) else ""
        return f"j1={said(self.j1)}, j2={said(self.j2)}{field}"

    def __repr__(self):
        return f"XXZ({self.lattice}, delta={self.delta:g}, {self._arguments()})"


class Heisenberg(XXZ):
    """H = J1 sum_<ij> S_i . S_j + J2 sum_<<ij>> S_i . S_j, spin one half (equation 12).

    Energies are total energies in units of J1 = 1, with S = sigma / 2.

    Args:
        lattice: a `vmc.Lattice`.
        j1: coupling of nearest neighbours: a number, or one for each bond,
            in the order of `lattice.bonds(1)`.
        j2: the same of next-nearest neighbours, `lattice.bonds(2)`.
        field: h of - sum_i h_i S^z_i: a number, or one for each site.

    Raises:
        ValueError: another number of couplings or fields.

    Example:

    >>> import models, vmc
    >>> hamiltonian = vmc.Heisenberg(vmc.Chain(4))
    >>> wf = models.GRUChain(units=4, total_sz=0)
    >>> energies = hamiltonian.local_energy(wf, wf.sample(3, (4,), seed=0))
    >>> tuple(energies.shape), hamiltonian.to_sparse().shape
    ((3,), (16, 16))
    """

    def __init__(self, lattice, j1=1.0, j2=0.0, field=0.0):
        super().__init__(lattice, 1.0, j1, j2, field)

    def __repr__(self):
        return f"Heisenberg({self.lattice}, {self._arguments()})"
