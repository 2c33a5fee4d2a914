"""The benchmark: that it counts and compares what it says, and its flags."""

import contextlib
import dataclasses
import io
import re
import subprocess

import numpy as np
import pytest
from keras import ops

import models
import vmc
from reproduce.benchmark import __main__ as benchmark
from reproduce.benchmark import report
from reproduce.benchmark.cases import Case
from reproduce.benchmark.naive import NaiveSampler
from reproduce.benchmark.timing import walk_flops
from reproduce.experiment.cost import flops_per_site, walked_sites

OPTIONS = [{}, {"total_sz": 0, "phase": "none", "edge_distance": 2}]


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(
    ("make", "shape"),
    [(models.GRUChain, (10,)), (models.LSTMLattice, (3, 4))],
)
def test_both_samplers_draw_the_same(make, shape, options, random_weights):
    layers = {"num_layers": 2} if len(shape) == 2 else {}
    wf = random_weights(make(units=6, **layers, **options))
    uniforms = np.random.default_rng(1).random((50, np.prod(shape))).astype("float32")
    cached, naive = (
        ops.convert_to_numpy(sampler.draw(uniforms, shape=shape))
        for sampler in (wf, NaiveSampler(wf))
    )
    np.testing.assert_array_equal(naive, cached)
    assert 0 < naive.mean() < 1


def test_arithmetic_is_that_of_the_equations():
    n = 8
    assert flops_per_site(models.GRUChain(units=n)) == 2 * ((2 + n) * 2 * n + n * n + n * 6)
    first, second = (((inputs + n) + 2 * (n + n)) * 4 * n + 2 * n * 5 + 5 * n for inputs in (2, n))
    square = models.LSTMLattice(units=n, num_layers=2, feedforward_units=5, phase="none")
    assert flops_per_site(square) == 2 * (first + second + n * n + n * 2)


def test_walks_are_counted():
    chain, square = models.GRUChain(units=2), models.LSTMLattice(units=2, num_layers=1)
    moves = np.array([[0, 1], [4, 3]])
    wanted = np.array([[True, True], [False, True], [False, False]])
    assert walked_sites(chain, moves, (5,), wanted) == 5 + 2 + 2
    assert walked_sites(square, np.array([[0, 1], [4, 7]]), (3, 3), wanted) == 9 + 6 + 6
    assert walk_flops(chain, moves, (5,), wanted) == 9 * flops_per_site(chain)
    every_site = 21 * flops_per_site(square)
    sideways = 2 * 4 * 8  # a kernel's arithmetic: from input and state to four gates, of 2 units
    edges = 7 * sideways + 3 * 3 * sideways  # 7 last columns, 3 last rows of 3 sites
    moves = np.array([[0, 1], [4, 7]])
    assert walk_flops(square, moves, (3, 3), wanted) == every_site - edges
    bonds = vmc.Square(10).bonds()
    walked = walked_sites(square, bonds, (10, 10), np.ones((1, len(bonds)), bool))
    assert 100 * len(bonds) / walked == pytest.approx(1.74, abs=0.005)


@pytest.fixture
def small():
    """Cases that take no time."""
    chain = Case(
        name="chain", lattice=vmc.Chain, size=6, network=lambda: models.GRUChain(units=4),
        num_samples=4, race=(6, 4), taught_size=6, growing=lambda: models.GRUChain(units=4),
        sizes=(4, 6), repeats=1,
    )  # fmt: skip
    network = {"units": 4, "num_layers": 1}
    square = dataclasses.replace(
        chain, name="square", lattice=vmc.Square, size=2, race=(2, 2), taught_size=2,
        network=lambda: models.LSTMLattice(**network),
        growing=lambda: models.LSTMLattice(**network, total_sz=0), sizes=(2, 4),
    )  # fmt: skip
    return {"chain": chain, "square": square}


