"""Other people's numbers, as `data/reference` holds them with their sources."""

import dataclasses
import functools
import json

import vmc
from models.zoo import DATA

SMALL = 16  # sites that are diagonalised on the spot


@functools.cache
def read(name):
    """A reference file as it stands.

    Args:
        name: such as `"paper"`.

    Returns:
        What the JSON file holds.
    """
    path = DATA / "reference" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


@dataclasses.dataclass(frozen=True)
class Reference:
    """A ground-state energy to compare with.

    Attributes:
        energy: total energy, J1 = 1 and J2 = 0.
        std_error: its own error; 0 where it is exact for our purposes.
        method: how it was found.
    """

    energy: float
    std_error: float
    method: str


def ground_state(lattice):
    """The reference energy of an open Heisenberg lattice.

    Chains by DMRG, squares by quantum Monte Carlo, the 6x6 square and
    whatever is small by exact diagonalisation.

    Args:
        lattice: a `vmc.Lattice` with open ends.

    Returns:
        A `Reference`.

    Raises:
        KeyError: there is none; the message lists those that there are.

    Example:

    >>> ground_state(vmc.Chain(40))
    Reference(energy=-17.54147329990468, std_error=0.0, method='DMRG')
    """
    known = _tables()
    if lattice in known:
        return known[lattice]
    if lattice.num_sites <= SMALL and not lattice.periodic:
        energy, _ = vmc.ground_state(vmc.Heisenberg(lattice))
        return Reference(energy, 0.0, "exact diagonalisation")
    lengths = sorted(k.shape[0] for k in known if type(k) is type(lattice))
    raise KeyError(
        f"no reference energy for {lattice}: there are the lengths {', '.join(map(str, lengths))}"
    )


@functools.cache
def _tables():
    table = {}
    for row in read("heisenberg_chain_open_dmrg")["energies"]:
        table[vmc.Chain(row["num_sites"])] = Reference(row["energy"], 0.0, "DMRG")
    squares = read("heisenberg_square_open_sse")
    for row in squares["energies"] + squares["interpolated"]:
        sites = row["side"] ** 2
        table[vmc.Square(row["side"])] = Reference(
            row["energy_per_site"] * sites,
            row["error_per_site"] * sites,
            "quantum Monte Carlo" + (", interpolated" if "how" in row else ""),
        )
    exact = paper()["table1"]["exact"]["value"]
    table[vmc.Square(6)] = Reference(36 * exact, 0.0, "exact diagonalisation")
    return table


def paper():
    """The numbers and claims of the paper."""
    return read("paper")
