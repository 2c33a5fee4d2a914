"""How long a train step takes, and what takes it.

    python -m reproduce.benchmark
    python -m reproduce.benchmark --lattice=chain --sites=300 --units=64
    python -m reproduce.benchmark --lattice=square --side=8 --sides=4,6,8
    python -m reproduce.benchmark --peer=netket    # against NetKet's chain

Times are medians over some repeats; the floating-point rate is compared
with this machine's own rate for a large float32 matrix product, measured in
the same run. Each lattice has a process of its own, whose peak memory is
then that lattice's.
"""

import contextlib
import dataclasses
import subprocess
import sys

import models
import vmc
from reproduce.benchmark.cases import Case
from reproduce.benchmark.peer import DTYPES, Peer, race
from reproduce.benchmark.report import (
    caching,
    checkpointing,
    following,
    parts,
    scaling,
    sharing,
)
from reproduce.benchmark.timing import matrix_product_rate
from reproduce.console.command import run
from reproduce.console.environment import versions
from reproduce.console.errors import RunError
from reproduce.console.options import CommandOptions, growing_numbers, option
from reproduce.experiment.settings import MAX_UNITS
from reproduce.recipes.ingredients import POSITIVE

MAX_SIZE = 1000


@dataclasses.dataclass(frozen=True)
class Options(CommandOptions):
    """What is measured."""

    lattice: str = option("all", "What to measure.", choices=("chain", "square", "all"))
    sites: int = option(80, "Length of the chain.", least=2, largest=MAX_SIZE)
    side: int = option(6, "Side of the square.", least=2, largest=100)
    units: int = option(128, "Width of the network.", least=1, largest=MAX_UNITS)
    num_layers: int = option(5, "Layers of the square's network.", least=1, largest=100)
    num_samples: int = option(100, "Minibatch.", least=2, largest=10**5)
    repeats: int | None = option(
        None, "Repeats of each measurement: 7, or 3 on the square.", least=1, largest=10**6
    )
    scaling: tuple = option(("40", "80", "160"), "Lengths of the chain's scaling table.")
    sides: tuple | None = option(None, "Sides of the square's; as many as --seconds allow.")
    seconds: int = option(60, "Time for the square's scaling table.", least=1, largest=10**6)
    peer: str | None = option(
        None, "Only race the chain's step against a library's.", choices=("netket",)
    )
    peer_python: str = option(sys.executable, "A Python that has the library.")

    def __post_init__(self):
        super().__post_init__()
        for name in ("scaling", "sides"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, growing_numbers(name, value, 10 * MAX_SIZE))
        if any(side % 2 for side in self.sides or ()):
            sides = ",".join(map(str, self.sides))
            raise RunError(f"--sides must be even, so that half of the spins can be up: {sides}")


def main(options):
    """Measures what the options ask for; returns the exit status."""
    if options.peer:
        return against_peer(options)
    if options.lattice == "all":
        return all_lattices()
    _print_machine()
    case = cases(options)[options.lattice]
    peak = matrix_product_rate(case.repeats)
    print(f"float32 matrix product: {peak / 1e9:.0f} GFLOP/s\n")
    wf = case.taught(case.network)
    parts(case, wf, peak)
    caching(case, wf)
    sharing(case, wf)
    following(case)
    checkpointing(case, wf)
    scaling(case, options.seconds)
    return 0


def against_peer(options):
    """NetKet's recurrent network and ours, on the same chain; returns the exit status."""
    if options.lattice == "square":
        raise RunError("--peer races chains: NetKet's recurrent network of this kind has no square")
    _print_machine()
    case = cases(options)["chain"]
    settings = {"num_sites": case.size, "units": options.units, "num_samples": case.num_samples}
    with contextlib.ExitStack() as stack:
        peers = {}
        for dtype in DTYPES:
            peer = stack.enter_context(Peer(options.peer_python, settings | {"dtype": dtype}))
            peers[f"NetKet {peer.version}, FastGRUNet1D, {dtype}"] = peer
        race(case, peers)
    return 0


def _print_machine():
    used = versions()
    print(f"{used['processor']}, Keras {used['keras']} on "
          f"{used['backend']} {used[used['backend']]}", flush=True)  # fmt: skip


def all_lattices():
    """Each lattice in its own process, for a peak of memory of its own."""
    for name in ("chain", "square"):
        command = [sys.executable, "-m", "reproduce.benchmark", *sys.argv[1:], f"--lattice={name}"]
        status = subprocess.run(command, check=False).returncode
        if status:
            return status
        print()
    return 0


def cases(options):
    """The cases that the options describe, a dict of name to `Case`."""

    def chain():
        return models.GRUChain(units=options.units)

    return {
        "chain": Case(
            name="chain",
            lattice=vmc.Chain,
            size=options.sites,
            network=chain,
            num_samples=options.num_samples,
            race=(options.sites, options.num_samples),
            taught_size=20,
            growing=chain,
            sizes=options.scaling,
            repeats=options.repeats or 7,
        ),
        "square": Case(
            name="square",
            lattice=vmc.Square,
            size=options.side,
            network=lambda: models.LSTMLattice(units=options.units, num_layers=options.num_layers),
            num_samples=options.num_samples,
            race=(10, 5),
            taught_size=4,
            # Figure 4's own network, without phases.
            growing=lambda: models.LSTMLattice(32, 2, feedforward_units=64, **POSITIVE),
            sizes=options.sides,
            repeats=options.repeats or 3,
        ),
    }


if __name__ == "__main__":
    run(main, Options)
