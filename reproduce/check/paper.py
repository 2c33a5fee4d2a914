"""The paper, this project and the exact energy, side by side."""

import vmc
from reproduce.console.notation import scientific
from reproduce.reference import paper
from reproduce.reference.table1 import SIDE
from vmc.measurement.estimate import plus_minus

HEAD = ["energy per site", "paper", "this project", "reference", "paper's relative error",
        "relative error", "preset", "reference by"]  # fmt: skip
CURVE = "a curve only"


def side_by_side(checked):
    """For each lattice the energies per site of the paper and of the best preset.

    Args:
        checked: `CheckedRow`s.

    Returns:
        Rows of text cells, the first of them the head.
    """
    best = {}
    # The best by its card: by what was measured now it would be the luckiest.
    for row in sorted(checked, key=lambda row: row.card["relative_error"], reverse=True):
        best[row.lattice] = row
    lattices = sorted(best, key=lambda lattice: (len(lattice.shape), lattice.num_sites))
    return [HEAD, *(_cells(best[lattice]) for lattice in lattices)]


def paper_energy(lattice):
    """The paper's energy per site as a number, `CURVE` if it draws one, or None."""
    if lattice == vmc.Square(SIDE):
        return paper()["table1"]["lstm"]["value"]
    drawn = [vmc.Chain(n) for n in paper()["fig3"]["sizes"]]
    drawn += [vmc.Square(side) for side in paper()["fig4"]["sides"]]
    return CURVE if lattice in drawn else None


def _cells(row):
    n, measured, theirs = row.lattice.num_sites, row.measured, paper_energy(row.lattice)
    reference = measured["reference"]
    number = isinstance(theirs, float)
    return [
        _name(row.lattice),
        f"{theirs:.6f}" if number else theirs or "",
        plus_minus(measured["energy"] / n, row.std_error / n),
        plus_minus(reference / n, measured["reference_error"] / n),
        scientific((n * theirs - reference) / abs(reference)) if number else "",
        scientific(measured["relative_error"], row.std_error / abs(reference)),
        row.preset,
        measured["reference_method"],
    ]


def _name(lattice):
    if len(lattice.shape) == 1:
        return f"chain of {lattice.num_sites}"
    return f"square {'x'.join(map(str, lattice.shape))}"
