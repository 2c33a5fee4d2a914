"""Puts a run's weights into the zoo, with a model card.

    python -m reproduce.publish --run=out/fig3 --stage=80 --name=gru-chain-80 \\
        --description="GRU chain of 64 units trained at 80 spins; grows to 300"
    python -m reproduce.publish --run=out/fig4 --stage=10x10 --average=square \\
        --name=lstm-lattice-10-symmetrised --description="Its average over the square"
    python -m reproduce.publish --run=data/results/square-h100 --stage=16 \\
        --earlier=data/results/square-h200:10 --name=lstm-lattice-wide-16 --description="..."

The card says how the weights were made (from the records of the run and of
those before it), what they are worth (measured here, at every size asked
for, as they are, or on the accelerator that trained them) and how to tell
that a file is the one described.
"""

import dataclasses
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
from reproduce.publish import training
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
    earlier: tuple = option(
        (), "Runs whose stages this one started from, the first first, as FOLDER:STAGE."
    )
    measured: str | None = option(
        None,
        "A run on an accelerator, as FOLDER:STAGE, that measured the energy at its own size; "
        "it is measured here by default.",
    )
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
    trained = [training.read(*_folder_and_stage(earlier)) for earlier in options.earlier]
    trained.append(training.read(options.run, options.stage))
    last = trained[-1]
    folder = pathlib.Path(options.zoo) / options.name
    if folder.exists() and not options.force:
        raise RunError(f"{folder} is there already: --force replaces it")
    wf = weights.read(last.weights)
    group = options.average or ("square" if last.averaged else None)
    if group:
        wf = _average(wf, group)
    watch = Stopwatch()
    passed = frozenset().union(*(run.passed for run in trained))
    energies = [
        row | {"trained": row["size"] in passed} for row in _energies(wf, last.size, options)
    ]
    description = {
        "name": options.name,
        "description": options.description,
        "architecture": weights.describe(wf),
        "parameters": wf.count_params(),
        "hamiltonian": f"Heisenberg {cards.lattice_name(wf)}, open ends, J1 = 1, J2 = 0",
        "trained_at": last.size,
        "energies": energies,
        "limits": LIMITS.format(lattice=cards.lattice_name(wf)),
        "command": last.description["command"],
        "published_with": command_line("publish"),
        "training": training.together(trained),
        "versions": last.description["versions"],
        "measured_with": versions() | {"seconds": round(watch.seconds())},
        # Where the log amplitudes are small, and float32 holds more digits of them.
        "fingerprint": fingerprint(wf, cards.lattice(wf, min(passed)).shape),
    }
    place(folder, wf, description)
    print(f"{folder}: {options.description}")
    return 0


def _folder_and_stage(text):
    """The parts of FOLDER:STAGE."""
    folder, found, stage = text.rpartition(":")
    if not found:
        raise RunError(f"give a run and its stage as FOLDER:STAGE, not {text}")
    return folder, stage


def _energies(wf, size, options):
    """The rows of the card: at the size it was trained at, then at others."""
    others = [(other, options.other_samples) for other in options.other_sizes]
    if options.measured:
        estimate = training.measured(*_folder_and_stage(options.measured))
        lattice = cards.lattice(wf, size)
        if estimate.num_sites != lattice.num_sites:
            raise RunError(f"--measured={options.measured} is not about {lattice}")
        first = cards.row(estimate, lattice) | {"measured_by": options.measured}
    else:
        first = cards.measure(wf, size, options.samples, seed=size)
    return [first, *(cards.measure(wf, other, n, seed=other) for other, n in others)]


def _average(wf, group):
    try:
        # In the frame of the antiferromagnet, which all of the zoo is of.
        wf = models.Symmetrized(wf, group, spin_flip=wf.total_sz == 0, marshall_frame=True)
    except ValueError as error:
        raise RunError(f"--average={group}: {error}") from error
    return wf


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
