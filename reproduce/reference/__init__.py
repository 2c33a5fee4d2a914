"""Other people's numbers, as `data/reference` holds them with their sources."""

import dataclasses
import functools
import json

import vmc
from models.zoo import DATA
from vmc.training.description import describe

SMALL = 16  # sites that are diagonalised on the spot
_DIAGONALISED = {}  # what was, by the description of its Hamiltonian


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
        energy: total energy.
        std_error: its own error; 0 where it is exact for our purposes.
        method: how it was found.
    """

    energy: float
    std_error: float
    method: str


def reference_energy(hamiltonian):
    """The ground-state energy of a Hamiltonian, to compare with.

    Of the open Heisenberg model with J1 = 1 and J2 = 0, chains by DMRG,
    squares by quantum Monte Carlo and the 6x6 square by exact
    diagonalisation; of any model whatever is small, by exact
    diagonalisation on the spot.

    Args:
        hamiltonian: a `vmc.Hamiltonian`.

    Returns:
        A `Reference`.

    Raises:
        KeyError: its energy is not known; the message lists what is.

    Example:

    >>> reference_energy(vmc.Heisenberg(vmc.Chain(40)))
    Reference(energy=-17.54147329990468, std_error=0.0, method='DMRG')
    """
    lattice, known = hamiltonian.lattice, _tables()
    if lattice in known and _is_plain_heisenberg(hamiltonian):
        return known[lattice]
    if lattice.num_sites <= SMALL:
        key = json.dumps(describe(hamiltonian))
        if key not in _DIAGONALISED:
            energy, _ = vmc.ground_state(hamiltonian)
            _DIAGONALISED[key] = Reference(float(energy), 0.0, "exact diagonalisation")
        return _DIAGONALISED[key]
    lengths = sorted(k.shape[0] for k in known if type(k) is type(lattice))
    message = f"no reference energy for {hamiltonian.label}"
    if lengths and _is_plain_heisenberg(hamiltonian):
        message = f"no reference energy for {lattice}: known are the lengths "
        message += ", ".join(map(str, lengths))
    raise KeyError(message)


def known_energy(hamiltonian):
    """The same, or None where it is not known."""
    try:
        return reference_energy(hamiltonian)
    except KeyError:
        return None


def _is_plain_heisenberg(hamiltonian):
    return describe(hamiltonian) == describe(vmc.Heisenberg(hamiltonian.lattice))


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
