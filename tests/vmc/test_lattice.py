"""Bonds, counted by hand and by distance."""

import itertools
from typing import ClassVar

import numpy as np
import pytest

import vmc

pytestmark = pytest.mark.any_backend


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


def test_bipartite():
    assert vmc.Chain(5).bipartite()
    assert vmc.Chain(6, periodic=True).bipartite()
    assert not vmc.Chain(5, periodic=True).bipartite()
    assert vmc.Square(3, 4).bipartite()
    assert not vmc.Square(3, 4, periodic=True).bipartite()
    assert vmc.Square(1, 4, periodic=True).bipartite()
    assert vmc.Chain(1).bipartite()


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
