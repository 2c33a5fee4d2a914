"""The lattices that records name."""

from typing import ClassVar

import pytest

import vmc
from reproduce.console.errors import RunError
from reproduce.store.cards import named_lattice


class Kagome(vmc.Lattice):
    """A class that a record may name once it has been imported."""

    steps: ClassVar = {1: [(0, 1), (1, 0), (1, 1)]}


class Ladder(vmc.Lattice):
    """One that is made of something other than its lengths, and says so."""

    steps: ClassVar = {1: [(0, 1), (1, 0)]}

    def __init__(self, length, legs=2, periodic=False):
        super().__init__((legs, length), periodic)

    def __repr__(self):
        legs, length = self.shape
        return f"Ladder({length}, legs={legs}, periodic={self.periodic})"


class Silent(vmc.Lattice):
    """One that does not say so."""

    def __init__(self, length, legs=2):
        super().__init__((legs, length))


@pytest.mark.parametrize(
    "lattice",
    [
        vmc.Chain(1),
        vmc.Chain(8),
        vmc.Chain(8, periodic=True),
        vmc.Square(6),
        vmc.Square(2, 10, periodic=True),
        vmc.Square(4, 3, periodic=(True, False)),
        vmc.Square(4, 3, periodic=(False, True)),
        Kagome((2, 3)),
        Kagome((2, 3), periodic=True),
        Kagome((2, 3), periodic=[False, True]),
        Ladder(5),
        Ladder(5, 3, periodic=[False, True]),
        vmc.Lattice((2, 3, 4), periodic=(True, False, False)),
    ],
    ids=repr,
)
def test_what_a_lattice_is_called_is_read_back(lattice):
    back = named_lattice(repr(lattice))
    assert type(back) is type(lattice)
    assert back == lattice
    assert (back.bonds() == lattice.bonds()).all() if lattice.steps else True


@pytest.mark.parametrize(
    "name",
    ["", "8", "Chain", "Chain()", "Chain(8", "Chain(-8)", "Chain(n)", "Chain(8, periodic=2)",
     "Chain(8, colour=1)", "Square(4, 3, periodic=(True,))", "Torus(8)", "vmc.Chain(8)",
     "__import__('os')", "Chain(8); Chain(9)", "[Chain(8)]", repr(Silent(5, 3)), None, 8],
    ids=repr,
)  # fmt: skip
def test_what_names_no_lattice_is_refused(name):
    with pytest.raises(RunError, match="names no lattice, as 'Square") as error:
        named_lattice(name)
    assert "\n" not in str(error.value)
