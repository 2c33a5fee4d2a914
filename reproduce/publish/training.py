"""What a run's record says of the training of one of its stages.

Two kinds of runs leave records: those of an experiment (`reproduce.fig4`
and others), and those on an accelerator (`reproduce.accelerated`).
"""

import dataclasses
import json
import pathlib
import re

import models
import vmc
from reproduce.console.errors import RunError
from reproduce.store import cards


@dataclasses.dataclass(frozen=True)
class Training:
    """The training of a run's stage, and of the stages before it.

    Attributes:
        weights: path of the stage's `.keras` file.
        size: length or side of its lattice.
        passed: the sizes that the network was trained at.
        averaged: whether the stage trained an average over the square's
            symmetries whose file holds the network alone.
        description: what a card says of the training, a dict.
    """

    weights: pathlib.Path
    size: int
    passed: frozenset
    averaged: bool
    description: dict


def read(folder, stage):
    """The training of a stage.

    Args:
        folder: of the run.
        stage: as the run's table has it, such as `"10x10"`, or
            `"10-averaged"` for one on an accelerator.

    Returns:
        A `Training`.

    Raises:
        RunError: no run, or no such stage.
    """
    record = _record(folder)
    on_accelerator = "phases" in record
    stages = _phases(record) if on_accelerator else [row["stage"] for row in record["results"]]
    weights = pathlib.Path(folder) / "weights" / f"{stage}.keras"
    if not weights.is_file():
        raise RunError(f"{weights} does not exist; the run's stages are {', '.join(stages)}")
    return (_on_accelerator if on_accelerator else _of_experiment)(record, stage, weights)


def measured(folder, stage):
    """The energy that a run on an accelerator took of a stage with fresh samples.

    Args:
        folder: of the run.
        stage: such as `"10-averaged"`.

    Returns:
        A `vmc.Estimate`.

    Raises:
        RunError: no such run, or it did not measure this stage.
    """
    for row in _record(folder).get("phases", []):
        if _name(row) == stage and not row["rate"]:
            fields = [field.name for field in dataclasses.fields(vmc.Estimate)]
            return vmc.Estimate(**{key: row[key] for key in fields})
    raise RunError(f"{folder} holds no run on an accelerator that measured {stage}")


def _record(folder):
    """The record of a run in a folder, a dict."""
    records = [path for path in pathlib.Path(folder).glob("*.json") if path.is_file()]
    if len(records) != 1:
        raise RunError(f"{folder} holds no run: it has {len(records)} records (.json)")
    return json.loads(records[0].read_text(encoding="utf-8"))


def together(trainings):
    """What trainings that followed each other took, for a card.

    Args:
        trainings: `Training`s, the first first.

    Returns:
        A dict: `started_from`, `minibatches`, `samples` and `seconds` of all
        of them, `stages` of the last one, and `runs`, a description for each.
    """
    said = [training.description for training in trainings]
    totals = {key: sum(one[key] for one in said) for key in ("minibatches", "samples", "seconds")}
    return {
        "started_from": said[0]["started_from"],
        **totals,
        "stages": said[-1]["stages"],
        "runs": said,
    }


def _of_experiment(record, stage, weights):
    rows = record["results"]
    number = [row["stage"] for row in rows].index(stage)
    rows = rows[: number + 1]
    run = record["runs"][0]
    stages = run["stages"][: number + 1]
    sizes = [_size(row) for row in rows]
    return Training(
        weights=weights,
        size=sizes[-1],
        passed=frozenset(sizes),
        averaged=False,
        description={
            "started_from": run["weights"],
            "minibatches": sum(row["minibatches"] for row in rows),
            "samples": sum(
                row["minibatches"] * settings["num_samples"] for row, settings in zip(rows, stages)
            ),
            "seconds": sum(row["seconds"] for row in rows),
            "seed": record["seed"],
            "optimizer": run["optimizer"],
            "stages": stages,
            "command": record["command"],
            "versions": record["versions"],
        },
    )


def _on_accelerator(record, stage, weights):
    rows = [row for row in record["phases"] if row["rate"]]
    number = next((n for n, row in enumerate(rows) if _name(row) == stage), None)
    if number is None:
        raise RunError(f"{stage} was only measured in the run of {record['command']}")
    last = rows[number]
    # An average's weights do not go on to the next side.
    rows = [row for row in rows[:number] if not row["averaged"]] + [last]
    return Training(
        weights=weights,
        size=last["side"],
        passed=frozenset(row["side"] for row in rows),
        averaged=last["averaged"],
        description={
            "started_from": _preset(record["command"]),
            "minibatches": sum(row["minibatches"] for row in rows),
            "samples": sum(row["minibatches"] * row["num_samples"] for row in rows),
            "seconds": sum(row["seconds"] for row in rows),
            "device": record["device"],
            "optimizer": "muon",
            "stages": [
                {
                    "lattice": repr((vmc.Chain if row.get("chain") else vmc.Square)(row["side"])),
                    "steps": row["minibatches"],
                    **{key: row[key] for key in ("num_samples", "rate", "to", "averaged")},
                }
                for row in rows
            ],
            "command": record["command"],
            "versions": record["versions"],
        },
    )


def _preset(command):
    """The preset that a command starts from, or None."""
    found = re.search(r"--weights=(\S+)", command)
    return found[1] if found and found[1] in models.presets() else None


def _phases(record):
    """The names of a record's phases, each once."""
    return list(dict.fromkeys(map(_name, record["phases"])))


def _name(phase):
    return f"{phase['side']}{'-averaged' if phase['averaged'] else ''}"


def _size(row):
    """A row's size from its lattice, such as 80 from Chain(80) and 6 from Square(6, 6)."""
    return cards.named_lattice(row["lattice"]).shape[0]
