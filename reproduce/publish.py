"""Puts a run's weights into the zoo, with a model card.

    python -m reproduce.publish --run=out/fig3 --size=80 --name=gru-chain-80

The card says how the weights were made (from the run's own record), what
they are worth (measured here, at every size asked for, without retraining)
and how to tell that a file is the one described.
"""

import hashlib
import json
import pathlib
import shutil

import numpy as np
from absl import flags
from keras import ops

import models
import vmc
from reproduce import weights
from reproduce.progress import Progress
from reproduce.reference import ground_state
from reproduce.runs import RunError, Stopwatch, run, versions

FLAGS = flags.FLAGS


LIMITS = (
    "The ground state of the open Heisenberg chain with J1 = 1 and J2 = 0 only. "
    "At sizes other than those it was trained on it is as good as the table says; "
    "retrain it there (vmc.retrain) for more."
)


def define_flags():
    """Defines the flags."""
    flags.DEFINE_string("run", None, "Folder of the run.", required=True)
    flags.DEFINE_integer("size", None, "Which of its sizes.", required=True)
    flags.DEFINE_string("name", None, "Name of the preset.", required=True)
    flags.DEFINE_string("description", None, "The preset in a line.", required=True)
    flags.DEFINE_integer("samples", 40_000, "Samples of the energy at its own size.", 1)
    flags.DEFINE_list("other_sizes", [], "Sizes to try it on without retraining.")
    flags.DEFINE_integer("other_samples", 2000, "Samples at each of these.", 1)
    flags.DEFINE_string("zoo", "data/weights", "Folder of the zoo.")


def main():
    source = pathlib.Path(FLAGS.run) / "weights" / f"size-{FLAGS.size}.keras"
    record = pathlib.Path(FLAGS.run) / "fig3.json"
    for path in (source, record):
        if not path.is_file():
            raise RunError(f"{path} does not exist")
    record = json.loads(record.read_text(encoding="utf-8"))
    wf = weights.load(str(source), models.GRUChain)
    watch = Stopwatch()
    sizes = [(FLAGS.size, FLAGS.samples)]
    sizes += [(int(size), FLAGS.other_samples) for size in FLAGS.other_sizes]
    energies = [_measure(wf, size, samples) for size, samples in sizes]

    folder = pathlib.Path(FLAGS.zoo) / FLAGS.name
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, folder / "model.keras")
    made = [stage for stage in record["stages"] if _sites(stage) <= FLAGS.size]
    card = {
        "name": FLAGS.name,
        "description": FLAGS.description,
        "architecture": weights.describe(wf),
        "parameters": wf.count_params(),
        "hamiltonian": "Heisenberg chain, open ends, J1 = 1, J2 = 0",
        "trained_at": FLAGS.size,
        "energies": energies,
        "reference": "data/reference/heisenberg_chain_open_dmrg.json",
        "limits": LIMITS,
        "command": record["command"],
        "training": {
            "minibatches": sum(stage["steps"] for stage in made),
            "seconds": sum(
                row["seconds"] for row in record["results"] if row["size"] <= FLAGS.size
            ),
            "seed": record["seed"],
            "stages": made,
        },
        "versions": record["versions"],
        "measured_with": versions() | {"seconds": round(watch.seconds())},
        "sha256": hashlib.sha256((folder / "model.keras").read_bytes()).hexdigest(),
        "fingerprint": fingerprint(wf, FLAGS.size),
    }
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    (folder / "card.json").write_text(text, encoding="utf-8")
    print(f"{folder}: {FLAGS.description}")
    return 0


def _sites(stage):
    return int(stage["lattice"].removeprefix("Chain(").removesuffix(")"))


def _measure(wf, size, samples):
    reference = ground_state(vmc.Chain(size)).energy
    estimate = vmc.estimate_energy(wf, vmc.Heisenberg(vmc.Chain(size)), samples, seed=size)
    print(f"size {size}: {Progress.compare(estimate, reference)}", flush=True)
    return {
        "size": size,
        "energy": estimate.mean,
        "std_error": estimate.std_error,
        "reference": reference,
        "relative_error": estimate.relative_error(reference),
        "relative_std_error": estimate.std_error / abs(reference),
        "variance": estimate.variance,
        "v_score": estimate.v_score,
        "num_samples": estimate.num_samples,
        "retrained": size == FLAGS.size,
    }


def fingerprint(wf, size, num_samples=4):
    """A few configurations with their log amplitudes and phases.

    Whatever loads the weights, on whatever backend, can compare with it.
    """
    spins = ops.convert_to_numpy(wf.sample(num_samples, (size,), seed=0))
    log_amplitude, phase = (ops.convert_to_numpy(x) for x in wf(spins))
    return {
        "spins": ["".join(map(str, row)) for row in spins],
        "log_amplitude": [float(x) for x in log_amplitude],
        "phase": [float(x) for x in np.mod(phase, 2 * np.pi)],
    }


if __name__ == "__main__":
    define_flags()
    run(main)
