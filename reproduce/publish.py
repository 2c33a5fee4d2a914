"""Puts a run's weights into the zoo, with a model card.

    python -m reproduce.publish --run=out/fig3 --stage=80 --name=gru-chain-80 \\
        --description="GRU chain of 64 units trained at 80 spins; grows to 300"
    python -m reproduce.publish --run=out/fig4 --stage=10x10 --average=square \\
        --name=lstm-lattice-10-symmetrised --description="Its average over the square"

The card says how the weights were made (from the run's own record), what
they are worth (measured here, at every size asked for, as they are) and how
to tell that a file is the one described.
"""

import hashlib
import json
import pathlib
import shutil
import tempfile

import numpy as np
from absl import flags
from keras import ops

import models
from models.symmetry import GROUPS
from reproduce import cards, weights
from reproduce.record import command, write_json
from reproduce.runs import RunError, Stopwatch, run, versions
from reproduce.settings import whole_numbers

FLAGS = flags.FLAGS

LIMITS = (
    "The ground state of the open Heisenberg {lattice} with J1 = 1 and J2 = 0 only. "
    "At sizes other than those it was trained on it is as good as the table says; "
    "retrain it there (vmc.retrain) for more."
)


def define_flags():
    """Defines the flags."""
    flags.DEFINE_string("run", None, "Folder of the run.", required=True)
    flags.DEFINE_string("stage", None, "Which of its stages, as its table has it.", required=True)
    flags.DEFINE_string("name", None, "Name of the preset.", required=True)
    flags.DEFINE_string("description", None, "The preset in a line.", required=True)
    flags.DEFINE_integer("samples", 40_000, "Samples of the energy at its own size.", 1)
    flags.DEFINE_list("other_sizes", [], "Sizes to try it on as it is.")
    flags.DEFINE_integer("other_samples", 2000, "Samples at each of these.", 1)
    flags.DEFINE_enum(
        "average", None, list(GROUPS),
        "Publish the average over this group, and over the flip of all spins where half are up.",
    )  # fmt: skip
    flags.DEFINE_string("zoo", "data/weights", "Folder of the zoo.")
    flags.DEFINE_bool("force", False, "Replace a preset of this name.")


def main():
    """Publishes; returns the exit status."""
    source, record = _read_run(pathlib.Path(FLAGS.run))
    others = whole_numbers("other_sizes", FLAGS.other_sizes) if FLAGS.other_sizes else []
    folder = pathlib.Path(FLAGS.zoo) / FLAGS.name
    if folder.exists() and not FLAGS.force:
        raise RunError(f"{folder} is there already: --force replaces it")
    wf = weights.read(source)
    if FLAGS.average:
        wf = _average(wf)
    watch = Stopwatch()
    rows = record["results"]
    number = [row["stage"] for row in rows].index(FLAGS.stage)
    size = _size(rows[number])
    passed = {_size(row) for row in rows[: number + 1]}
    sizes = [(size, FLAGS.samples)] + [(other, FLAGS.other_samples) for other in others]
    energies = [
        cards.measure(wf, asked, samples, seed=asked) | {"trained": asked in passed}
        for asked, samples in sizes
    ]
    description = {
        "name": FLAGS.name,
        "description": FLAGS.description,
        "architecture": weights.describe(wf),
        "parameters": wf.count_params(),
        "hamiltonian": f"Heisenberg {cards.lattice_name(wf)}, open ends, J1 = 1, J2 = 0",
        "trained_at": size,
        "energies": energies,
        "limits": LIMITS.format(lattice=cards.lattice_name(wf)),
        "command": record["command"],
        "published_with": command("publish"),
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
    _place(folder, wf, description)
    print(f"{folder}: {FLAGS.description}")
    return 0


def _read_run(folder):
    """The stage's weights and the run's record."""
    records = [path for path in folder.glob("*.json") if path.is_file()]
    if len(records) != 1:
        raise RunError(f"{folder} holds no run: it has {len(records)} records (.json)")
    record = json.loads(records[0].read_text(encoding="utf-8"))
    source = folder / "weights" / f"{FLAGS.stage}.keras"
    if not source.is_file():
        stages = ", ".join(row["stage"] for row in record["results"])
        raise RunError(f"{source} does not exist; the run's stages are {stages}")
    return source, record


def _average(wf):
    try:
        # In the frame of the antiferromagnet, which all of the zoo is of.
        wf = models.Symmetrized(wf, FLAGS.average, spin_flip=wf.total_sz == 0, marshall_frame=True)
    except ValueError as error:
        raise RunError(f"--average={FLAGS.average}: {error}") from error
    return wf


def _place(folder, wf, description):
    """Writes the preset beside its place and moves it there: whole or not at all.

    Whatever fails, a preset that was there before stays. A process that is
    killed between the two moves leaves it beside the zoo.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the zoo, where half a preset is none, and on the same file system.
    beside = pathlib.Path(tempfile.mkdtemp(prefix=".partial-", dir=folder.parent.parent))
    new, old = beside / "new", beside / "old"
    try:
        new.mkdir()
        wf.save(new / "model.keras")
        digest = hashlib.sha256((new / "model.keras").read_bytes()).hexdigest()
        write_json(new / "card.json", description | {"sha256": digest})
        _swap(new, folder, old)
    finally:
        if folder.exists() or not old.exists():
            shutil.rmtree(beside, ignore_errors=True)


def _swap(new, folder, old):
    """Moves a folder to its place; what was there before stays there if that fails."""
    try:
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    except BaseException:  # a signal too
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise


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
    define_flags()
    run(main)
