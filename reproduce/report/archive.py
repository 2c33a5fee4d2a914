"""A folder of results, each in a folder of its own with a record and figures."""

import csv
import dataclasses
import json
import pathlib

from models.zoo import DATA
from reproduce.console.errors import RunError

RESULTS = DATA / "results"
TITLES = {
    "table1": "Table I: the symmetrised 6x6 square",
    "fig3": "Figure 3: a chain grown",
    "fig3-best": "Figure 3: a chain grown, from 10 spins",
    "fig4": "Figure 4: a square grown",
    "fig4-from-scratch": "Figure 4: 10x10 grown, and from random weights",
    "ablation": "What each part of the training is worth",
    "check": "The shipped weights, measured again",
}


@dataclasses.dataclass(frozen=True)
class Result:
    """What one command left behind.

    Attributes:
        name: of its folder.
        record: what its JSON file holds, a dict; of a folder without, the
            rows of its tables.
        figures: paths of its PNG files.
    """

    name: str
    record: dict
    figures: tuple

    @property
    def title(self):
        """A heading."""
        return TITLES.get(self.name) or self.name.replace("-", " ").replace("_", " ").capitalize()

    @property
    def rows(self):
        """The rows of its table, dicts."""
        return self.record.get("results", [])

    @property
    def runs(self):
        """The trainings that made the rows, dicts; none of what trained nothing."""
        return [run for run in self.record.get("runs", []) if "stages" in run]

    @property
    def stages(self):
        """The settings of their stages, dicts, in the order of the rows."""
        return [stage for run in self.runs for stage in run["stages"]]

    @property
    def verdicts(self):
        """Claims with whether they hold and what was measured, dicts."""
        return self.record.get("verdicts", [])


def read(folder=None):
    """The results in a folder: those with a title first, then by name.

    Args:
        folder: of results; None for those that come with the package.

    Returns:
        A list of `Result`s.

    Raises:
        RunError: there are none, or one cannot be read.
    """
    folder = pathlib.Path(folder or RESULTS)
    if not folder.is_dir():
        raise RunError(f"there is no folder {folder}")
    known = list(TITLES)
    folders = sorted(
        (path for path in folder.iterdir() if path.is_dir()),
        key=lambda path: (known.index(path.name) if path.name in known else len(known), path.name),
    )
    results = [result for path in folders if (result := _result(path))]
    if not results:
        raise RunError(f"{folder} holds no results: each has a folder with a .json, .csv or .png")
    return results


def _result(folder):
    """The result in a folder, or None."""
    records, tables = sorted(folder.glob("*.json")), sorted(folder.glob("*.csv"))
    figures = tuple(sorted(folder.glob("*.png")))
    if not (records or tables or figures):
        return None
    try:
        record = json.loads(records[0].read_text(encoding="utf-8")) if records else {}
        if tables and not records:
            with open(tables[0], newline="", encoding="utf-8") as file:
                record = {"results": list(csv.DictReader(file))}
    except ValueError as error:
        raise RunError(f"cannot read {records[0]}: {error}") from error
    return Result(folder.name, record, figures)
