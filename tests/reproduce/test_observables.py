"""The script that draws observables: what it writes, and its errors."""

import contextlib
import io
import json

import keras
import numpy as np
import pytest

import models
import vmc
from reproduce.observables.results import Measured, times_three
from tests.helpers import read_csv


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
