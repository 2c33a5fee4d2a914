"""Any Hamiltonian of spins one half, as a sum of Pauli strings."""

import itertools
import json
import numbers

import numpy as np

from vmc.physics import strings
from vmc.physics.hamiltonian import Hamiltonian
from vmc.physics.lattice import Chain
from vmc.physics.lattice_names import named_lattice
from vmc.physics.strings import PauliString


class PauliSum(Hamiltonian):
    """A Hermitian sum of products of Pauli matrices, with real coefficients.

    Pauli matrices, not spins: sigma = 2 S. The basis of each is (up, down),
    so that Z is +1 for an up spin, which is 1, and Y is [[0, -i], [i, 0]].
    Strings that flip the same spins make one move, whose ratio of
    amplitudes is computed once. Elements are complex where a string has an
    odd number of Y.

    Args:
        lattice: a `vmc.Lattice`.
        terms: triples of letters X, Y, Z or I, the sites that they act on,
            in raster order, and a coefficient, such as `("XX", [0, 1], 0.5)`;
            `("", [], c)` is a constant. Equal strings are added up.

    Attributes:
        terms: the same, sorted, each string once, as tuples; those whose
            coefficient is zero are left out.

    Raises:
        ValueError: a letter that is none of these; other numbers of letters
            and sites; a site outside the lattice or twice; a coefficient
            that is not real, with which the sum is not Hermitian.

    Example:

    >>> import vmc
    >>> chain = vmc.Chain(2)
    >>> exchange = vmc.PauliSum(chain, [("XX", [0, 1], 0.25), ("YY", [0, 1], 0.25)])
    >>> heisenberg = exchange + vmc.PauliSum(chain, [("ZZ", [0, 1], 0.25)])
    >>> heisenberg
    PauliSum(Chain(2), 0.25 X0 X1 + 0.25 Y0 Y1 + 0.25 Z0 Z1)
    >>> heisenberg == vmc.Heisenberg(chain).pauli_sum()
    True
    >>> vmc.PauliSum.from_json((2 * heisenberg).to_json()) - 2 * heisenberg
    PauliSum(Chain(2), 0)
    """

    def __init__(self, lattice, terms):
        found = strings.added(strings.parsed(term, lattice) for term in terms)
        self.terms = tuple(
            (string.letters, string.sites, value)
            for string, value in sorted(found.items())
            if value
        )
        kept = {PauliString(letters, sites): value for letters, sites, value in self.terms}
        flips = {string: string.flipped for string in kept}
        moves = sorted(set(flips.values()) - {()}, key=lambda sites: (len(sites), sites))
        super().__init__(lattice, moves or np.zeros((0, 2), int))
        self.conserves_sz = strings.conserve_sz(kept)
        groups = [[s for s in kept if flips[s] == move] for move in [(), *moves]]
        self._diagonal, self._elements = (
            strings.Products([[(s, kept[s]) for s in group] for group in part], lattice.num_sites)
            for part in (groups[:1], groups[1:])
        )

    def diagonal(self, z):
        return self._diagonal(z)[:, 0]

    def elements(self, z):
        return self._elements(z)

    def sign_structure(self, marshall_sign):
        return super().sign_structure(marshall_sign) or "open"

    def pauli_sum(self):
        """Itself: every Hamiltonian of the library has this method."""
        return self

    @classmethod
    def from_qiskit(cls, operator, lattice=None):
        """The sum that a Qiskit `SparsePauliOp` is, its |0> being up.

        Args:
            operator: has `to_sparse_list` and `num_qubits`, as Qiskit's has.
            lattice: a `vmc.Lattice` with a site for each qubit; a chain by
                default.

        Raises:
            ValueError: another number of sites; the operator is not Hermitian.
        """
        lattice = lattice or Chain(operator.num_qubits)
        if lattice.num_sites != operator.num_qubits:
            raise ValueError(f"{lattice} does not have {operator.num_qubits} sites, one a qubit.")
        return cls(lattice, operator.to_sparse_list())

    def to_json(self):
        """The lattice and the terms as a JSON text, which `from_json` reads."""
        content = {"lattice": repr(self.lattice), "terms": self.terms}
        return json.dumps(content)

    @classmethod
    def from_json(cls, text):
        """What `to_json` wrote; ValueError for anything else."""
        try:
            content = json.loads(text)
            lattice, terms = content["lattice"], content["terms"]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError("This is no JSON text that PauliSum.to_json wrote.") from error
        return cls(named_lattice(lattice), terms)

    def __add__(self, other):
        if not hasattr(other, "pauli_sum"):
            return NotImplemented
        other = other.pauli_sum()
        if other.lattice != self.lattice:
            raise ValueError(f"{self.lattice} and {other.lattice} are different lattices.")
        return PauliSum(self.lattice, itertools.chain(self.terms, other.terms))

    def __sub__(self, other):
        if not hasattr(other, "pauli_sum"):
            return NotImplemented
        return self + -1 * other.pauli_sum()

    def __mul__(self, factor):
        if not isinstance(factor, numbers.Number):
            return NotImplemented
        return PauliSum(self.lattice, [(ls, sites, factor * c) for ls, sites, c in self.terms])

    __rmul__ = __mul__

    def __neg__(self):
        return -1 * self

    def __eq__(self, other):
        return (
            isinstance(other, PauliSum)
            and self.lattice == other.lattice
            and self.terms == other.terms
        )

    def __hash__(self):
        return hash((self.lattice, self.terms))

    def __repr__(self):
        said = [
            " ".join([f"{c:g}", *(f"{letter}{site}" for letter, site in zip(letters, sites))])
            for letters, sites, c in self.terms
        ]
        if len(said) > 8:
            said = [*said[:3], f"... ({len(said)} terms)", said[-1]]
        total = " + ".join(said).replace("+ -", "- ") or "0"
        return f"PauliSum({self.lattice}, {total})"
