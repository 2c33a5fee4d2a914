"""Grows a square on one GPU under JAX, within a given time.

    KERAS_BACKEND=jax python -m reproduce.accelerated --seconds=500 --output_dir=out/gpu
    KERAS_BACKEND=jax python -m reproduce.accelerated --plan=larger --weights=10.keras
    KERAS_BACKEND=jax python -m reproduce.accelerated --benchmark

Each stage gets its share of the time that is left. The steps of all stages
are compiled ahead, in other threads, while the first stages train, and run
many at a time, so that the GPU never waits for Python.
"""

import concurrent.futures
import csv
import dataclasses
import json
import pathlib
import threading
import time

import jax
import keras
import numpy as np
from absl import app, flags

import models
import vmc
from reproduce.recipes import POSITIVE, muon
from reproduce.record import command
from reproduce.reference import ground_state
from reproduce.runs import show_what_can_be_shown, versions
from vmc.measurement.estimate import estimate_from_moments
from vmc.measurement.statistics import Moments
from vmc.training.jax_step import train_step
from vmc.training.replicas import advanced

FLAGS = flags.FLAGS
flags.DEFINE_float("seconds", 500.0, "Time for training and measuring.")
flags.DEFINE_string("output_dir", "out/accelerated", "Where to write.")
flags.DEFINE_integer("units", 64, "Width of the network.")
flags.DEFINE_integer("seed", 0, "Decides weights and samples.")
flags.DEFINE_float("scale_samples", 1.0, "Multiplies all numbers of samples.")
flags.DEFINE_enum("plan", "grow", ["grow", "larger", "chain"], "What to train.")
flags.DEFINE_string("weights", None, "A preset or a file to start from.")
flags.DEFINE_list("sides", None, "Only stages of these sides.")
flags.DEFINE_bool("benchmark", False, "Only time a step at each side, and compare with the CPU.")

AT_ONCE = 20  # steps of a call


@dataclasses.dataclass(frozen=True)
class Phase:
    """Part of the run: training at one side, or a measurement.

    Attributes:
        side: of the square, or the length of the chain.
        share: of the time, in arbitrary units.
        num_samples: of a minibatch, or of one call of a measurement.
        rate: learning rate, which falls along a cosine; 0 measures.
        to: fraction of the rate at the end.
        temperature: of equation 24, which falls to zero.
        averaged: train or measure the average over the square's symmetries
            and the spin flip. Its weights do not go on to the next side.
        chain: a chain instead of a square.
    """

    side: int  # or the length of a chain
    share: float
    num_samples: int
    rate: float = 0.0
    to: float = 0.02
    temperature: float = 0.0
    averaged: bool = False
    chain: bool = False

    @property
    def lattice(self):
        return vmc.Chain(self.side) if self.chain else vmc.Square(self.side)

    @property
    def name(self):
        return f"{self.side}{'-averaged' if self.averaged else ''}"


PLANS = {
    "grow": (
        Phase(4, 20, 500, 2e-2, 0.1, temperature=0.05),
        Phase(6, 110, 1000, 1e-2),
        Phase(6, 25, 200, 1e-3, 0.02, averaged=True),
        Phase(6, 12, 250, averaged=True),
        Phase(8, 90, 600, 5e-3),
        Phase(8, 20, 100, 1e-3, 0.02, averaged=True),
        Phase(8, 12, 100, averaged=True),
        Phase(10, 90, 500, 3e-3),
        Phase(10, 20, 100, 1e-3, 0.02, averaged=True),
        Phase(10, 12, 100, averaged=True),
        Phase(12, 40, 500, 2e-3),
        Phase(14, 30, 300, 1e-3),
        Phase(16, 50, 300, 1e-3),
        Phase(16, 10, 50, averaged=True),
        Phase(20, 35, 200, 5e-4),
        Phase(20, 7, 200),
        Phase(24, 25, 200, 3e-4),
        Phase(30, 35, 100, 3e-4),
        Phase(30, 8, 100),
    ),
    # On from a trained square of 10x10.
    "larger": (
        Phase(10, 100, 500, 3e-3),
        Phase(12, 55, 500, 2e-3),
        Phase(14, 45, 300, 1.5e-3),
        Phase(16, 115, 300, 1.5e-3),
        Phase(20, 95, 200, 8e-4),
        Phase(24, 40, 150, 5e-4),
        Phase(30, 90, 100, 4e-4),
    ),
    # On from a trained chain of 300.
    "chain": (
        Phase(300, 15, 200, 1e-4, chain=True),
        Phase(500, 25, 200, 1e-4, chain=True),
        Phase(1000, 75, 100, 1e-4, chain=True),
    ),
}


