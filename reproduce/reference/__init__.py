"""Other people's numbers, as `data/reference` holds them with their sources."""

import functools
import importlib.resources
import json


@functools.cache
def read(name):
    """A reference file as it stands.

    Args:
        name: such as `"paper"`.

    Returns:
        What the JSON file holds.
    """
    path = importlib.resources.files("data") / "reference" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def chain_energies():
    """Total ground-state energies of the open Heisenberg chain, by DMRG.

    Returns:
        A dict of number of sites to energy, J1 = 1.

    Example:

    >>> chain_energies()[20]
    -8.68247333439896
    """
    rows = read("heisenberg_chain_open_dmrg")["energies"]
    return {row["num_sites"]: row["energy"] for row in rows}


def paper():
    """The numbers and claims of the paper."""
    return read("paper")
