"""The train step against that of another library, step for step in turn."""

import json
import subprocess

import keras
import numpy as np

import vmc
from reproduce.benchmark import netket_steps
from reproduce.console.clock import StepClock
from reproduce.console.errors import RunError
from reproduce.console.notation import table

DTYPES = ("float64", "float32")  # its default, and ours
BOOT = "import json, runpy, sys; runpy.run_path(sys.argv[1])['serve'](json.loads(sys.argv[2]))"


class Peer:
    """Another library in a process of its own, which takes a step when it is told.

    Args:
        python: the interpreter that has the library.
        settings: see `reproduce.benchmark.netket_steps.serve`.
        script: a Python file whose `serve` does the steps.

    Attributes:
        version: of the library.
        parameters: of its network.

    Raises:
        RunError: the interpreter or the library is missing, or it failed.
    """

    def __init__(self, python, settings, script=netket_steps.__file__):
        command = [python, "-c", BOOT, script, json.dumps(settings)]
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        except OSError as error:
            raise RunError(f"cannot start {python}: {error.strerror}") from error
        try:
            hello = self._answer()
            if "missing" in hello:
                raise RunError(
                    f"NetKet is missing, {python} has no {hello['missing']}: pip install netket, "
                    "or --peer_python for a Python that has it"
                )
        except BaseException:
            self.close()
            raise
        self.version, self.parameters = hello["version"], hello["parameters"]

    def step(self):
        """Seconds that one step takes."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._answer()["seconds"]

    def _answer(self):
        line = self._process.stdout.readline()
        if not line:
            raise RunError(f"the peer has ended with status {self._process.wait()}")
        return json.loads(line)

    def close(self):
        """Ends the process."""
        self._process.terminate()
        self._process.communicate()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class InTurn(keras.callbacks.Callback):
    """Lets peers take a step before each of ours, so that all see the same machine.

    Args:
        peers: a dict of name to `Peer`.
    """

    def __init__(self, peers):
        super().__init__()
        self.peers = peers
        self.seconds = {name: [] for name in peers}

    def on_train_batch_begin(self, batch, logs=None):
        if batch:  # the first compiles, and does not count
            for name, peer in self.peers.items():
                self.seconds[name].append(peer.step())


def race(case, peers):
    """Prints how long a step takes here and there, and the ratio.

    Args:
        case: a `Case`.
        peers: a dict of name to `Peer`, on the same lattice with as many
            samples and units.
    """
    lattice = case.lattice(case.size)
    wf = case.taught(case.network)
    model = vmc.VMC(wf, vmc.Heisenberg(lattice), num_samples=case.num_samples)
    model.compile(keras.optimizers.Adam(0.0), direction=vmc.Gradient(clip=1.0))
    turns, clock = InTurn(peers), StepClock()
    model.fit(steps_per_epoch=case.repeats + 1, callbacks=[turns, clock], verbose=0)
    ours = np.array(clock.seconds[1:])
    rows = [
        ["one step", "parameters", "seconds", "times ours", "in single steps"],
        [f"this project, {wf.compute_dtype}", f"{wf.count_params():,}", f"{np.median(ours):.3f}",
         "1.0", ""],
        *(_row(name, peer, np.array(turns.seconds[name]), ours) for name, peer in peers.items()),
    ]  # fmt: skip
    print(f"{lattice}, {wf.units} units, {case.num_samples} samples: sampling, local energies, "
          f"gradient and update, in turn, median of {case.repeats}")  # fmt: skip
    print(table(rows), flush=True)


def _row(name, peer, seconds, ours):
    ratios = seconds / ours
    return [
        name,
        f"{peer.parameters:,}",
        f"{np.median(seconds):.3f}",
        f"{np.median(seconds) / np.median(ours):.1f}",
        f"{ratios.min():.1f} to {ratios.max():.1f}",
    ]
