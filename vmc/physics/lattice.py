"""Where the spins sit and who their neighbours are."""

import inspect
import itertools
from typing import ClassVar

import numpy as np

from models.signs import sublattice


class Lattice:
    """Sites in raster order, and pairs of neighbours.

    A lattice of one's own is a class with other `steps`: for each order of
    neighbours the differences of coordinates that lead to them, one of each
    pair of opposite ones. If it is made of anything but a shape or lengths,
    and `periodic`, it has a `__repr__` of its own that says so.

    Args:
        shape: number of sites along each axis.
        periodic: whether the ends of every axis are joined, or one bool for
            each axis.

    Attributes:
        shape: a tuple of ints, the shape of a configuration.
        num_sites: their product.
        periodic: a bool where it is the same along all axes, otherwise a
            tuple of bools, one for each.

    Raises:
        ValueError: an axis without sites; `periodic` is neither a bool nor
            one bool for each axis.

    Example:

    Squares with one of their diagonals make a triangular lattice:

    >>> class Triangular(Lattice):
    ...     steps = {1: [(0, 1), (1, 0), (1, 1)]}
    >>> lattice = Triangular((2, 2))
    >>> lattice.bonds().tolist(), lattice.bipartite()
    ([[0, 1], [0, 2], [0, 3], [1, 3], [2, 3]], False)
    """

    steps: ClassVar = {}

    def __init__(self, shape, periodic=False):
        if any(int(length) != length or length < 1 for length in shape):
            raise ValueError(f"{type(self).__name__} needs whole positive lengths, not {shape}.")
        self.shape = tuple(int(length) for length in shape)
        self.num_sites = int(np.prod(self.shape))
        self.periodic = _periodic(periodic, len(self.shape))

    @property
    def periodic_axes(self):
        """Whether the ends of each axis are joined: a tuple of bools."""
        if isinstance(self.periodic, tuple):
            return self.periodic
        return (self.periodic,) * len(self.shape)

    def bonds(self, order=1):
        """Pairs of neighbouring sites, each once, also on small rings.

        Args:
            order: 1 for nearest neighbours, 2 for next-nearest ones.

        Returns:
            int array `[num_bonds, 2]`, the lower site first.

        Raises:
            ValueError: neighbours of an order that the lattice does not name.
        """
        if order not in self.steps:
            orders = " or ".join(map(str, self.steps))
            raise ValueError(f"Bonds of {self} have the order {orders}, not {order}.")
        pairs = set()
        for site in itertools.product(*map(range, self.shape)):
            for step in self.steps[order]:
                other = tuple(
                    (s + d) % length if joined else s + d
                    for s, d, length, joined in zip(site, step, self.shape, self.periodic_axes)
                )
                inside = all(0 <= s < length for s, length in zip(other, self.shape))
                if inside and other != site and self.has_bond(site, step):
                    pairs.add(tuple(sorted((self.index(site), self.index(other)))))
        return np.array(sorted(pairs), dtype=int).reshape(-1, 2)

    def has_bond(self, site, step):
        """Whether a site's neighbour by one of `steps` is one; here always.

        Args:
            site: coordinates, a tuple of ints.
            step: a tuple of ints, one of `steps`.
        """
        return True

    def positions(self):
        """Where to draw the sites: float `[sites, 2]`, x and y."""
        places = np.indices(self.shape).reshape(len(self.shape), -1)
        x, y = places[-1], -places[0] if len(self.shape) > 1 else 0 * places[0]
        return np.stack([x, y], axis=1).astype(float)

    def plot(self, order=None, ax=None):
        """Draws sites, bonds and the order in which a network visits the sites.

        Args:
            order: int `[sites]`, as a network's `order(lattice.shape)` gives
                it; raster order by default.
            ax: matplotlib axes; new ones by default.

        Returns:
            The axes. Bonds across a joined edge are dashed; a site's number
            says when it is visited.
        """
        from vmc.physics.lattice_plot import plot

        return plot(self, order, ax)

    def index(self, site):
        """The raster index of a site's coordinates."""
        return int(np.ravel_multi_index(site, self.shape))

    def bipartite(self):
        """Whether nearest neighbours always differ in sublattice, as coordinate sums have it."""
        even = sublattice(self.shape)
        first, second = self.bonds().T
        return bool((even[first] != even[second]).all())

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self):
        return hash((type(self), self.shape, self.periodic))

    def __repr__(self):
        # As it is made: from a shape, or by a class like Square from lengths.
        from_shape = "shape" in inspect.signature(type(self)).parameters
        lengths = str(self.shape) if from_shape else ", ".join(map(str, self.shape))
        ends = f", periodic={self.periodic}" if self.periodic else ""
        return f"{type(self).__name__}({lengths}{ends})"


def _periodic(periodic, num_axes):
    """A bool where all axes are alike, otherwise a tuple of bools; ValueError if it is invalid."""
    one = isinstance(periodic, (bool, np.bool_))
    axes = (periodic,) * num_axes if one else tuple(periodic) if np.iterable(periodic) else ()
    if len(axes) != num_axes or not all(isinstance(joined, (bool, np.bool_)) for joined in axes):
        raise ValueError(
            f"periodic must be a bool or a list of {num_axes}, one for each axis, not {periodic!r}."
        )
    axes = tuple(map(bool, axes))
    return axes[0] if len(set(axes)) == 1 else axes


class Chain(Lattice):
    """A chain; its next-nearest neighbours are two sites apart.

    Args:
        length: number of sites.
        periodic: whether it is a ring.

    Example:

    >>> Chain(4).bonds(1).tolist()
    [[0, 1], [1, 2], [2, 3]]
    >>> Chain(4, periodic=True).bonds(2).tolist()
    [[0, 2], [1, 3]]
    """

    steps: ClassVar = {1: [(1,)], 2: [(2,)]}

    def __init__(self, length, periodic=False):
        super().__init__((length,), periodic)


class Square(Lattice):
    """A square or rectangle; its next-nearest neighbours are diagonal.

    Args:
        rows: number of rows.
        columns: number of columns; as many as rows by default.
        periodic: whether opposite edges are joined; `[True, False]` joins
            the first row with the last one, and makes a cylinder.

    Example:

    >>> Square(2).bonds(1).tolist()
    [[0, 1], [0, 2], [1, 3], [2, 3]]
    >>> Square(2, 3).bonds(2).tolist()
    [[0, 4], [1, 3], [1, 5], [2, 4]]
    >>> cylinder = Square(4, 3, periodic=[True, False])
    >>> cylinder, len(cylinder.bonds(1))
    (Square(4, 3, periodic=(True, False)), 20)
    """

    steps: ClassVar = {1: [(0, 1), (1, 0)], 2: [(1, 1), (1, -1)]}

    def __init__(self, rows, columns=None, periodic=False):
        super().__init__((rows, rows if columns is None else columns), periodic)
