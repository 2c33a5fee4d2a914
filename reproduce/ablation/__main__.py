"""What each part of our training is worth: the error without it.

    python -m reproduce.ablation                          # three quarters of an hour of one core
    python -m reproduce.ablation --systems=chain-20,square-4
    python -m reproduce.ablation --systems=square-6,gated-6 --variants=everything  # two networks

Every row is a training of the same processor time, from random weights,
with one thing left out or put in. Each is measured as it is, and averaged
over the symmetries of its lattice. A row that the folder has already is not
made again, so that an interrupted run goes on, and two can share a folder.
"""

import dataclasses
import json
import pathlib
import re
import time

import keras

import models
import vmc
from reproduce.ablation import plots
from reproduce.ablation.variants import DEFAULT, SYSTEMS, VARIANTS
from reproduce.console.clock import StepClock
from reproduce.console.command import command_line, run
from reproduce.console.environment import versions
from reproduce.console.errors import RunError
from reproduce.console.notation import table
from reproduce.console.options import CommandOptions, option
from reproduce.experiment import style
from reproduce.experiment.settings import MAX_SEED
from reproduce.reference import reference_energy
from reproduce.store.files import write_json
from vmc.training.description import differences

TIMED_STEPS = 15
AVERAGED = "... its average measured"
AVERAGE_SHARE = 4  # times fewer samples of an average, which costs a pass for each image


@dataclasses.dataclass(frozen=True)
class Options(CommandOptions):
    """What is trained, and for how long."""

    systems: tuple = option(DEFAULT, "Which of " + ", ".join(SYSTEMS) + ".")
    variants: tuple | None = option(None, "Which rows, by their names; all by default.")
    seconds: float | None = option(None, "Processor time of each training.", least=0.1)
    samples: int | None = option(None, "Samples of each energy.", least=10)
    seed: int = option(0, "Decides weights and samples.", least=0, largest=MAX_SEED)
    output_dir: str = option("out/ablation", "Folder of the rows.")

    def __post_init__(self):
        super().__post_init__()
        for kind, asked, known in (
            ("systems", self.systems, SYSTEMS),
            ("variants", self.variants or (), VARIANTS),
        ):
            if unknown := set(asked) - set(known):
                raise RunError(f"unknown {kind} {', '.join(unknown)}: there are {', '.join(known)}")

    def system(self, name):
        """A system, with the time and the samples that are asked for."""
        system = SYSTEMS[name]
        return dataclasses.replace(
            system,
            seconds=self.seconds or system.seconds,
            samples=self.samples or system.samples,
        )


def main(options):
    """Makes the rows that are missing; returns the exit status."""
    folder = pathlib.Path(options.output_dir)
    for name in options.systems:
        system = options.system(name)
        for label, variant in VARIANTS.items():
            if options.variants and label not in options.variants:
                continue
            if label != "everything" and not variant.applies(system):
                continue
            path = folder / name / f"{'-'.join(re.findall('[a-z]+', label.lower()))}.json"
            if _made(path, system, options.seed):
                continue
            row = measure(name, system, label, variant, options.seed)
            write_json(path, row)
            print(f"{name}, {label}: {_error(row, '')}; averaged {_error(row, 'averaged_')}",
                  flush=True)  # fmt: skip
    rows = read(folder)
    errors = side_by_side(rows)
    print("\nrelative error\n" + table([list(errors[0]), *map(dict.values, errors)]))
    record = {"command": command_line("ablation"), "versions": versions(), "results": errors}
    write_json(folder / "ablation.json", record)
    style.save(plots.ablation_panels(rows, list(VARIANTS)), folder, "ablation")
    return 0


def measure(name, system, label, variant, seed):
    """Trains a system in one way and measures it.

    Returns:
        A row: a dict, as JSON can hold it.
    """
    keras.utils.set_random_seed(seed)
    wf = system.wave_function(**{**system.options, **variant.options})
    shares = [share for *_, share in variant.shares(system)]
    timed = variant.stages(system, [TIMED_STEPS] * len(shares))
    steps = [steps_within(wf, stage, s * system.seconds) for stage, s in zip(timed, shares)]
    stages = variant.stages(system, steps)
    clock = StepClock(time.process_time)
    vmc.retrain(
        wf, stages, optimizer=variant.make_optimizer, callbacks=[clock], seed=seed, verbose=0
    )
    lattice = stages[-1].lattice
    row = {"system": name, "variant": label, "steps": steps, "seconds": clock.total}
    row["asked"] = _asked(system, seed)
    averaged = models.Symmetrized(wf, system.group)
    for prefix, state, samples in (
        ("", wf, system.samples),
        ("averaged_", averaged, system.samples // AVERAGE_SHARE),
    ):
        hamiltonian = vmc.Heisenberg(lattice)
        estimate = vmc.estimate_energy(state, hamiltonian, samples, seed=seed + 1)
        reference = reference_energy(hamiltonian)
        row |= {
            f"{prefix}relative_error": estimate.relative_error(reference.energy),
            f"{prefix}std_error": estimate.std_error / abs(reference.energy),
            f"{prefix}v_score": estimate.v_score,
        }
    return row | {"stages": [stage.describe() for stage in stages], "versions": versions()}


def steps_within(wf, stage, seconds):
    """How many minibatches of a stage fit into some processor time, on a copy."""
    model = stage.trainer(stage.wave_function(wf.copy()), vmc.Heisenberg)
    stage.compile(model, keras.optimizers.SGD(0.0))
    clock = StepClock(time.process_time)
    model.fit(steps_per_epoch=TIMED_STEPS + 1, callbacks=[clock], verbose=0)
    return max(1, round(seconds / clock.median()))


def read(folder):
    """All rows in a folder, in the order of `SYSTEMS` and `VARIANTS`."""
    rows = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*/*.json")]
    systems, variants = list(SYSTEMS), list(VARIANTS)
    return sorted(
        rows, key=lambda row: (systems.index(row["system"]), variants.index(row["variant"]))
    )


def side_by_side(rows):
    """The errors as a table of text cells, a system a column: dicts, a variant each.

    They are those of what was trained: of the network, or of its average.
    """
    systems = list(dict.fromkeys(row["system"] for row in rows))
    cells = {
        (row["variant"], row["system"]): _error(row, "averaged_" if _of_average(row) else "")
        for row in rows
    }
    cells |= {
        (AVERAGED, row["system"]): _error(row, "averaged_")
        for row in rows
        if row["variant"] == "everything"
    }
    everything, *others = VARIANTS
    return [
        {"variant": variant} | {system: cells.get((variant, system), "") for system in systems}
        for variant in (everything, AVERAGED, *others)
    ]


def _of_average(row):
    return row["stages"][-1]["group"] is not None


def _error(row, prefix):
    return f"{row[f'{prefix}relative_error']:.1e} ± {row[f'{prefix}std_error']:.0e}"


def _asked(system, seed):
    """What decides a row besides the system and the variant, as JSON can hold it."""
    return {"seconds": system.seconds, "samples": system.samples, "seed": seed}


def _made(path, system, seed):
    """Whether a row is there already; RunError if it was made with other settings."""
    if not path.is_file():
        return False
    before = json.loads(path.read_text(encoding="utf-8"))["asked"]
    if different := differences(before, _asked(system, seed)):
        raise RunError(
            f"{path} was made with other settings: {'; '.join(different)}; use another --output_dir"
        )
    return True


if __name__ == "__main__":
    run(main, Options)
