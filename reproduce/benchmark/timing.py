"""What the benchmark measures with: clocks, counts of arithmetic, memory."""

import resource
import time

import keras
import numpy as np
from keras import ops

import models
import vmc
from models.backend import compiled
from reproduce.console.clock import StepClock
from reproduce.experiment.cost import flops_per_site, walked_sites


def median_seconds(function, repeats):
    """Median wall time of a call, after one that may compile."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def wait(result):
    """Waits for a result of the backend, by fetching it."""
    return [ops.convert_to_numpy(x) for x in (result if isinstance(result, tuple) else [result])]


def step_seconds(wf, lattice, num_samples, repeats, direction=None):
    """Median wall time of a whole train step that leaves the weights as they are."""
    model = vmc.VMC(wf, vmc.Heisenberg(lattice), num_samples=num_samples)
    direction = direction or vmc.Gradient(clip=1.0)
    model.compile(direction.optimizer() or keras.optimizers.Adam(0.0), direction=direction)
    clock = StepClock()
    model.fit(steps_per_epoch=repeats + 1, callbacks=[clock], verbose=0)
    return clock.median()


def matrix_product_rate(repeats, size=4096):
    """Floating-point operations a second of a large float32 matrix product."""

    class Product(keras.layers.Layer):
        @compiled
        def run(self, matrix):
            # Only a corner is fetched.
            return ops.matmul(matrix, matrix)[:1, :1]

    matrix = keras.random.normal((size, size), seed=0)
    layer = Product()
    return 2 * size**3 / median_seconds(lambda: wait(layer.run(matrix)), repeats)


def walk_flops(wf, moves, shape, wanted):
    """Arithmetic of flip ratios where prefixes are shared: matrix products only.

    Args:
        wf, moves, shape, wanted: as of `walked_sites`.
    """
    sites = walked_sites(wf, moves, shape, wanted)
    flops = sites * flops_per_site(wf)
    if not isinstance(wf, models.LSTMLattice):
        return flops
    rows, last_row = sites // shape[1], int(wanted.sum()) * shape[1]
    # Nothing reads what goes right from a last column, or left along a last row.
    return flops - sum(
        rows * _flops(processor.right_cell.kernel) + last_row * _flops(processor.left_cell.kernel)
        for processor in wf.processors
    )


def _flops(matrix):
    return 2 * int(np.prod(matrix.shape))


def peak_memory_gib():
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
