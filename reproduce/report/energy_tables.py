"""The tables of energies, as rows of text cells with the heads first."""

import functools

import vmc
from reproduce.console.notation import duration, scientific
from reproduce.reference import reference_energy
from reproduce.reference.paper_numbers import paper_energy, table_1
from reproduce.report.stage_settings import as_text
from reproduce.store.cards import named_lattice
from vmc.measurement.estimate import plus_minus


def energies(rows):
    """Energies beside their references; or what the rows hold, if they are about something else.

    Args:
        rows: dicts, as the record of a run or of a check has them.

    Returns:
        Rows of text cells, the heads first; empty without rows.
    """
    if not rows:
        return []
    if not all({"lattice", "energy", "std_error", "reference"} <= row.keys() for row in rows):
        heads = list(rows[0])
        cells = [[as_text(row.get(head)) for head in heads] for row in rows]
        return [list(map(as_text, heads)), *cells]
    columns = [c for c in COLUMNS if any(row.get(c[1]) is not None for row in rows)]
    cells = ([make(row) if row.get(key) is not None else "" for _, key, make in columns]
             for row in rows)  # fmt: skip
    return [[head for head, _, _ in columns], *cells]


def _method(row):
    return row.get("reference_method") or _reference_method(row["lattice"])


@functools.cache  # a small lattice is diagonalised on the spot, which takes seconds for 4x4
def _reference_method(lattice):
    return reference_energy(vmc.Heisenberg(named_lattice(lattice))).method


def _relative(when=""):
    return lambda row: scientific(row[f"relative_error{when}"], row[f"relative_std_error{when}"])


# For each column: its head, the entry of a row that it needs, and what makes its cell of a row.
COLUMNS = [
    ("preset", "preset", lambda row: row["preset"]),
    ("size", "size", lambda row: str(row["size"])),
    ("stage", "stage", lambda row: str(row["stage"])),
    ("relative error", "relative_error", _relative()),
    ("before retraining", "relative_error_before", _relative("_before")),
    ("energy", "energy", lambda row: plus_minus(row["energy"], row["std_error"])),
    ("card", "card_energy", lambda row: plus_minus(row["card_energy"], row["card_std_error"])),
    ("reference", "reference", lambda row: plus_minus(row["reference"], row["reference_error"])),
    ("σ from card", "sigmas_from_card", lambda row: f"{row['sigmas_from_card']:+.1f}"),
    ("verdict", "verdict", lambda row: row["verdict"]),
    ("V-score", "v_score", lambda row: scientific(row["v_score"])),
    ("minibatches", "minibatches", lambda row: f"{row['minibatches']:,}"),
    ("samples", "num_samples", lambda row: f"{row['num_samples']:,}"),
    ("time", "seconds", lambda row: duration(row["seconds"])),
    ("reference by", "reference", _method),
]


def beside_paper(results):
    """Table I of the paper with energies of this project on the same lattice.

    A run adds its last energy there, a check all its presets.

    Args:
        results: `StoredResult`s.

    Returns:
        Rows of text cells, the heads first; empty without such an energy.
    """
    ours = []
    for result in results:
        rows = [row for row in result.rows if _paper_has_number(row)]
        for row in rows if "preset" in (rows or [{}])[0] else rows[-1:]:
            n = named_lattice(row["lattice"]).num_sites
            name = row.get("preset") or f"{result.name}, {row['stage']}"
            ours.append((f"this project: {name}", row["energy"] / n, row["std_error"] / n))
    return table_1(ours) if ours else []


def _paper_has_number(row):
    return "lattice" in row and isinstance(paper_energy(named_lattice(row["lattice"])), float)
