"""Tables and records on disk."""

import csv
import json

from reproduce.console.errors import RunError
from vmc.training.whole_files import written_whole


def write_text(path, text):
    """Writes text, whole or not at all; RunError where it cannot be written."""
    try:
        with written_whole(path) as partial:
            partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}") from error


def write_csv(path, rows):
    """Writes a table of dicts with the same keys, whose header they are."""
    try:
        with (
            written_whole(path) as partial,
            open(partial, "w", newline="", encoding="utf-8") as file,
        ):
            if rows:
                writer = csv.DictWriter(file, rows[0])
                writer.writeheader()
                writer.writerows(rows)
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}") from error


def write_json(path, content):
    """Writes what JSON can hold, for people to read."""
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
