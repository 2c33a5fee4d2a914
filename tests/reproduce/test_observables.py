"""The script that draws observables: what it writes, and its errors."""

import contextlib
import io
import json
from typing import ClassVar

import keras
import numpy as np
import pytest

import models
import vmc
from reproduce.observables import components
from reproduce.observables.results import Measured, times_three
from tests.helpers import psi, read_csv


@pytest.fixture(scope="module")
def small_chain(tmp_path_factory):
    """A file with the weights of an untrained chain."""
    keras.utils.set_random_seed(0)
    path = tmp_path_factory.mktemp("weights") / "chain.keras"
    models.GRUChain(4, total_sz=0, phase="none", marshall_sign=True).save(path)
    return path


def test_a_chain(small_chain, in_process, tmp_path):
    arguments = [f"--preset={small_chain}", "--size=6", "--num_samples=300", "--axes=xyz"]
    with contextlib.redirect_stdout(io.StringIO()) as output:
        status, error = in_process("observables", [*arguments, "--output_dir=here"])
    assert (status, error) == (0, "")
    assert "staggered magnetisation squared: " in output.getvalue()
    folder = tmp_path / "here"
    assert {path.name for path in folder.iterdir()} == {
        "observables.json", "observables.png", "observables.pdf", "correlations.csv",
        "structure_factor.csv",
    }  # fmt: skip
    record = json.loads((folder / "observables.json").read_text(encoding="utf-8"))
    assert record["lattice"] == "Chain(6)"
    assert "--output_dir" not in record["command"]

    wf = keras.saving.load_model(small_chain)
    rows = read_csv(folder / "correlations.csv")
    assert [(row["i"], row["j"]) for row in rows] == [("2", j) for j in "01345"]
    pairs = [(int(row["i"]), int(row["j"])) for row in rows]
    whole = vmc.estimate_observable(wf, vmc.SpinCorrelation(vmc.Chain(6), pairs), 4000, seed=5)
    for row, expected in zip(rows, whole):
        bar = np.hypot(float(row["std_error"]), expected.std_error)
        assert abs(float(row["correlation"]) - expected.mean) < 4 * bar
    factors = read_csv(folder / "structure_factor.csv")
    assert [float(row["q"]) for row in factors] == pytest.approx(np.arange(6) * np.pi / 3)
    # A site with itself gives 3/4, for every sample.
    total = sum(float(row["structure_factor"]) for row in factors)
    assert total / 6 == pytest.approx(0.75, rel=1e-5)
    squared = record["staggered_magnetization_squared"]
    at_pi = float(factors[3]["structure_factor"]) / 6
    assert abs(squared - at_pi) < 6 * record["std_error"]

    status, error = in_process("observables", [*arguments, "--output_dir=here"])
    assert (status, error) == (2, "error: here is not empty: choose another --output_dir\n")


class Complete(vmc.Lattice):
    """Six sites, all of them neighbours."""

    steps: ClassVar = {1: [(distance,) for distance in range(1, 6)]}


def exact_structure_factor_at_zero(wf):
    """The square of the total spin of six spins, per site, from the matrix of all pairs."""
    state = psi(wf, vmc.configurations((6,)))
    pairs = np.vdot(state, vmc.Heisenberg(Complete((6,))).to_sparse() @ state).real
    return (2 * pairs + 6 * 3 / 4) / 6


@pytest.fixture
def measured(in_process, tmp_path):
    """Runs the script on a chain of 6: its record, its tables and what it printed."""

    def run(wf, *arguments):
        wf.save(tmp_path / "wf.keras")
        asked = ["--preset=wf.keras", "--size=6", "--output_dir=here", *arguments]
        with contextlib.redirect_stdout(io.StringIO()) as output:
            assert in_process("observables", asked) == (0, "")
        record = json.loads((tmp_path / "here/observables.json").read_text(encoding="utf-8"))
        return record, output.getvalue()

    return run


@pytest.mark.parametrize("total_sz", [2, None, 0])
def test_all_components_are_measured(total_sz, measured, random_chain):
    """A state with total_sz = 2 has S(0) = 2.00 if its S^z part is taken three times."""
    wf = random_chain(units=4, total_sz=total_sz)
    record, output = measured(wf, "--num_samples=8000")
    assert (record["axes"], record["remark"]) == ("xyz", None)
    assert "Only S^z" not in output
    at_zero = record["structure_factor"][0]
    expected = exact_structure_factor_at_zero(wf)
    assert abs(at_zero["structure_factor"] - expected) < 4 * at_zero["std_error"]
    of_z = 3 * (total_sz or 0) ** 2 / 6
    if total_sz is not None:
        assert abs(of_z - expected) > 10 * at_zero["std_error"]
    # What it compares with is three times S^z only where that may be the whole.
    assert ("connected_zz_times_3" in record["correlations"][0]) == (total_sz == 0)
    assert ("connected" in record["correlations"][0]) == (total_sz != 0)
    assert ("three times the correlations of S^z" in output) == (total_sz == 0)
    flat = (
        record["staggered_magnetization_squared"]
        - record["structure_factor"][3]["structure_factor"] / 6
    )
    assert flat == pytest.approx(0, abs=1e-6)


