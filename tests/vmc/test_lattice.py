"""Bonds, counted by hand and by distance."""

import itertools
from typing import ClassVar

import numpy as np
import pytest

import vmc

pytestmark = [pytest.mark.any_backend, pytest.mark.one_backend]


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("length", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("order", [1, 2])
def test_chain_bonds_are_all_pairs_at_their_distance(length, periodic, order):
    def linked(i, j):
        apart = abs(i - j)
        return (
            apart == order
            or (periodic and (i - j - order) % length == 0)
            or (periodic and (j - i - order) % length == 0)
        )

    expected = [p for p in itertools.combinations(range(length), 2) if linked(*p)]
    bonds = vmc.Chain(length, periodic=periodic).bonds(order)
    assert bonds.shape == (len(expected), 2)
    assert [tuple(bond) for bond in bonds.tolist()] == expected


def test_small_rings_count_no_pair_twice():
    assert vmc.Chain(2, periodic=True).bonds(1).tolist() == [[0, 1]]
    assert vmc.Chain(4, periodic=True).bonds(2).tolist() == [[0, 2], [1, 3]]
    assert vmc.Chain(2, periodic=True).bonds(2).tolist() == []


class Triangular(vmc.Lattice):
    """Squares with one of their diagonals."""

    steps: ClassVar = {1: [(0, 1), (1, 0), (1, 1)]}


def test_a_lattice_of_ones_own():
    lattice = Triangular((2, 3))
    assert lattice.bonds().tolist() == [
        [0, 1], [0, 3], [0, 4], [1, 2], [1, 4], [1, 5], [2, 5], [3, 4], [4, 5]
    ]  # fmt: skip
    assert not lattice.bipartite()
    assert vmc.Heisenberg(lattice).to_sparse().shape == (64, 64)
    with pytest.raises(ValueError, match="have the order 1, not 2"):
        lattice.bonds(2)


ENDS = [*itertools.product([False, True], repeat=2)]


@pytest.mark.parametrize("periodic", ENDS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (2, 2), (2, 3), (3, 3), (4, 3), (4, 5)])
@pytest.mark.parametrize("order", [1, 2])
def test_square_bonds_are_all_pairs_at_their_distance(shape, periodic, order):
    """Each axis by itself: open, or joined at its ends."""

    def steps_apart(i, j):
        """How far two sites are apart along each axis, all ways that there are."""
        ways = []
        for a, b, length, joined in zip(places[i], places[j], shape, periodic):
            ways.append({abs(a - b)} | ({length - abs(a - b)} if joined else set()))
        return set(itertools.product(*ways))

    places = [*itertools.product(*map(range, shape))]
    wanted = {1: {(0, 1), (1, 0)}, 2: {(1, 1)}}[order]
    expected = [
        pair
        for pair in itertools.combinations(range(len(places)), 2)
        if steps_apart(*pair) & wanted
    ]
    lattice = vmc.Square(*shape, periodic=periodic)
    assert [tuple(bond) for bond in lattice.bonds(order).tolist()] == expected


def test_a_cylinder():
    """Of 4 rows, the last joined to the first: its energy as known from its own matrix."""
    for periodic in ([True, False], (True, False), np.array([True, False])):
        cylinder = vmc.Square(4, 3, periodic=periodic)
        assert cylinder.periodic == cylinder.periodic_axes == (True, False)
        assert len(cylinder.bonds()) == 20
    energy, _ = vmc.ground_state(vmc.Heisenberg(cylinder))
    assert energy == pytest.approx(-7.530137, abs=1e-6)
    assert cylinder.bipartite()
    assert not vmc.Square(4, 3, periodic=[False, True]).bipartite()


def test_axes_that_are_alike_are_called_so():
    for periodic in (False, True):
        square = vmc.Square(3, 4, periodic=[periodic, np.bool_(periodic)])
        assert square == vmc.Square(3, 4, periodic=periodic)
        assert square.periodic is periodic
        assert square.periodic_axes == (periodic, periodic)
        assert vmc.Chain(5, periodic=[periodic]) == vmc.Chain(5, periodic=np.bool_(periodic))
    assert vmc.Square(6) == vmc.Square(6, 6, periodic=False)


@pytest.mark.parametrize(
    "periodic",
    [None, 0, 1, 1.0, "yes", "TF", [], [True], [1, 0], [True, False, True], [[True, False]],
     np.array(True), {"rows": True}],
    ids=repr,
)  # fmt: skip
def test_ends_that_are_none_are_refused(periodic):
    with pytest.raises(ValueError, match="periodic must be a bool or a list of 2, one for each"):
        vmc.Square(4, 3, periodic=periodic)


def test_bipartite():
    assert vmc.Chain(5).bipartite()
    assert vmc.Chain(6, periodic=True).bipartite()
    assert not vmc.Chain(5, periodic=True).bipartite()
    assert vmc.Square(3, 4).bipartite()
    assert not vmc.Square(3, 4, periodic=True).bipartite()
    assert vmc.Square(1, 4, periodic=True).bipartite()
    assert vmc.Chain(1).bipartite()
    # Rings of one or two sites have no bond, or one, that an open end has not.
    assert vmc.Square(2, 1, periodic=True).bipartite()
    assert vmc.Square(2, 4, periodic=True).bipartite()
    # An odd ring matters only along the axis that is one.
    for shape, periodic in (
        ((3, 4), (True, False)),
        ((4, 3), (False, True)),
        ((5, 1), (True, False)),
    ):
        assert not vmc.Square(*shape, periodic=periodic).bipartite()
        assert vmc.Square(*shape, periodic=periodic[::-1]).bipartite()


def test_errors():
    for length in (0, -3, 2.5):
        with pytest.raises(ValueError, match="whole positive lengths"):
            vmc.Chain(length)
    with pytest.raises(ValueError, match="order 1 or 2, not 3"):
        vmc.Chain(4).bonds(3)


def test_equality():
    assert vmc.Chain(4) == vmc.Chain(4)
    assert vmc.Chain(4) != vmc.Chain(4, periodic=True)
    assert np.unique([hash(vmc.Chain(4)), hash(vmc.Chain(4))]).size == 1
    squares = [vmc.Square(3, 4, periodic=ends) for ends in ENDS for _ in range(2)]
    assert len(set(squares)) == 4
    assert squares[::2] == squares[1::2]


def test_names():
    assert repr(vmc.Chain(8, periodic=True)) == "Chain(8, periodic=True)"
    assert repr(vmc.Square(6)) == "Square(6, 6)"
    assert repr(vmc.Square(4, 3, periodic=[False, True])) == "Square(4, 3, periodic=(False, True))"
    assert repr(Triangular((2, 3), [True, True])) == "Triangular((2, 3), periodic=True)"
