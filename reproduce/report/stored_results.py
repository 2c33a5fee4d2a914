"""Reads the results in a folder: each has a folder of its own, with a record and figures."""

import csv
import dataclasses
import json
import pathlib
import re

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
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


@dataclasses.dataclass(frozen=True)
class StoredResult:
    """What one command left behind.

    Attributes:
        name: name of its folder.
        record: content of its JSON file, a dict. Without a JSON file it
            holds the rows of the CSV file.
        figures: paths of its PNG files.
    """

    name: str
    record: dict
    figures: tuple = ()

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
        """The trainings that made the rows, dicts; empty where nothing was trained."""
        return [run for run in self.record.get("runs", []) if "stages" in run]

    @property
    def verdicts(self):
        """Claims, dicts that say whether each holds and what was measured."""
        return self.record.get("verdicts", [])


def read(folder=None):
    """The results in a folder. Those with a title of their own come first, the others by name.

    Args:
        folder: folder of results; None for those that come with the package.

    Returns:
        A list of `StoredResult`s.

    Raises:
        RunError: the folder holds no results, or one cannot be read.

    Example:

    >>> [result.name for result in read()][:2]
    ['table1', 'fig3']
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
    records, tables, figures = (sorted(folder.glob(f"*.{end}")) for end in ("json", "csv", "png"))
    if not (records or tables or figures):
        return None
    record = {}
    if records:
        record = _read(records[0], json.load)
        if not isinstance(record, dict):
            raise RunError(f"cannot read {records[0]}: a record is a JSON object")
    elif tables:
        record = {"results": _read(tables[0], _rows)}
    return StoredResult(folder.name, record, tuple(figures))


def _read(path, reader):
    """What a reader makes of an open file; RunError where it cannot."""
    try:
        with open(path, newline="", encoding="utf-8") as file:
            return reader(file)
    except (OSError, ValueError, csv.Error) as error:
        raise RunError(f"cannot read {path}: {error}") from error


def _rows(file):
    """The rows of a CSV file, dicts, with numbers where JSON would have numbers."""
    return [{key: _value(text) for key, text in row.items()} for row in csv.DictReader(file)]


def _value(text):
    if not text:
        return None
    if not isinstance(text, str) or not NUMBER.fullmatch(text):
        return text
    return int(text) if re.fullmatch(r"[-+]?\d+", text) else float(text)