class Runner:
    """One phase, ready to run: its model, state and compiled steps.

    Args:
        phase: a `Phase`.
        wf: the network.
        optimizer: of all phases; its variables' values come in with the state.
        seed: of the phase's samples.
    """

    lock = threading.Lock()

    def __init__(self, phase, wf, optimizer, seed, precision=None, at_once=AT_ONCE):
        self.phase = phase
        self.at_once = at_once
        self.precision = precision or ("highest" if phase.rate == 0 else "default")
        ansatz = (
            models.Symmetrized(wf, "chain" if phase.chain else "square", spin_flip=True)
            if phase.averaged
            else wf
        )
        samples = max(2, int(phase.num_samples * FLAGS.scale_samples))
        hamiltonian = vmc.Heisenberg(phase.lattice)
        with self.lock:
            self.model = vmc.VMC(
                ansatz, hamiltonian, samples, temperature=self._temperature, seed=seed
            )
            self.model.compile(optimizer, direction=vmc.Gradient(clip=1.0))
        self.heat = 0.0

    def _temperature(self, minibatch):
        return self.heat

    def compile(self):
        """Compiles `at_once` steps, or as many draws of a measurement, as one call."""
        model = self.model

        def steps(trainable, others, optimizer_state, heat):
            self.heat = heat

            def step(state, _):
                logs, state = train_step(model, state, None)
                return state, logs

            state, logs = jax.lax.scan(
                step, (trainable, others, optimizer_state, []), None, self.at_once
            )
            return state[:3], logs

        def draws(trainable, others):
            def draw(state, _):
                pairs = zip(model.trainable_variables + model.non_trainable_variables, state)
                with keras.StatelessScope(state_mapping=list(pairs)):
                    energy = model.local_energies(model.sample())
                    model.random_state.assign(advanced(model.random_state))
                    moved = [v.value for v in model.non_trainable_variables]
                return [*state[: len(trainable)], *moved], energy

            state, energy = jax.lax.scan(draw, [*trainable, *others], None, self.at_once)
            return state[len(trainable) :], energy

        values = [v.value for v in model.trainable_variables]
        others = [v.value for v in model.non_trainable_variables]
        with jax.default_matmul_precision(self.precision):
            with self.lock:
                if self.phase.rate:
                    of_optimizer = [v.value for v in model.optimizer.variables]
                    lowered = jax.jit(steps).lower(values, others, of_optimizer, 0.0)
                else:
                    lowered = jax.jit(draws).lower(values, others)
            start = time.monotonic()
            self.run = lowered.compile()
        self.compiling = time.monotonic() - start
        return self


def rate_index(optimizer):
    """Where the learning rate is among the optimizer's variables."""
    return [v is optimizer.learning_rate for v in optimizer.variables].index(True)


def train(runner, trainable, optimizer_state, seconds, rate_at):
    """Trains for about so many seconds; returns weights, optimizer state and logs."""
    phase, at_once = runner.phase, runner.at_once
    others = [v.value for v in runner.model.non_trainable_variables]
    logs, begun, pace, done, total = [], time.monotonic(), None, 0, 10**9
    while done < total:
        fraction = min(1.0, (time.monotonic() - begun) / seconds)
        rate = phase.rate * (phase.to + (1 - phase.to) * (1 + np.cos(np.pi * fraction)) / 2)
        rate *= min(1.0, (done + 1) / (2 * at_once))
        heat = phase.temperature * max(0.0, 1 - 1.5 * fraction)
        optimizer_state[rate_at] = np.float32(rate)
        (trainable, others, optimizer_state), new = runner.run(
            trainable, others, list(optimizer_state), float(heat)
        )
        optimizer_state = list(optimizer_state)
        new = {k: np.asarray(v) for k, v in new.items()}
        logs.append({**new, "rate": np.full(at_once, rate)})
        done += at_once
        pace = (time.monotonic() - begun) / done
        if time.monotonic() - begun + pace * at_once > seconds:
            total = done
    return trainable, optimizer_state, {k: np.concatenate([x[k] for x in logs]) for k in logs[0]}


def measure(runner, trainable, seconds):
    """Measures for about so many seconds; returns an estimate."""
    others = [v.value for v in runner.model.non_trainable_variables]
    moments, begun, calls = Moments(), time.monotonic(), 0
    while True:
        others, parts = runner.run(trainable, others)
        moments.add(np.stack([np.ravel(part) for part in parts], axis=1)[:, None])
        calls += 1
        spent = time.monotonic() - begun
        if spent * (1 + 1 / calls) > seconds:
            return estimate_from_moments(moments, runner.phase.lattice.num_sites)


def reference_energy(lattice):
    """The stored ground-state energy; without one, nothing is relative to it."""
    try:
        return ground_state(lattice).energy
    except KeyError:
        return float("nan")