@pytest.mark.parametrize("name", ["chain", "square"])
def test_everything_is_printed(name, small, monkeypatch, in_process):
    monkeypatch.setattr(benchmark, "cases", lambda options: small)
    monkeypatch.setattr(benchmark, "matrix_product_rate", lambda repeats: 1e12)
    with contextlib.redirect_stdout(io.StringIO()) as output:
        assert in_process("benchmark", [f"--lattice={name}"])[0] == 0
    output = output.getvalue()
    lattice = {"chain": r"Chain\(6\), 4 units", "square": r"Square\(2, 2\), 1 layer of 4 units"}
    for expected in (
        rf"one step on {lattice[name]}, 4 samples, free phases: \d+\.\d+ s",
        r"sampling +\S+ +\d+%",
        r"flip ratios of \d+% of all bonds +\S+ +\d+%",
        r"gradient, update, rest +\S+ +-?\d+%",
        r"flip ratios reach \d+ GFLOP/s, \d+% of the matrix product",
        r"peak memory of a step, the backend and all: \d\.\d+ GiB",
        r"with \d passes of the whole network: \S+ s; \S+ times faster",
        r"prefixes shared \S+ s; brute force \S+ s; \S+ times faster, where .* allow \d\.\d+",
        r"4 samples: \S+ s with Adam, \S+ s with the natural gradient, \S+ times as long",
        r"a checkpoint takes \d+ ms: \d\.\d\d% of the time, with one every 60 s",
        r"the time grows as the length to the power -?\d+\.\d+",
    ):
        assert re.search(expected, output), (expected, output)


def test_a_network_is_taught_bonds(small):
    case = dataclasses.replace(
        small["chain"], network=lambda: models.GRUChain(units=16), taught_size=10
    )
    spins = ops.convert_to_numpy(case.taught(case.network).sample(500, (20,), seed=0))
    assert 0.65 < (spins[:, 1:] != spins[:, :-1]).mean() < 0.85


def test_the_square_grows_while_there_is_time(small, monkeypatch):
    now = [0.0]

    def step_seconds(wf, lattice, num_samples, repeats):
        step = (lattice.num_sites / 16) ** 2  # a second at the side 4
        now[0] += 5 + (repeats + 1) * step  # and five to compile
        return step

    monkeypatch.setattr(report, "step_seconds", step_seconds)
    case = dataclasses.replace(small["square"], sizes=None)

    def sides(budget):
        now[0] = 0.0
        return [side for side, _ in report.growing(case, None, budget, lambda: now[0])]

    assert sides(1) == [4]  # the first is always measured
    assert sides(60) == [4, 6, 8]
    assert now[0] == 5 * 3 + 2 * (1 + 1.5**4 + 2**4)
    assert sides(200) == [4, 6, 8, 10]


def test_each_lattice_has_its_own_process(monkeypatch, in_process):
    commands = []

    def called(command, check):
        commands.append(command[1:])
        return subprocess.CompletedProcess(command, returncode=0)

    monkeypatch.setattr(subprocess, "run", called)
    monkeypatch.setattr("sys.argv", ["benchmark", "--units=4"])
    assert in_process("benchmark", ["--units=4"])[0] == 0
    script = ["-m", "reproduce.benchmark", "--units=4"]
    assert commands == [[*script, "--lattice=chain"], [*script, "--lattice=square"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--scaling=a,b", "--scaling must be whole numbers: a,b"),
        ("--scaling=", "--scaling must not be empty"),
        ("--scaling=0,10", "--scaling must lie in 2 ... 10000: 0,10"),
        ("--scaling=40,40", "--scaling must grow: 40,40"),
        ("--sides=4,x", "--sides must be whole numbers: 4,x"),
        ("--sides=", "--sides must not be empty"),
        ("--sides=4,5", "--sides must be even"),
        ("--sites=0", "--sites must lie in 2 ... 1000, not 0"),
        ("--side=1", "--side must lie in 2 ... 100, not 1"),
        ("--units=0", "--units must lie in 1 ... 4096, not 0"),
        ("--num_layers=-1", "--num_layers must lie in 1 ... 100, not -1"),
        ("--num_samples=1", "--num_samples must lie in 2 ... 100000, not 1"),
        ("--repeats=0", "--repeats must lie in 1 ... 1000000, not 0"),
        ("--seconds=0", "--seconds must lie in 1 ... 1000000, not 0"),
        ("300", "unknown arguments: 300"),
    ],
)
@pytest.mark.parametrize("lattice", ["chain", "square", "all"])
def test_bad_flags_get_one_line(arguments, message, lattice, in_process):
    status, error = in_process("benchmark", [f"--lattice={lattice}", arguments])
    assert status == 2
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1
