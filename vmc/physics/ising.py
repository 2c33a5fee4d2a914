"""The Ising Hamiltonian in a transverse field."""

import numpy as np
from keras import ops

from vmc.physics.couplings import couplings, said
from vmc.physics.hamiltonian import Hamiltonian
from vmc.physics.pauli import PauliSum
from vmc.physics.spins import pair_products


class Ising(Hamiltonian):
    """H = -J sum_<ij> sigma^z_i sigma^z_j - h sum_i sigma^x_i, with Pauli matrices.

    Its moves flip one spin each. With h >= 0 the ground state is positive,
    whatever the sign of J and the lattice, so that `phase="none"` loses
    nothing. With h < 0 each up spin changes its sign; the energies are those
    of -h. A chain is critical at h = J.

    Args:
        lattice: a `vmc.Lattice`.
        field: h, the transverse field: a number, or one for each site.
        coupling: J of nearest neighbours: a number, or one for each bond, in
            the order of `lattice.bonds()`; positive is ferromagnetic.

    Raises:
        ValueError: another number of fields or couplings.

    Example:

    The open critical chain has the energy 1 - 1 / sin(pi / (2 (2 n + 1))):

    >>> import vmc
    >>> energy, _ = vmc.ground_state(vmc.Ising(vmc.Chain(2)))
    >>> bool(np.isclose(energy, 1 - 1 / np.sin(np.pi / 10)))
    True
    """

    def __init__(self, lattice, field=1.0, coupling=1.0):
        self.bonds = lattice.bonds()
        self.field = couplings(field, lattice.num_sites, "field", "site")
        self.coupling = couplings(coupling, len(self.bonds), "coupling", "bond")
        super().__init__(lattice, np.arange(lattice.num_sites)[:, None])

    def diagonal(self, z):
        products = pair_products(z, self.bonds)
        if np.ndim(self.coupling):
            return -ops.sum(ops.cast(self.coupling, z.dtype) * products, axis=1)
        return -self.coupling * ops.sum(products, axis=1)

    def elements(self, z):
        if np.ndim(self.field):
            return -ops.cast(self.field, z.dtype) * ops.ones_like(z)
        return ops.full_like(z, -self.field)

    def pauli_sum(self):
        """The same Hamiltonian as a `vmc.PauliSum`."""
        strengths = np.broadcast_to(self.coupling, len(self.bonds))
        fields = np.broadcast_to(self.field, self.lattice.num_sites)
        terms = [("ZZ", bond, -j) for bond, j in zip(self.bonds, strengths)]
        return PauliSum(self.lattice, terms + [("X", [i], -h) for i, h in enumerate(fields)])

    def __repr__(self):
        return f"Ising({self.lattice}, field={said(self.field)}, coupling={said(self.coupling)})"
