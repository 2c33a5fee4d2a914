"""Puts a run's weights into the zoo, with a model card.

    python -m reproduce.publish --run=out/fig3 --stage=80 --name=gru-chain-80 \\
        --description="GRU chain of 64 units trained at 80 spins; grows to 300"
    python -m reproduce.publish --run=out/fig4 --stage=10x10 --average=square \\
        --name=lstm-lattice-10-symmetrised --description="Its average over the square"

The card says how the weights were made (from the run's own record), what
they are worth (measured here, at every size asked for, as they are) and how
to tell that a file is the one described.
"""

import dataclasses
import json
import pathlib

import numpy as np
from keras import ops

import models
from models.symmetry import GROUPS
from reproduce.console.clock import Stopwatch
from reproduce.console.command import command_line, run
from reproduce.console.environment import versions
from reproduce.console.errors import RunError
from reproduce.console.options import CommandOptions, option, whole_numbers
from reproduce.publish.place import place
from reproduce.store import cards, weights

LIMITS = (
    "The ground state of the open Heisenberg {lattice} with J1 = 1 and J2 = 0 only. "
    "At sizes other than those it was trained on it is as good as the table says; "
    "retrain it there (vmc.retrain) for more."
)


@dataclasses.dataclass(frozen=True)
class Options(CommandOptions):
    """What is published, and as what."""

    run: str = option(None, "Folder of the run.", required=True)
    stage: str = option(None, "Which of its stages, as its table has it.", required=True)
    name: str = option(None, "Name of the preset.", required=True)
    description: str = option(None, "The preset in a line.", required=True)
    samples: int = option(40_000, "Samples of the energy at its own size.", least=1)
    other_sizes: tuple = option((), "Sizes to try it on as it is.")
    other_samples: int = option(2000, "Samples at each of these.", least=1)
    average: str | None = option(
        None,
        "Publish the average over this group, and over the flip of all spins where half are up.",
        choices=tuple(GROUPS),
    )
    zoo: str = option("data/weights", "Folder of the zoo.")
    force: bool = option(False, "Replace a preset of this name.")

    def __post_init__(self):
        super().__post_init__()
        sizes = self.other_sizes and whole_numbers("other_sizes", self.other_sizes)
        object.__setattr__(self, "other_sizes", sizes)


def main(options):
    """Publishes; returns the exit status."""
    source, record = _read_run(pathlib.Path(options.run), options.stage)
    folder = pathlib.Path(options.zoo) / options.name
    if folder.exists() and not options.force:
        raise RunError(f"{folder} is there already: --force replaces it")
    wf = weights.read(source)
    if options.average:
        wf = _average(wf, options.average)
    watch = Stopwatch()
    rows = record["results"]
    number = [row["stage"] for row in rows].index(options.stage)
    size = _size(rows[number])
    passed = {_size(row) for row in rows[: number + 1]}
    sizes = [(size, options.samples)]
    sizes += [(other, options.other_samples) for other in options.other_sizes]
    energies = [
        cards.measure(wf, asked, samples, seed=asked) | {"trained": asked in passed}
        for asked, samples in sizes
    ]
    description = {
        "name": options.name,
        "description": options.description,
        "architecture": weights.describe(wf),
        "parameters": wf.count_params(),
        "hamiltonian": f"Heisenberg {cards.lattice_name(wf)}, open ends, J1 = 1, J2 = 0",
        "trained_at": size,
        "energies": energies,
        "limits": LIMITS.format(lattice=cards.lattice_name(wf)),
        "command": record["command"],
        "published_with": command_line("publish"),
        "training": {
            "started_from": record["runs"][0]["weights"],
            "minibatches": sum(row["minibatches"] for row in rows[: number + 1]),
            "seconds": sum(row["seconds"] for row in rows[: number + 1]),
            "seed": record["seed"],
            "stages": record["runs"][0]["stages"][: number + 1],
        },
        "versions": record["versions"],
        "measured_with": versions() | {"seconds": round(watch.seconds())},
        # Where the log amplitudes are small, and float32 holds more digits of them.
        "fingerprint": fingerprint(wf, cards.lattice(wf, min(passed)).shape),
    }
    place(folder, wf, description)
    print(f"{folder}: {options.description}")
    return 0


def _read_run(folder, stage):
    """The stage's weights and the run's record."""
    records = [path for path in folder.glob("*.json") if path.is_file()]
    if len(records) != 1:
        raise RunError(f"{folder} holds no run: it has {len(records)} records (.json)")
    record = json.loads(records[0].read_text(encoding="utf-8"))
    source = folder / "weights" / f"{stage}.keras"
    if not source.is_file():
        stages = ", ".join(row["stage"] for row in record["results"])
        raise RunError(f"{source} does not exist; the run's stages are {stages}")
    return source, record


def _average(wf, group):
    try:
        # In the frame of the antiferromagnet, which all of the zoo is of.
        wf = models.Symmetrized(wf, group, spin_flip=wf.total_sz == 0, marshall_frame=True)
    except ValueError as error:
        raise RunError(f"--average={group}: {error}") from error
    return wf


def _size(row):
    """A row's size from its lattice, such as 80 from Chain(80) and 6 from Square(6, 6)."""
    return cards.named_lattice(row["lattice"]).shape[0]


def fingerprint(wf, shape, num_samples=4):
    """A few configurations with their log amplitudes and phases.

    Whatever loads the weights, on whatever backend, can compare with it.
    """
    spins = ops.convert_to_numpy(wf.sample(num_samples, shape, seed=0))
    log_amplitude, phase = (ops.convert_to_numpy(x) for x in wf(spins))
    return {
        "shape": list(shape),
        "spins": ["".join(map(str, row.reshape(-1))) for row in spins],
        "log_amplitude": [float(x) for x in log_amplitude],
        "phase": [float(x) for x in np.mod(phase, 2 * np.pi)],
    }


if __name__ == "__main__":
    run(main, Options)
