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
import subprocess
import sys

from absl import flags

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
from reproduce.recipes import POSITIVE
from reproduce.runs import RunError, run, versions
from reproduce.settings import MAX_UNITS, check_ranges, growing_numbers

FLAGS = flags.FLAGS


def define_flags():
    """Defines the flags."""
    flags.DEFINE_enum("lattice", "all", ["chain", "square", "all"], "What to measure.")
    flags.DEFINE_integer("sites", 80, "Length of the chain.")
    flags.DEFINE_integer("side", 6, "Side of the square.")
    flags.DEFINE_integer("units", 128, "Width of the network.")
    flags.DEFINE_integer("num_layers", 5, "Layers of the square's network.")
    flags.DEFINE_integer("num_samples", 100, "Minibatch.")
    flags.DEFINE_integer("repeats", None, "Repeats of each measurement: 7, or 3 on the square.")
    flags.DEFINE_list("scaling", ["40", "80", "160"], "Lengths of the chain's scaling table.")
    flags.DEFINE_list("sides", None, "Sides of the square's; as many as --seconds allow.")
    flags.DEFINE_integer("seconds", 60, "Time for the square's scaling table.")
    flags.DEFINE_enum("peer", None, ["netket"], "Only race the chain's step against a library's.")
    flags.DEFINE_string("peer_python", sys.executable, "A Python that has the library.")


def main():
    """Measures what the flags ask for; returns the exit status."""
    cases = resolve()
    if FLAGS.peer:
        return against_peer(cases["chain"])
    if FLAGS.lattice == "all":
        return all_lattices()
    _print_machine()
    case = cases[FLAGS.lattice]
    peak = matrix_product_rate(case.repeats)
    print(f"float32 matrix product: {peak / 1e9:.0f} GFLOP/s\n")
    wf = case.taught(case.network)
    parts(case, wf, peak)
    caching(case, wf)
    sharing(case, wf)
    following(case)
    checkpointing(case, wf)
    scaling(case, FLAGS.seconds)
    return 0


def against_peer(case):
    """NetKet's recurrent network and ours, on the same chain; returns the exit status."""
    if FLAGS.lattice == "square":
        raise RunError("--peer races chains: NetKet's recurrent network of this kind has no square")
    _print_machine()
    settings = {"num_sites": case.size, "units": FLAGS.units, "num_samples": case.num_samples}
    with contextlib.ExitStack() as stack:
        peers = {}
        for dtype in DTYPES:
            peer = stack.enter_context(Peer(FLAGS.peer_python, settings | {"dtype": dtype}))
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


def resolve():
    """The cases that the flags describe, a dict; RunError for values that make no sense."""
    check_ranges({
        "sites": (2, 1000),
        "side": (2, 100),
        "units": (1, MAX_UNITS),
        "num_layers": (1, 100),
        "num_samples": (2, 10**5),
        "repeats": (1, 10**6),
        "seconds": (1, 10**6),
    })  # fmt: skip
    return {
        "chain": Case(
            name="chain",
            lattice=vmc.Chain,
            size=FLAGS.sites,
            network=_chain,
            num_samples=FLAGS.num_samples,
            race=(FLAGS.sites, FLAGS.num_samples),
            taught_size=20,
            growing=_chain,
            sizes=_sizes("scaling"),
            repeats=FLAGS.repeats or 7,
        ),
        "square": Case(
            name="square",
            lattice=vmc.Square,
            size=FLAGS.side,
            network=lambda: models.LSTMLattice(units=FLAGS.units, num_layers=FLAGS.num_layers),
            num_samples=FLAGS.num_samples,
            race=(10, 5),
            taught_size=4,
            # Figure 4's own network, without phases.
            growing=lambda: models.LSTMLattice(32, 2, feedforward_units=64, **POSITIVE),
            sizes=None if FLAGS.sides is None else _sizes("sides", even=True),
            repeats=FLAGS.repeats or 3,
        ),
    }


def _chain():
    return models.GRUChain(units=FLAGS.units)


def _sizes(name, even=False):
    sizes = growing_numbers(name, FLAGS[name].value)
    if even and any(size % 2 for size in sizes):
        text = ",".join(FLAGS[name].value)
        raise RunError(f"--{name} must be even, so that half of the spins can be up: {text}")
    return sizes


if __name__ == "__main__":
    define_flags()
    run(main)
