"""Triangular, honeycomb and any other lattices, against counts by hand and Kronecker products."""

import functools
import itertools

import numpy as np
import pytest

import models
import vmc

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]


def neighbours(lattice, distance, lengths=None):
    """Pairs of sites at a distance, by brute force over positions and their images."""
    at = lattice.positions()
    images = [np.zeros(2)]
    if lengths is not None:
        images = [
            i * lengths[0] + j * lengths[1] for i, j in itertools.product((-1, 0, 1), (-1, 0, 1))
        ]
    return [
        [a, b]
        for a, b in itertools.combinations(range(len(at)), 2)
        if any(abs(np.linalg.norm(at[b] + image - at[a]) - distance) < 1e-9 for image in images)
    ]  # fmt: skip


@pytest.mark.parametrize(("order", "distance"), [(1, 1), (2, np.sqrt(3))])
@pytest.mark.parametrize("shape", [(3, 4), (2, 5), (1, 3)])
def test_triangular_bonds_are_the_near_pairs(shape, order, distance):
    lattice = vmc.Triangular(*shape)
    assert lattice.bonds(order).tolist() == neighbours(lattice, distance)


def test_triangular_torus():
    lattice = vmc.Triangular(4, periodic=True)
    lengths = 4 * np.array([[-0.5, -np.sqrt(3) / 2], [1, 0]])
    assert lattice.bonds().tolist() == neighbours(lattice, 1, lengths)
    assert np.bincount(lattice.bonds().ravel()).tolist() == [6] * 16


def test_honeycomb_has_three_neighbours_and_rings_of_six():
    lattice = vmc.Honeycomb(4, 8, periodic=True)
    assert np.bincount(lattice.bonds().ravel()).tolist() == [3] * 32
    adjacency = np.zeros((32, 32), int)
    for a, b in lattice.bonds():
        adjacency[a, b] = adjacency[b, a] = 1
    # Walks of four steps return along their own bonds alone: there is no square. Of six steps
    # 87 do, and six around three hexagons.
    assert np.diag(np.linalg.matrix_power(adjacency, 4)).tolist() == [15] * 32
    assert np.diag(np.linalg.matrix_power(adjacency, 6)).tolist() == [93] * 32
    assert lattice.bipartite()
    with pytest.raises(ValueError, match="needs an even length, not 3"):
        vmc.Honeycomb(4, 3, periodic=(False, True))


def energy(bonds, num_sites):
    """Of the Heisenberg model, from Kronecker products."""
    x = np.array([[0, 1], [1, 0]]) / 2
    y = np.array([[0, -1j], [1j, 0]]) / 2
    z = np.diag([0.5, -0.5])
    total = 0
    for pair in bonds:
        for s in (x, y, z):
            factors = [s if site in pair else np.eye(2) for site in range(num_sites)]
            total = total + functools.reduce(np.kron, factors)
    return np.linalg.eigvalsh(total)[0]


@pytest.mark.parametrize(
    "lattice",
    [vmc.Triangular(2, 4), vmc.Triangular(3, 3, periodic=(True, False)), vmc.Honeycomb(2, 4),
     vmc.Honeycomb(2, 4, periodic=(False, True)), vmc.Graph((2, 4), [(0, 5), (5, 2), (7, 1)]),
     vmc.Graph(7, [(site, 6) for site in range(6)])],
    ids=repr,
)  # fmt: skip
def test_exact_energies(lattice):
    expected = energy(lattice.bonds().tolist(), lattice.num_sites)
    assert vmc.ground_state(vmc.Heisenberg(lattice))[0] == pytest.approx(expected)
    assert vmc.named_lattice(repr(lattice)) == lattice
    assert hash(vmc.named_lattice(repr(lattice))) == hash(lattice)


def test_the_marshall_sign_where_there_are_sublattices():
    positive = models.LSTMLattice(2, 1, phase="none", marshall_sign=True, total_sz=0)
    vmc.Heisenberg(vmc.Honeycomb(4)).check(positive)
    with pytest.raises(ValueError, match="has no two sublattices"):
        vmc.Heisenberg(vmc.Triangular(4)).check(positive)
    # Two colours, which are not those of the square lattice.
    with pytest.raises(ValueError, match="has no two sublattices"):
        vmc.Heisenberg(vmc.Graph((2, 2), [(0, 3)])).check(positive)


@pytest.mark.parametrize(
    ("bonds", "message"),
    [([(0, 4)], "needs two different sites from 0 to 3"), ([(1, 1)], "needs two different sites"),
     ([(0, 1, 2)], "A bond is a pair of sites"), ([(0, 0.5)], "A site must be a whole number"),
     ([(-1, 2)], "A site must be a whole number")],
)  # fmt: skip
def test_invalid_bonds(bonds, message):
    with pytest.raises(ValueError, match=message):
        vmc.Graph((2, 2), bonds)


def test_a_picture_has_all_sites_and_bonds():
    import matplotlib.pyplot as plt

    lattice = vmc.Square(3, 4, periodic=(True, False))
    order = models.GatedLattice(2).order((3, 4))
    axes = lattice.plot(order)
    styles = [patch.get_linestyle() for patch in axes.patches]
    assert len(styles) == len(lattice.bonds()) == 21
    assert styles.count("--") == 4
    # The snake: the second row is visited from right to left.
    places = {text.get_text(): tuple(text.get_position()) for text in axes.texts}
    assert (places["3"], places["4"]) == ((3.0, 0.0), (3.0, -1.0))
    plt.close(axes.figure)
    with pytest.raises(ValueError, match="each of the 12 sites once"):
        lattice.plot([0] * 12)
