"""The Ising Hamiltonian in a transverse field."""

import numpy as np
from keras import ops

from vmc.physics.hamiltonian import Hamiltonian, pair_products


class Ising(Hamiltonian):
    """H = -J sum_<ij> sigma^z_i sigma^z_j - h sum_i sigma^x_i, with Pauli matrices.

    Its moves flip one spin each. With h >= 0 the ground state is positive,
    whatever the sign of J and the lattice, so that `phase="none"` loses
    nothing. With h < 0 each up spin changes its sign; the energies are those
    of -h. A chain is critical at h = J.

    Args:
        lattice: a `vmc.Lattice`.
        field: h, the transverse field.
        coupling: J of nearest neighbours; positive is ferromagnetic.

    Example:

    The open critical chain has the energy 1 - 1 / sin(pi / (2 (2 n + 1))):

    >>> import vmc
    >>> energy, _ = vmc.ground_state(vmc.Ising(vmc.Chain(2)))
    >>> bool(np.isclose(energy, 1 - 1 / np.sin(np.pi / 10)))
    True
    """

    def __init__(self, lattice, field=1.0, coupling=1.0):
        self.field = float(field)
        self.coupling = float(coupling)
        self.bonds = lattice.bonds()
        super().__init__(lattice, np.arange(lattice.num_sites)[:, None])

    def diagonal(self, z):
        return -self.coupling * ops.sum(pair_products(z, self.bonds), axis=1)

    def elements(self, z):
        return ops.full_like(z, -self.field)

    def __repr__(self):
        return f"Ising({self.lattice}, field={self.field:g}, coupling={self.coupling:g})"
