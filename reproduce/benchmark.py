"""How long a train step takes, and what takes it.

    python -m reproduce.benchmark
    python -m reproduce.benchmark --sites=300 --units=64

Times are medians over some repeats; the floating-point rate is compared
with this machine's own rate for a large float32 matrix product, measured in
the same run.
"""

import resource
import time

import keras
import numpy as np
from absl import flags
from keras import ops

import models
import vmc
from models.backend import compiled
from models.wave_function import WaveFunction
from reproduce.clock import StepClock
from reproduce.runs import run, versions
from reproduce.verdicts import table

BRUTE_FORCE_BYTES = 2**33  # of hidden states, that the comparison may take

FLAGS = flags.FLAGS


def define_flags():
    """Defines the flags."""
    flags.DEFINE_integer("sites", 80, "Length of the chain.", 2)
    flags.DEFINE_integer("units", 128, "Width of the network.", 1)
    flags.DEFINE_integer("num_samples", 100, "Minibatch.", 2)
    flags.DEFINE_integer("repeats", 7, "Repeats of each measurement.", 1)
    flags.DEFINE_list("scaling", ["40", "80", "160"], "Lengths of the scaling table.")


def main():
    versions_used = versions()
    print(f"{versions_used['processor']}, Keras {versions_used['keras']} on "
          f"{versions_used['backend']} {versions_used[versions_used['backend']]}")  # fmt: skip
    peak = matrix_product_rate()
    print(f"float32 matrix product: {peak / 1e9:.0f} GFLOP/s\n")
    parts(peak)
    scaling()
    return 0


def median_seconds(function, repeats=None):
    """Median wall time of a call, after one that may compile."""
    function()
    times = []
    for _ in range(repeats or FLAGS.repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def wait(result):
    """Waits for a result of the backend, by fetching it."""
    return [ops.convert_to_numpy(x) for x in (result if isinstance(result, tuple) else [result])]


def matrix_product_rate(size=4096):
    """Floating-point operations a second of a large float32 matrix product."""

    class Product(keras.layers.Layer):
        @compiled
        def run(self, matrix):
            # Only a corner is fetched.
            return ops.matmul(matrix, matrix)[:1, :1]

    matrix = keras.random.normal((size, size), seed=0)
    layer = Product()
    return 2 * size**3 / median_seconds(lambda: wait(layer.run(matrix)))


def walk_flops(spins, moves, units, outputs):
    """Arithmetic that shared-prefix flip ratios need: matrix products only.

    Args:
        spins: which pairs are walked, bool `[samples, moves]`.
        moves: `[num_moves, k]`, the sites that each flips.
        units: width of the network.
        outputs: width of the read-out's last layer.
    """
    num_sites = moves.max() + 1
    steps = ((num_sites - moves.min(axis=1)) * spins).sum()
    step = (2 + units) * 2 * units + units * units + units * outputs
    return 2 * float(steps) * step


def parts(peak):
    """The parts of a step, with free phases as in the paper."""
    wf = briefly_trained()
    hamiltonian = vmc.Heisenberg(vmc.Chain(FLAGS.sites))
    bonds = hamiltonian.bonds
    spins = ops.convert_to_numpy(wf.sample(FLAGS.num_samples, (FLAGS.sites,), seed=0))
    wanted = spins[:, bonds[:, 0]] != spins[:, bonds[:, 1]]
    moves = tuple(map(tuple, bonds.tolist()))

    step = step_seconds(wf, hamiltonian)
    memory = peak_memory_gib()
    sampling = median_seconds(lambda: wait(wf.sample(FLAGS.num_samples, (FLAGS.sites,), seed=0)))
    sweep = median_seconds(lambda: wait(wf.compute_flip_log_ratio(spins, wanted, moves=moves)))
    everything = median_seconds(lambda: wait(wf.compute_flip_log_ratio(spins, None, moves=moves)))
    rate = walk_flops(wanted, bonds, FLAGS.units, 6) / sweep
    print(f"one step at {FLAGS.sites} sites, {FLAGS.units} units, {FLAGS.num_samples} samples, "
          f"free phases: {step:.3f} s")  # fmt: skip
    rows = [
        ["part", "seconds", "of a step"],
        ["sampling", f"{sampling:.3f}", f"{sampling / step:.0%}"],
        [f"flip ratios of {wanted.mean():.0%} of all bonds", f"{sweep:.3f}", f"{sweep / step:.0%}"],
        ["gradient, update, rest", f"{step - sampling - sweep:.3f}",
         f"{1 - (sampling + sweep) / step:.0%}"],
    ]  # fmt: skip
    print(table(rows))
    print(f"flip ratios reach {rate / 1e9:.0f} GFLOP/s, {rate / peak:.0%} of the matrix product")
    print(f"peak memory of a step, the backend and all: {memory:.2f} GiB")
    shared = f"all flips, prefixes shared: {everything:.3f} s"
    if spins.size * len(bonds) * FLAGS.units * 4 > BRUTE_FORCE_BYTES:
        print(f"{shared}; brute force would not fit into memory\n")
        return
    brute = median_seconds(
        lambda: wait(WaveFunction.compute_flip_log_ratio(wf, spins, None, moves=moves)), 3
    )
    print(f"{shared}; brute force: {brute:.3f} s; {brute / everything:.1f} times faster\n")


def briefly_trained():
    """A wave function whose neighbours are antiparallel about as often as they should.

    Only antiparallel bonds cost time: half of them in a wave function that
    is not trained, four fifths in the ground state.
    """
    keras.utils.set_random_seed(0)
    wf = models.GRUChain(units=FLAGS.units)
    stage = vmc.Stage(vmc.Chain(10), steps=150, learning_rate=5e-3, temperature=0.3)
    vmc.retrain(wf, [stage], verbose=0)
    return wf


def step_seconds(wf, hamiltonian):
    """Median wall time of a whole train step."""
    model = vmc.VMC(wf, hamiltonian, num_samples=FLAGS.num_samples)
    model.compile(keras.optimizers.Adam(0.0), gradient_clip_norm=1.0)
    clock = StepClock()
    model.fit(steps_per_epoch=FLAGS.repeats + 1, callbacks=[clock], verbose=0)
    return clock.median()


def scaling():
    """Step time against length, with the fitted exponent."""
    wf = briefly_trained()
    sizes = [int(size) for size in FLAGS.scaling]
    seconds = [step_seconds(wf, vmc.Heisenberg(vmc.Chain(size))) for size in sizes]
    rows = [["sites", "step, s"], *([str(n), f"{t:.3f}"] for n, t in zip(sizes, seconds))]
    print(table(rows))
    if len(sizes) > 1:
        exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
        print(f"the time grows as the length to the power {exponent:.2f}")


def peak_memory_gib():
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    define_flags()
    run(main)
