"""Grows a square or a chain on one GPU under JAX, within a given time.

    KERAS_BACKEND=jax python -m reproduce.accelerated --seconds=500 --output_dir=out/gpu
    KERAS_BACKEND=jax python -m reproduce.accelerated --plan=larger --weights=10.keras
    KERAS_BACKEND=jax python -m reproduce.accelerated --benchmark

Each phase gets its share of the time that is left. The steps of all phases
are compiled ahead, in other threads, while the first phases train, and run
many at a time, so that the GPU never waits for Python.
"""

import concurrent.futures
import dataclasses
import pathlib
import time

import jax
import keras
import numpy as np

import models
import vmc
from reproduce.accelerated.plans import PLANS
from reproduce.accelerated.runner import Runner, measure, rate_index, train
from reproduce.accelerated.timing import benchmark
from reproduce.console.command import command_line, run
from reproduce.console.environment import versions
from reproduce.console.options import CommandOptions, option, whole_numbers
from reproduce.experiment.settings import MAX_SEED, MAX_UNITS
from reproduce.recipes.ingredients import POSITIVE, muon
from reproduce.reference import known_energy
from reproduce.store import weights
from reproduce.store.files import write_csv, write_json


@dataclasses.dataclass(frozen=True)
class Options(CommandOptions):
    """What is trained, and for how long."""

    seconds: float = option(500.0, "Time for training and measuring.", least=1.0)
    output_dir: str = option("out/accelerated", "Where to write.")
    units: int = option(64, "Width of a new network.", least=1, largest=MAX_UNITS)
    seed: int = option(0, "Decides weights and samples.", least=0, largest=MAX_SEED)
    scale_samples: float = option(1.0, "Multiplies all numbers of samples.", least=1e-6)
    plan: str = option("grow", "What to train.", choices=tuple(PLANS))
    weights: str | None = option(
        None, "A preset, a file, or a folder with one file for each side, to start from."
    )
    sides: tuple | None = option(None, "Only phases of these sides or lengths.")
    benchmark: bool = option(False, "Only time a step at each side, and compare with the CPU.")

    def __post_init__(self):
        super().__post_init__()
        if self.sides is not None:
            object.__setattr__(self, "sides", whole_numbers("sides", self.sides))


def main(options):
    """Trains, or times steps; returns the exit status."""
    print(jax.devices(), flush=True)
    if options.benchmark:
        benchmark(options.sides or (6, 10, 16, 30))
    else:
        grow(options)
    return 0


def grow(options):
    """Trains and measures phase after phase; writes weights, logs and energies."""
    folder = pathlib.Path(options.output_dir)
    begun = time.monotonic()
    keras.utils.set_random_seed(options.seed)
    plan = [p for p in PLANS[options.plan] if options.sides is None or p.side in options.sides]
    starts = networks_of_sides(options.weights, plan)
    if starts:
        wf = starts[plan[0].side]
        # Values, since the run assigns to the first network's variables.
        starts = {side: [v.value for v in x.trainable_variables] for side, x in starts.items()}
    elif options.weights:
        wf = weights.find(options.weights)
    else:
        units = options.units
        wf = models.LSTMLattice(units, 1, feedforward_units=2 * units, edge_distance=4, **POSITIVE)
    optimizer = muon()
    optimizer.build(wf.trainable_variables)
    rate_at = rate_index(optimizer)
    pool = concurrent.futures.ThreadPoolExecutor(6)
    ready = [
        pool.submit(
            lambda p=p, n=n: Runner(
                p, wf, optimizer, 1000 * (options.seed + 1) + n, options.scale_samples
            ).compile()
        )
        for n, p in enumerate(plan)
    ]
    values = [v.value for v in wf.trainable_variables]
    moments = [v.value for v in optimizer.variables]
    fresh, average, rows, history = list(moments), values, [], []
    for number, phase in enumerate(plan):
        if phase.side in starts:
            values = average = starts.pop(phase.side)
        runner = ready[number].result()
        left = options.seconds - (time.monotonic() - begun)
        seconds = left * phase.share / sum(p.share for p in plan[number:])
        known = known_energy(vmc.Heisenberg(phase.lattice))
        reference = known.energy if known else float("nan")
        row = {**dataclasses.asdict(phase), "seconds": seconds, "compiling": runner.compiling}
        if phase.rate:
            start = (values, list(fresh if phase.averaged else moments))
            trained, state, logs = train(runner, *start, seconds, rate_at)
            average = trained
            if not phase.averaged:
                values, moments = trained, state
            for variable, value in zip(wf.trainable_variables, trained):
                variable.assign(value)
            weights.save(wf, folder / f"{phase.name}.keras")
            tail = logs["energy"][-len(logs["energy"]) // 5 :]
            row |= {
                "minibatches": len(logs["energy"]),
                "relative_error": float(tail.mean() / -reference + 1),
                "relative_std_error": float(tail.std() / np.sqrt(len(tail)) / -reference),
                "variance_per_site": float(
                    logs["variance"][-100:].mean() / phase.lattice.num_sites
                ),
                "skipped": int(logs["skipped"][-1]),
            }
            keys = ("energy", "variance", "gradient_norm", "rate")
            history += [
                {"phase": phase.name, "minibatch": k + 1} | {q: float(logs[q][k]) for q in keys}
                for k in range(len(logs["energy"]))
            ]
        else:
            of = average if phase.averaged else values
            estimate = measure(runner, of, seconds)
            row |= dataclasses.asdict(estimate) | {
                "relative_error": estimate.relative_error(reference),
                "relative_std_error": estimate.std_error / -reference,
                "variance_per_site": estimate.variance / phase.lattice.num_sites,
            }
        rows.append(row)
        ready[number] = None
        print(
            f"{time.monotonic() - begun:6.1f} s  {phase.name:12s} "
            f"{'train' if phase.rate else 'measure'}  {seconds:5.1f} s  "
            f"compile {runner.compiling:5.1f} s  {row.get('minibatches', row.get('num_samples'))}  "
            f"({row['relative_error']:.2e} ± {row['relative_std_error']:.1e})  "
            f"variance {row['variance_per_site']:.2e} a site",
            flush=True,
        )
        write(folder, rows, history)


def networks_of_sides(folder, plan):
    """What each side starts from, where the weights are a folder; all are read before training.

    Args:
        folder: with a file such as `16.keras` for each side, or a preset,
            another file or None, which start the first side alone.
        plan: the phases.

    Returns:
        A dict of networks by side, empty where there is no such folder.
    """
    if not (folder and pathlib.Path(folder).is_dir()):
        return {}
    return {
        phase.side: weights.load(
            str(pathlib.Path(folder) / f"{phase.side}.keras"),
            models.GRUChain if phase.chain else models.LSTMLattice,
        )
        for phase in plan
    }


def write(folder, rows, history):
    """Writes what there is so far."""
    content = {"command": command_line("accelerated"), "versions": versions()}
    content |= {"device": str(jax.devices()[0].device_kind), "phases": rows}
    write_json(folder / "accelerated.json", content)
    write_csv(folder / "history.csv", history)


if __name__ == "__main__":
    run(main, Options)
