"""What the benchmark measures and prints, the same for every lattice."""

import itertools
import tempfile
import time

import numpy as np
from keras import ops

import vmc
from models.uniforms import uniforms
from models.wave_function import WaveFunction
from reproduce.benchmark.naive import NaiveSampler
from reproduce.benchmark.timing import (
    median_seconds,
    peak_memory_gib,
    step_seconds,
    wait,
    walk_flops,
)
from reproduce.console.notation import table
from reproduce.experiment.cost import walked_sites
from vmc.training.retrain import adam
from vmc.training.run_state import RunState

BRUTE_FORCE_BYTES = 2**33  # of hidden states, that the race may take
SLOW_REPEATS = 2  # of what is there only to be compared with


def parts(case, wf, peak):
    """A whole step, its parts, and how well the flip ratios use the machine.

    Args:
        case: a `Case`.
        wf: its wave function.
        peak: the machine's floating-point operations a second.
    """
    lattice = case.lattice(case.size)
    moves = lattice.bonds()
    spins = ops.convert_to_numpy(wf.sample(case.num_samples, lattice.shape, seed=0))
    flat = spins.reshape(len(spins), -1)
    wanted = flat[:, moves[:, 0]] != flat[:, moves[:, 1]]

    step = step_seconds(wf, lattice, case.num_samples, case.repeats)
    memory = peak_memory_gib()
    sampling = median_seconds(
        lambda: wait(wf.sample(case.num_samples, lattice.shape, seed=0)), case.repeats
    )
    sweep = median_seconds(lambda: wait(wf.flip_log_ratio(spins, moves, wanted)), case.repeats)
    rate = walk_flops(wf, moves, lattice.shape, wanted) / sweep

    print(f"one step on {lattice}, {_network(wf)}, {case.num_samples} samples, "
          f"free phases: {step:.3f} s")  # fmt: skip
    seconds = {
        "sampling": sampling,
        f"flip ratios of {wanted.mean():.0%} of all bonds": sweep,
        "gradient, update, rest": step - sampling - sweep,
    }
    print(table([
        ["part", "seconds", "of a step"],
        *([name, f"{part:.3f}", f"{part / step:.0%}"] for name, part in seconds.items()),
    ]))  # fmt: skip
    print(f"flip ratios reach {rate / 1e9:.0f} GFLOP/s, {rate / peak:.0%} of the matrix product")
    print(f"peak memory of a step, the backend and all: {memory:.2f} GiB", flush=True)


def caching(case, wf):
    """Sampling from kept states against the whole network again for every site."""
    lattice = case.lattice(case.size)
    numbers = uniforms((case.num_samples, lattice.num_sites), seed=0)

    def seconds(sampler, repeats):
        return median_seconds(lambda: wait(sampler.draw(numbers, shape=lattice.shape)), repeats)

    cached = seconds(wf, case.repeats)
    naive = seconds(NaiveSampler(wf), SLOW_REPEATS)
    print(f"sampling: {cached:.3f} s; with {lattice.num_sites} passes of the whole network: "
          f"{naive:.3f} s; {naive / cached:.1f} times faster", flush=True)  # fmt: skip


def sharing(case, wf):
    """Shared prefixes against brute force, over the same flips: those of all bonds."""
    size, num_samples = case.race
    lattice = case.lattice(size)
    moves = lattice.bonds()
    spins = ops.convert_to_numpy(wf.sample(num_samples, lattice.shape, seed=0))
    shared = median_seconds(lambda: wait(wf.flip_log_ratio(spins, moves)), case.repeats)
    text = f"all flips on {lattice}, {num_samples} samples: prefixes shared {shared:.3f} s"
    if spins.size * len(moves) * wf.units * 4 > BRUTE_FORCE_BYTES:
        print(f"{text}; brute force would not fit into memory")
        return
    hashable = tuple(map(tuple, moves.tolist()))
    brute = median_seconds(
        lambda: wait(WaveFunction.compute_flip_log_ratio(wf, spins, None, moves=hashable)),
        SLOW_REPEATS,
    )
    every_site = num_samples * len(moves) * lattice.num_sites
    all_of_them = np.ones((num_samples, len(moves)), bool)
    most = every_site / walked_sites(wf, moves, lattice.shape, all_of_them)
    print(f"{text}; brute force {brute:.3f} s; {brute / shared:.2f} times faster, "
          f"where the sites left out allow {most:.2f}", flush=True)  # fmt: skip


def following(case):
    """What a step costs that follows the natural gradient instead of Adam."""
    lattice, wf = case.lattice(case.size), case.taught(case.growing)
    adam, natural = (
        step_seconds(wf, lattice, case.num_samples, case.repeats, direction)
        for direction in (None, vmc.NaturalGradient())
    )
    print(f"one step on {lattice}, {_network(wf)}, {case.num_samples} samples: {adam:.3f} s with "
          f"Adam, {natural:.3f} s with the natural gradient, {natural / adam:.2f} times as long",
          flush=True)  # fmt: skip


def checkpointing(case, wf):
    """What a checkpoint costs at the interval that is the default."""
    stage = vmc.Stage(case.lattice(case.size), steps=1, num_samples=case.num_samples)
    model = stage.trainer(wf, vmc.Heisenberg)
    optimizer = adam()
    stage.compile(model, optimizer)
    with tempfile.TemporaryDirectory() as folder:
        checkpoints = vmc.Checkpoints(folder)
        run = RunState(wf, [stage], vmc.Heisenberg, optimizer, 0, checkpoints, vmc.StageObserver())
        run.begin(model, vmc.StepHistory())
        seconds = median_seconds(run.write, case.repeats)
    share = seconds / (seconds + checkpoints.seconds)
    print(f"a checkpoint takes {1000 * seconds:.0f} ms: {share:.2%} of the time, with one every "
          f"{checkpoints.seconds:.0f} s\n", flush=True)  # fmt: skip


def scaling(case, budget):
    """Step time against size, with the fitted exponent.

    Args:
        case: a `Case`; if it names no sizes they grow while there is time.
        budget: seconds that growing sizes may take.
    """
    wf = case.taught(case.growing)
    print(f"{_network(wf)}, {case.num_samples} samples, phases: {wf.phase}")
    sizes, seconds = [], []
    for size, step in growing(case, wf, budget):
        sizes.append(size)
        seconds.append(step)
    lattices = [case.lattice(size) for size in sizes]
    rows = [[str(n), str(n.num_sites), f"{t:.3f}"] for n, t in zip(lattices, seconds)]
    print(table([["lattice", "sites", "step, s"], *rows]))
    if len(sizes) > 1:
        exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
        print(f"the time grows as the length to the power {exponent:.2f}", flush=True)


def growing(case, wf, budget, clock=time.monotonic):
    """Sizes and the seconds of a step there, as long as the next one fits.

    A step takes about the square of the number of sites, since so many
    flips walk over so many sites; compiling takes the same at every size.
    """
    start = before = clock()
    size = step = None
    for next_size in case.sizes or itertools.count(4, 2):
        if case.sizes is None and size is not None:
            growth = (case.lattice(next_size).num_sites / case.lattice(size).num_sites) ** 2
            steps = step * (case.repeats + 1)
            expected = clock() - before - steps + steps * growth
            if clock() - start + expected > budget:
                return
        before, size = clock(), next_size
        step = step_seconds(wf, case.lattice(size), case.num_samples, case.repeats)
        yield size, step


def _network(wf):
    number = getattr(wf, "num_layers", None)
    layers = f"{number} layer{'s' * (number > 1)} of " if number else ""
    return f"{layers}{wf.units} units"
