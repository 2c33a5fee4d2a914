"""The tables of the report, as rows of text cells with the head first."""

import vmc
from reproduce.check.paper import paper_energy
from reproduce.console.notation import duration, scientific
from reproduce.reference import reference_energy
from reproduce.store.cards import named_lattice
from reproduce.table1.claims import table_1
from vmc.measurement.estimate import plus_minus


def energies(rows):
    """Energies with their references, or whatever else the rows hold.

    Args:
        rows: dicts, as a run's or a check's record has them.
    """
    if not rows:
        return []
    if not all({"lattice", "energy", "std_error", "reference"} <= row.keys() for row in rows):
        heads = list(rows[0])
        return [heads, *([_plain(row.get(head)) for head in heads] for row in rows)]
    columns = [c for c in COLUMNS if any(row.get(c[1]) is not None for row in rows)]
    cells = ([make(row) if row.get(key) is not None else "" for _, key, make in columns]
             for row in rows)  # fmt: skip
    return [[head for head, _, _ in columns], *cells]


def _method(row):
    return (
        row.get("reference_method")
        or reference_energy(vmc.Heisenberg(named_lattice(row["lattice"]))).method
    )


def _relative(key):
    return lambda row: scientific(row[f"relative_error{key}"], row[f"relative_std_error{key}"])


# Of each column the head, the entry without which it is left out, and its cell.
COLUMNS = [
    ("preset", "preset", lambda row: row["preset"]),
    ("size", "size", lambda row: str(row["size"])),
    ("stage", "stage", lambda row: str(row["stage"])),
    ("relative error", "relative_error", _relative("")),
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
    """Table I with the last energy of each result that is about its lattice; [] without one.

    Args:
        results: `reproduce.report.archive.Result`s.
    """
    ours = []
    for result in results:
        rows = [row for row in result.rows if _has_number(row)]
        # Of a run what it ends with; of a check all presets.
        for row in rows if "preset" in (rows or [{}])[0] else rows[-1:]:
            n = named_lattice(row["lattice"]).num_sites
            name = row.get("preset") or f"{result.name}, {row['stage']}"
            ours.append((f"this project: {name}", row["energy"] / n, row["std_error"] / n))
    return table_1(ours) if ours else []


def _has_number(row):
    return "lattice" in row and isinstance(paper_energy(named_lattice(row["lattice"])), float)


def stages(settings):
    """The settings of stages: what they share, and a table of where they differ.

    Args:
        settings: a dict for each stage.

    Returns:
        A dict of the common settings as text, and rows of text cells.
    """
    keys = list(dict.fromkeys(key for stage in settings for key in stage))
    texts = {key: [_plain(stage.get(key)) for stage in settings] for key in keys}
    common = {key: cells[0] for key, cells in texts.items() if len(set(cells)) == 1}
    differing = [key for key in keys if key not in common]
    rows = [[texts[key][n] for key in differing] for n in range(len(settings))]
    words = [key.replace("_", " ") for key in differing]
    return {k.replace("_", " "): v for k, v in common.items() if v}, [words, *rows] if words else []


def _plain(value):
    """A setting or a number as text; a schedule is its name with its arguments."""
    if isinstance(value, dict):
        ((name, config),) = value.items()
        given = (f"{k}={_plain(v)}" for k, v in config.items() if v is not None and k != "name")
        return f"{name}({', '.join(given)})"
    if value is None or value is False:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
