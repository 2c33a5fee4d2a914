"""How long a train step takes on an accelerator."""

import concurrent.futures
import time

import jax
import numpy as np

import models
import vmc
from reproduce.accelerated.plans import Phase
from reproduce.accelerated.runner import Runner
from reproduce.recipes.ingredients import POSITIVE, muon


def benchmark(sides=(6, 10, 16, 30)):
    """Times a step at each side in both precisions, and compares with the CPU.

    Args:
        sides: of the squares.
    """
    wf = models.load("lstm-lattice-6")
    spins = wf.sample(50, (6, 6), seed=1)
    hamiltonian = vmc.Heisenberg(vmc.Square(6))
    with jax.default_matmul_precision("highest"):
        here = np.asarray(hamiltonian.local_energy(wf, spins))
    with jax.default_device(jax.devices("cpu")[0]):
        twin = wf.copy()
        cpu = np.asarray(hamiltonian.local_energy(twin, np.asarray(spins)))
    print(f"largest difference of local energies from the CPU's: {abs(here - cpu).max():.1e}")
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
        return Runner(phase, network, optimizer, 1, precision=precision, at_once=5).compile()

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
