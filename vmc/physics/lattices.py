"""More lattices: triangular, honeycomb, and any bonds between the sites of a rectangle."""

from typing import ClassVar

import numpy as np

from models.checks import whole_number
from vmc.physics.lattice import Lattice


class Triangular(Lattice):
    """A triangular lattice: a square one with one of its diagonals.

    It has no two sublattices, so that no wave function on it has the
    Marshall sign. Its next-nearest neighbours are sqrt(3) apart.

    Args:
        rows: number of rows.
        columns: number of columns; as many as rows by default.
        periodic: whether opposite edges are joined; a bool, or one for each axis.

    Example:

    >>> Triangular(2).bonds().tolist()
    [[0, 1], [0, 2], [0, 3], [1, 3], [2, 3]]
    >>> len(Triangular(4, periodic=True).bonds()), Triangular(3, 2)
    (48, Triangular(3, 2))
    """

    steps: ClassVar = {1: [(0, 1), (1, 0), (1, 1)], 2: [(1, 2), (2, 1), (1, -1)]}

    def __init__(self, rows, columns=None, periodic=False):
        super().__init__((rows, rows if columns is None else columns), periodic)

    def positions(self):
        row, column = np.indices(self.shape).reshape(2, -1)
        return np.stack([column - row / 2, -row * np.sqrt(3) / 2], axis=1)


class Honeycomb(Lattice):
    """A honeycomb lattice as a brick wall: a square one without every other bond of a column.

    Site (row, column) has its neighbour in the next row where row + column
    is even. Neighbours are on the sublattices of the square lattice.

    Args:
        rows: number of rows.
        columns: number of columns; as many as rows by default.
        periodic: whether opposite edges are joined; a bool, or one for each
            axis. Joined axes need even lengths.

    Raises:
        ValueError: a joined axis of odd length.

    Example:

    >>> Honeycomb(2, 3).bonds().tolist()
    [[0, 1], [0, 3], [1, 2], [2, 5], [3, 4], [4, 5]]
    >>> len(Honeycomb(4, periodic=True).bonds()), Honeycomb(4, periodic=True).bipartite()
    (24, True)
    """

    steps: ClassVar = {1: [(0, 1), (1, 0)]}

    def __init__(self, rows, columns=None, periodic=False):
        super().__init__((rows, rows if columns is None else columns), periodic)
        for length, joined in zip(self.shape, self.periodic_axes):
            if joined and length % 2:
                raise ValueError(
                    f"A joined axis of a honeycomb needs an even length, not {length}."
                )

    def has_bond(self, site, step):
        return step != (1, 0) or sum(site) % 2 == 0


class Graph(Lattice):
    """Any bonds between the sites of a chain or a rectangle.

    The network visits the sites as it does without these bonds: a chain's
    in a row, a rectangle's row by row. Wave functions can have the Marshall
    sign where each bond joins the two sublattices of the chain or the
    square lattice; with another two-colouring it is refused.

    Args:
        shape: the shape of a configuration, of one or two axes.
        bonds: pairs of different sites, in raster order; each counts once.

    Raises:
        ValueError: a site outside the shape, a bond of a site with itself,
            or what is no pair.

    Example:

    A star of four spins around a fifth one:

    >>> import vmc
    >>> star = Graph((5,), [(0, 4), (1, 4), (2, 4), (3, 4)])
    >>> star.bonds().tolist()
    [[0, 4], [1, 4], [2, 4], [3, 4]]
    >>> round(vmc.ground_state(vmc.Heisenberg(star))[0], 6)
    -1.5
    """

    def __init__(self, shape, bonds):
        super().__init__(np.atleast_1d(shape))
        pairs = set()
        for bond in bonds:
            if len(bond) != 2:
                raise ValueError(f"A bond is a pair of sites, not {bond!r}.")
            a, b = sorted(whole_number("A site", site, 0) for site in bond)
            if a == b or b >= self.num_sites:
                raise ValueError(
                    f"The bond {tuple(bond)} needs two different sites from 0 to "
                    f"{self.num_sites - 1}."
                )
            pairs.add((a, b))
        self._bonds = tuple(sorted(pairs))

    def bonds(self, order=1):
        if order != 1:
            raise ValueError(f"Bonds of a Graph have the order 1, not {order}.")
        return np.array(self._bonds, dtype=int).reshape(-1, 2)

    def __hash__(self):
        return hash((type(self), self.shape, self._bonds))

    def __repr__(self):
        return f"Graph({self.shape}, {list(self._bonds)})"
