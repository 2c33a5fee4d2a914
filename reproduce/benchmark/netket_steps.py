"""NetKet's train step, for the benchmark: runs where NetKet is, which may be elsewhere.

This file is read by a Python of its own, with NetKet and without this
package: JAX and TensorFlow in one process would fight for the cores.
"""

import json
import sys
import time


def serve(settings):
    """Trains step by step, as the standard input asks for them.

    What NetKet is like on the paper's chain: its recurrent network with one
    hidden layer of as many units as ours (it counts the read-out as another
    layer), exact samples, Adam. Writes a JSON object a line: first what it
    is, then the seconds of each step, one for each line that it reads.

    Args:
        settings: a dict of `num_sites`, `units`, `num_samples` and `dtype`.
    """
    answers, sys.stdout = sys.stdout, sys.stderr

    def answer(**content):
        print(json.dumps(content), file=answers, flush=True)

    try:
        import jax
        import netket as nk
        from netket.experimental.models import FastGRUNet1D
    except ModuleNotFoundError as error:
        answer(missing=error.name)
        return
    chain = nk.graph.Chain(settings["num_sites"], pbc=False)
    spins = nk.hilbert.Spin(0.5, N=settings["num_sites"])
    # A quarter, since it has Pauli matrices where we have spins.
    hamiltonian = nk.operator.Heisenberg(spins, chain, J=0.25, sign_rule=False)
    network = FastGRUNet1D(
        hilbert=spins, layers=2, features=settings["units"], param_dtype=settings["dtype"]
    )
    state = nk.vqs.MCState(
        nk.sampler.ARDirectSampler(spins), network, n_samples=settings["num_samples"], seed=0
    )
    # A rate of zero: each step is like the one before, and costs the same.
    driver = nk.driver.VMC(
        hamiltonian, nk.optimizer.Adam(learning_rate=0.0), variational_state=state
    )

    def step():
        start = time.perf_counter()
        driver.run(1, out=None, show_progress=False)
        jax.block_until_ready(state.parameters)
        return time.perf_counter() - start

    step()  # compiles
    answer(version=nk.__version__, parameters=state.n_parameters)
    for _ in sys.stdin:
        answer(seconds=step(), energy=float(driver.energy.mean.real))
