"""The signs of ground states, as far as matrix elements tell them."""

import functools

import numpy as np

from models.signs import sublattice
from vmc.physics.elements import Probe, of_moves, summed


class GroundStateSigns:
    """What a Hamiltonian knows of its ground state's signs; a part of `vmc.Hamiltonian`.

    Example:

    >>> import vmc
    >>> signs = vmc.Heisenberg(vmc.Chain(4)), vmc.Heisenberg(vmc.Chain(4), j1=-1)
    >>> [s.sign_sites().tolist() for s in signs]
    [[True, False, True, False], [False, False, False, False]]
    >>> [s.marshall_frame for s in signs]
    [True, False]
    >>> [vmc.Heisenberg(vmc.Chain(4), j2=j).sign_structure(True) for j in (-0.1, 0, 0.1)]
    ['exact', 'exact', 'open']
    """

    def off_diagonal(self):
        """Matrix elements that show all signs which those of each move have.

        Returns:
            float array `[configurations, num_moves]`: here those of some
            random configurations, and of those with all spins alike.
        """
        return self.probe.elements

    def sign_sites(self):
        """The sites whose up spins give the ground state its signs.

        If no off-diagonal element is positive after each configuration has
        been given the sign (-1)^(up spins on these sites), then the ground
        state has these signs and no other phases (Perron and Frobenius).
        No site, the even sublattice (the Marshall sign) and all sites are
        tried.

        Returns:
            bool `[sites]`; None if it is none of these, and nobody knows,
            or if elements are complex.
        """
        if np.iscomplexobj(self.off_diagonal()):
            return None
        none = np.zeros(self.lattice.num_sites, bool)
        for sites in (none, self._even(), ~none):
            if (self._off_diagonal_with_signs(sites) <= 0).all():
                return sites
        return None

    def sign_structure(self, marshall_sign):
        """What is known of wave functions that are positive, but for the Marshall sign.

        Args:
            marshall_sign: whether they have the Marshall sign.

        Returns:
            `"exact"`: the ground state is one of them; `"wrong"`: it is not;
            `"open"`: that is a known question without an answer, as where
            elements are complex; None: nobody has asked.
        """
        if np.iscomplexobj(self.off_diagonal()):
            return "open"
        elements = self._off_diagonal_with_signs(self._even() & marshall_sign)
        if (elements <= 0).all():
            return "exact"
        # If each configuration has a move, the ground state lies below the lowest diagonal
        # element; a positive state does not, if no off-diagonal element is negative.
        moves_everywhere = (elements != 0).any(axis=1).all()
        if moves_everywhere and ((elements >= 0).all() or self.sign_sites() is not None):
            return "wrong"
        return None

    @property
    def marshall_frame(self):
        """Whether averages are made in the Marshall frame (see `models.Symmetrized`).

        None where nobody knows. A class that knows more can say so by an
        attribute of this name.
        """
        sites = self.sign_sites()
        if sites is None:
            return None
        return bool(sites.any() and (sites == self._even()).all())

    @functools.cached_property
    def probe(self):
        """Some matrix elements as numbers, see `vmc.physics.elements.Probe`."""
        self.check_elements()
        return Probe(self)

    def _off_diagonal_with_signs(self, sites):
        """`off_diagonal` after a change of sign, summed over moves that flip the same sites."""
        signs = 1 - 2 * (of_moves(sites, self.moves).sum(axis=1) % 2)
        elements = summed(np.sort(self.moves, axis=1), signs * self.off_diagonal())
        # What cancels leaves rounding errors.
        return np.where(abs(elements) > 1e-9 * abs(elements).max(initial=0), elements, 0)

    def _even(self):
        return sublattice(self.lattice.shape).astype(bool)
