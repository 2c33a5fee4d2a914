"""The paper, this project and the best published growth, side by side."""

from reproduce.console.notation import scientific
from reproduce.reference import growths
from reproduce.reference.paper_numbers import paper_energy
from reproduce.store import cards
from vmc.measurement.estimate import plus_minus

HEAD = ["lattice", "energy per site", "reference", "relative error", "the paper's",
        "best published growth", "preset", "trained for", "measured again"]  # fmt: skip


def side_by_side(rows):
    """For each lattice the best preset as its card has it, beside the paper and other people.

    Args:
        rows: `CheckedRow`s.

    Returns:
        Rows of text cells, the first of them the head. The last column
        is the relative error that this check measured, if it did.
    """
    best = {}
    # The best by its card: by what was measured now it would be the luckiest.
    for row in sorted(rows, key=lambda row: row.card["relative_error"], reverse=True):
        best[row.lattice] = row
    lattices = sorted(best, key=lambda lattice: (len(lattice.shape), lattice.num_sites))
    return [HEAD, *(_cells(best[lattice]) for lattice in lattices)]


def _cells(row):
    n, card, theirs = row.lattice.num_sites, row.card, paper_energy(row.lattice)
    reference = card["reference"]
    number = isinstance(theirs, float)
    cells = [
        _name(row.lattice),
        plus_minus(card["energy"] / n, card["std_error"] / n),
        plus_minus(reference / n, card["reference_error"] / n),
        scientific(card["relative_error"], card["std_error"] / abs(reference)),
        scientific((n * theirs - reference) / abs(reference)) if number else theirs or "",
        _published(row.lattice),
        row.preset,
        cards.trained_for(row.preset),
        row.measured and scientific(row.measured["relative_error"], row.std_error / abs(reference)),
    ]
    return [cell or "" for cell in cells]


def _published(lattice):
    """The best published growth's relative error at a square, and its GPU hours."""
    found = growths.best(lattice.shape[0]) if len(set(lattice.shape)) == 1 else None
    if len(lattice.shape) != 2 or not found:
        return ""
    error, bar, hours = found
    return f"{scientific(error, bar)} in {hours:,.0f} GPU h"


def _name(lattice):
    if len(lattice.shape) == 1:
        return f"chain of {lattice.num_sites}"
    return f"square {'x'.join(map(str, lattice.shape))}"