def test_connected_correlations_are_whole_where_nothing_makes_a_singlet(measured, random_chain):
    wf = random_chain(units=4)
    record, _ = measured(wf, "--num_samples=4000")
    pairs = [(row["i"], row["j"]) for row in record["correlations"]]
    observable = vmc.SpinCorrelation(vmc.Chain(6), pairs, connected=True)
    expected = vmc.estimate_observable(wf, observable, 20_000, seed=9)
    for row, value in zip(record["correlations"], expected):
        bar = np.hypot(row["connected_error"], value.std_error)
        assert abs(row["connected"] - value.mean) < 5 * bar


def test_where_it_takes_too_long_it_says_so(measured, random_chain, monkeypatch):
    monkeypatch.setattr(components, "LONGEST", 0)
    wf = random_chain(units=4, total_sz=0)
    record, output = measured(wf, "--num_samples=100")
    assert record["axes"] == "z"
    assert record["remark"] in output
    assert "multiplied by three. That assumes a singlet, which total_sz=0 allows" in output
    total = sum(row["structure_factor"] for row in record["structure_factor"])
    assert total / 6 == pytest.approx(0.75, rel=1e-5)


@pytest.mark.parametrize("total_sz", [1, None])
def test_s_z_alone_is_not_multiplied_without_a_singlet(total_sz, measured, random_chain):
    wf = random_chain(units=4, total_sz=total_sz)
    record, output = measured(wf, "--num_samples=100", "--axes=z")
    assert f"their S^z parts alone: with total_sz={total_sz} nothing says" in output
    total = sum(row["structure_factor"] for row in record["structure_factor"])
    assert total / 6 == pytest.approx(0.25, rel=1e-5)
    if total_sz:
        assert record["structure_factor"][0]["structure_factor"] == pytest.approx(1 / 6)


def test_the_choice_is_one_of_time():
    chain, square = models.load("gru-chain-80"), models.LSTMLattice(32, 1, total_sz=0)
    assert components.choose(chain, vmc.Chain(80), 2500).axes == "xyz"
    assert components.choose(chain, vmc.Chain(300), 2500).axes == "z"
    assert components.choose(square, vmc.Square(6), 2500).axes == "xyz"
    assert components.choose(square, vmc.Square(20), 2500).axes == "z"
    assert components.choose(square, vmc.Square(20), 2500, "xyz").axes == "xyz"
    averaged = models.Symmetrized(square, "square", spin_flip=True)
    assert components.choose(averaged, vmc.Square(8), 2500).axes == "z"


def test_a_square(in_process, tmp_path):
    keras.utils.set_random_seed(0)
    models.LSTMLattice(4, 1, total_sz=0, phase="none").save(tmp_path / "square.keras")
    with contextlib.redirect_stdout(io.StringIO()):
        status, error = in_process(
            "observables", ["--preset=square.keras", "--size=4", "--num_samples=20"]
        )
    assert (status, error) == (0, "")
    folder = tmp_path / "out" / "observables"
    assert (folder / "observables.png").is_file()
    assert len(read_csv(folder / "correlations.csv")) == 15
    assert list(read_csv(folder / "structure_factor.csv")[0])[:2] == ["q_row", "q_column"]


def test_signs_and_displacements_are_from_the_middle():
    estimates = vmc.Estimates(np.array([0.1, -0.2, 0.3]), np.array([0.1, 0.1, 0.1]), 4, 10)
    measured = Measured(
        lattice=vmc.Square(2),
        pairs=np.array([(0, 1), (0, 2), (0, 3)]),
        correlations=estimates,
        connected=times_three(estimates),
        momenta=np.zeros((1, 2)),
        structure_factors=estimates,
        squared=estimates[0],
        axes="z",
    )
    assert measured.displacements.tolist() == [[0, 1], [1, 0], [1, 1]]
    assert measured.signs.tolist() == [-1, -1, 1]
    row = measured.correlation_rows()[1]
    assert row["correlation"] == -0.2
    assert row["connected_zz_times_3"] == pytest.approx(-0.6)
    assert row["connected_zz_times_3_error"] == pytest.approx(3 * 0.1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset=nothing"], "no weights at nothing: give a .keras file or a preset"),
        (["--size=1"], "--size must lie in 2 ... 10000, not 1"),
        (["--size=7"], "total_sz=0 does not exist on 7 sites"),
        (["--num_samples=1"], "--num_samples must lie in 2 ... 2147483647, not 1"),
        (["--seed=-1"], "--seed must lie in 0"),
    ],
)
def test_errors(arguments, message, in_process):
    status, error = in_process("observables", arguments)
    assert status == 2
    assert error.count("\n") == 1
    assert error.startswith("error: ")
    assert message in error


def test_the_size_is_asked_for_where_nothing_says_it(small_chain, in_process):
    status, error = in_process("observables", [f"--preset={small_chain}"])
    assert status == 2
    assert "--size is needed" in error