def grow(folder):
    """Trains and measures phase after phase; writes weights, logs and energies."""
    begun = time.monotonic()
    keras.utils.set_random_seed(FLAGS.seed)
    if FLAGS.weights:
        known = FLAGS.weights in models.presets()
        wf = (models.load if known else keras.models.load_model)(FLAGS.weights)
    else:
        wf = models.LSTMLattice(
            FLAGS.units, 1, feedforward_units=2 * FLAGS.units, edge_distance=4, **POSITIVE
        )
    optimizer = muon()
    optimizer.build(wf.trainable_variables)
    rate_at = rate_index(optimizer)
    plan = [p for p in PLANS[FLAGS.plan] if FLAGS.sides is None or str(p.side) in FLAGS.sides]
    pool = concurrent.futures.ThreadPoolExecutor(6)
    ready = [
        pool.submit(
            lambda p=p, n=n: Runner(p, wf, optimizer, 1000 * (FLAGS.seed + 1) + n).compile()
        )
        for n, p in enumerate(plan)
    ]
    weights = [v.value for v in wf.trainable_variables]
    moments = [v.value for v in optimizer.variables]
    fresh, average, rows, history = list(moments), weights, [], []
    for number, phase in enumerate(plan):
        runner = ready[number].result()
        left = FLAGS.seconds - (time.monotonic() - begun)
        seconds = left * phase.share / sum(p.share for p in plan[number:])
        reference = reference_energy(phase.lattice)
        row = {**dataclasses.asdict(phase), "seconds": seconds, "compiling": runner.compiling}
        if phase.rate:
            start = (weights, list(fresh if phase.averaged else moments))
            trained, state, logs = train(runner, *start, seconds, rate_at)
            average = trained
            if not phase.averaged:
                weights, moments = trained, state
            for variable, value in zip(wf.trainable_variables, trained):
                variable.assign(value)
            wf.save(folder / f"{phase.name}.keras")
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
            of = average if phase.averaged else weights
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


def write(folder, rows, history):
    """Writes what there is so far."""
    content = {"command": command("accelerated"), "versions": versions(), "phases": rows}
    content["device"] = str(jax.devices()[0].device_kind)
    (folder / "accelerated.json").write_text(json.dumps(content, indent=1))
    if history:
        with open(folder / "history.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, history[0])
            writer.writeheader()
            writer.writerows(history)


def benchmark():
    """Times a step at each side in both precisions, and compares with the CPU."""
    wf = models.load("lstm-lattice-6")
    spins = wf.sample(50, (6, 6), seed=1)
    hamiltonian = vmc.Heisenberg(vmc.Square(6))
    with jax.default_matmul_precision("highest"):
        here = np.asarray(hamiltonian.local_energy(wf, spins))
    with jax.default_device(jax.devices("cpu")[0]):
        twin = wf.copy()
        cpu = np.asarray(hamiltonian.local_energy(twin, np.asarray(spins)))
    print(f"largest difference of local energies from the CPU's: {abs(here - cpu).max():.1e}")
    sides = [int(s) for s in FLAGS.sides or (6, 10, 16, 30)]
    cases = [
        (side, units, samples, precision)
        for side in sides
        for units in (64, 32)
        for samples in ({6: (100, 1000), 10: (100, 1000), 16: (100, 300)}.get(side, (100,)))
        for precision in (("default", "highest") if units == 64 else ("default",))
    ]

    def ready(case):
        side, units, samples, precision = case
        with Runner.lock:
            network = models.LSTMLattice(
                units, 1, feedforward_units=2 * units, edge_distance=4, **POSITIVE
            )
            optimizer = muon()
            optimizer.build(network.trainable_variables)
        phase = Phase(side, 1, samples, 1e-3)
        return Runner(phase, network, optimizer, 1, precision, at_once=5).compile()

    pool = concurrent.futures.ThreadPoolExecutor(8)
    for case, future in zip(cases, [pool.submit(ready, case) for case in cases]):
        runner = future.result()
        model = runner.model
        state = [
            [v.value for v in vs]
            for vs in (
                model.trainable_variables,
                model.non_trainable_variables,
                model.optimizer.variables,
            )
        ]
        times = []
        for _ in range(3):
            start = time.monotonic()
            jax.block_until_ready(runner.run(*state, 0.0))
            times.append((time.monotonic() - start) / 5)
        print(
            *case, f"compile {runner.compiling:.1f} s, step {1e3 * min(times):.2f} ms", flush=True
        )


def main(argv):
    print(jax.devices(), flush=True)
    if FLAGS.benchmark:
        benchmark()
        return
    folder = pathlib.Path(FLAGS.output_dir)
    folder.mkdir(parents=True, exist_ok=True)
    grow(folder)


if __name__ == "__main__":
    show_what_can_be_shown()
    app.run(main)
