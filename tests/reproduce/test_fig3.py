"""Figure 3 from the command line: a small run, an interrupted one, bad input."""

import functools
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest

import models
from tests.helpers import read_csv
from vmc.training.checkpoint import locked

SMALL = ["--weights=none", "--units=8", "--sizes=8,10", "--steps=55", "--num_samples=20"]
LONG = [*SMALL, "--steps=80", "--evaluation_samples=200", "--checkpoint_seconds=0.2"]
FILES = ["fig3.csv", "fig3.json", "fig3.pdf", "fig3.png", "history.csv", "weights"]


@pytest.fixture(scope="session")
def fig3(script):
    return functools.partial(script, "fig3")


@pytest.fixture(scope="module")
def small_run(tmp_path_factory, fig3):
    folder = tmp_path_factory.mktemp("fig3")
    result = fig3(*SMALL, "--evaluation_samples=200", "--seed=3", cwd=folder)
    return folder / "out/fig3", result


def test_a_small_run_leaves_everything(small_run):
    folder, result = small_run
    assert result.returncode == 0, result.stderr
    assert sorted(p.name for p in folder.iterdir()) == FILES
    rows = read_csv(folder / "fig3.csv")
    assert [row["stage"] for row in rows] == ["8", "10"]
    assert len(read_csv(folder / "history.csv")) == 110
    record = json.loads((folder / "fig3.json").read_text())
    assert record["seed"] == 3
    assert record["versions"]["keras"] == keras.__version__
    assert record["results"][1]["energy"] == float(rows[1]["energy"])
    assert record["results"][0]["reference"] == -3.3749325986878915
    assert len(record["verdicts"]) == 4
    wf = keras.saving.load_model(folder / "weights/10.keras")
    assert wf.units == 8


def test_a_small_run_shows_what_it_does(small_run):
    _, result = small_run
    assert re.search(r"2 stages, 110 minibatches.*about .* on two cores", result.stdout)
    assert re.search(
        r" 10 \(2/2\)  step 55/55  E = -\S+ ± \S+ \[σ²=\S+\]  relative error \S+ ± \S+  "
        r"<M²> = \S+  .* left",
        result.stdout,
    )
    assert "FELL SHORT" in result.stdout
    assert "before the first minibatch" in result.stdout
    assert result.stderr == ""


def test_nothing_is_overwritten(small_run, fig3, in_process):
    folder, _ = small_run
    kept = (folder / "fig3.json").read_bytes()
    arguments = [*SMALL, "--steps=2", "--evaluation_samples=10"]
    status, error = in_process("fig3", [*arguments, f"--output_dir={folder}"])
    assert status == 2
    assert "is not empty" in error
    other = fig3(*arguments, "--strict", cwd=folder.parent.parent)
    assert other.returncode == 1  # two minibatches do not make 1e-4
    assert (folder.parent / "fig3-2/fig3.json").is_file()
    assert (folder / "fig3.json").read_bytes() == kept


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory, fig3):
    folder = tmp_path_factory.mktemp("uninterrupted")
    result = fig3(*LONG, "--output_dir=run", cwd=folder)
    assert result.returncode == 0, result.stderr
    return folder / "run"


@pytest.mark.parametrize(
    ("moment", "number", "done"),
    [
        (r"^\s*8 .* step 1/", signal.SIGINT, 0),
        (r"^\s*10 .* step 1/", signal.SIGTERM, 1),
        (r"^\s*10 .* step 1/", signal.SIGKILL, 1),
    ],
)
def test_interrupted_and_resumed(moment, number, done, uninterrupted, tmp_path, fig3, in_process):
    stderr, status = interrupt(moment, number, tmp_path)
    assert "Traceback" not in stderr
    again = ["--output_dir=run", *LONG]
    if number != signal.SIGKILL:
        assert status == 128 + number
        assert f"{done} of 2 stages are done and stay in run" in stderr
        again = shlex.split(re.search("go on with: python -m reproduce.fig3 (.*)", stderr).group(1))
    if number == signal.SIGINT:
        refuses_other_settings(in_process)
    if number == signal.SIGTERM:
        # Once more, after the run has gone on: what was done before still counts.
        stderr, status = interrupt(r"^\s*10 .* step", number, tmp_path)
        assert status == 128 + number
        assert f"{done} of 2 stages are done and stay in run" in stderr
    resumed = fig3(*again, cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert "going on from a checkpoint" in resumed.stdout
    assert sorted(p.name for p in (tmp_path / "run").iterdir()) == FILES
    for name in ("weights/8.keras", "weights/10.keras"):
        one, other = (keras.saving.load_model(f / name) for f in (tmp_path / "run", uninterrupted))
        for a, b in zip(one.get_weights(), other.get_weights()):
            np.testing.assert_array_equal(a, b)
    history = (tmp_path / "run/history.csv").read_text()
    assert history == (uninterrupted / "history.csv").read_text()


def refuses_other_settings(in_process):
    """An unfinished run is for its own settings."""
    status, error = in_process("fig3", [*LONG, "--seed=5", "--output_dir=run"])
    assert status == 2
    assert "unfinished run with other settings: seed is 0 there and 5 here" in error
    status, error = in_process("fig3", [*LONG, "--noresume", "--output_dir=run"])
    assert status == 2
    assert "run is not empty" in error


def interrupt(moment, number, folder):
    """Starts the long run, and sends it a signal when a line has come."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "reproduce.fig3", *LONG, "--output_dir=run"],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in process.stdout:
        if re.search(moment, line):
            break
    process.send_signal(number)
    _, stderr = process.communicate(timeout=120)
    return stderr, process.returncode


def test_two_runs_in_a_folder(tmp_path, in_process):
    (tmp_path / "run").mkdir()
    with locked(tmp_path / "run"):
        second = in_process("fig3", [*LONG, "--output_dir=run"])
    assert second == (2, "error: another run is writing to run\n")


def test_stops_where_nothing_is_finite_any_more(tmp_path, fig3):
    arguments = ["--steps=40", "--learning_rate=1e30", "--evaluation_samples=50"]
    result = fig3(*SMALL, *arguments, "--output_dir=run", cwd=tmp_path)
    assert result.returncode == 2
    assert "10 steps in a row at Chain(8) were not finite" in result.stderr
    assert "Traceback" not in result.stderr
    wf = keras.saving.load_model(tmp_path / "run/weights/8-unfinished.keras")
    assert all(np.isfinite(w).all() for w in wf.get_weights())


def graft(path, architecture, weights, dtype="float32"):
    """A .keras file of one file's architecture and another's weights."""
    with zipfile.ZipFile(path, "w") as made:
        for name in ("metadata.json", "config.json", "model.weights.h5"):
            with zipfile.ZipFile(weights if name.endswith(".h5") else architecture) as source:
                content = source.read(name)
            if name == "config.json":
                content = content.replace(b'"float32"', f'"{dtype}"'.encode())
            made.writestr(name, content)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Weights that must be refused."""
    folder = tmp_path_factory.mktemp("files")
    wf = models.GRUChain(units=8)
    wf.save(folder / "narrow.keras")
    whole = (folder / "narrow.keras").read_bytes()
    (folder / "truncated.keras").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.keras").write_bytes(b"")
    models.LSTMLattice(units=8, num_layers=1).save(folder / "other.keras")
    models.GRUChain(units=8, layer_norm=True).save(folder / "normalised.keras")
    graft(folder / "extra.keras", folder / "narrow.keras", folder / "normalised.keras")
    graft(folder / "missing.keras", folder / "normalised.keras", folder / "narrow.keras")
    graft(folder / "half.keras", folder / "narrow.keras", folder / "narrow.keras", "float16")
    (folder / "file").write_text("in the way")
    return folder


BAD_INPUT = {
    "odd": (["--sizes=7,9", "--weights=gru-chain-80"], "no reference energy|does not exist"),
    "shrinking": (["--sizes=100,80"], "--sizes must grow"),
    "repeated": (["--sizes=80,80"], "--sizes must grow"),
    "no sizes": (["--sizes="], "--sizes must"),
    "words": (["--sizes=80,many"], "--sizes must be whole numbers"),
    "one": (["--sizes=1"], "--sizes must lie in 2"),
    "unknown size": (["--sizes=82"], "no reference energy"),
    "steps": (["--steps=0"], "--steps must be positive"),
    "negative steps": (["--steps=-5"], "--steps must be positive"),
    "too many steps": (["--sizes=80,100", "--steps=1,2,3"], "--steps needs one number or one"),
    "units": (["--units=0"], "--units must lie in 1"),
    "samples": (["--num_samples=-1"], "--num_samples must lie in 2"),
    "one sample": (["--num_samples=1"], "--num_samples must lie in 2"),
    "evaluation": (["--evaluation_samples=0"], "--evaluation_samples must lie in 1"),
    "rate": (["--learning_rate=0"], "--learning_rate must be positive"),
    "rate nan": (["--learning_rate=nan"], "--learning_rate must be positive"),
    "machines": (["--strategy=multiworker", "--output_dir=a"], "needs the variable TF_CONFIG"),
    "seed": (["--seed=-1"], "--seed must lie in 0"),
    "missing": (["--weights=missing.keras"], "no weights at missing.keras.*gru-chain-80"),
    "truncated": (["--weights={files}/truncated.keras"], "cannot load .*truncated.keras"),
    "empty": (["--weights={files}/empty.keras"], "cannot load .*empty.keras"),
    "extra layer": (
        ["--weights={files}/extra.keras"],
        r"cannot load .*extra.keras.* It holds 7 arrays for the 5 of GRUChain\(units=8\)",
    ),
    "missing layer": (["--weights={files}/missing.keras"], "cannot load .*missing.keras.* not be"),
    "half precision": (["--weights={files}/half.keras"], "cannot load .*half.keras.* not float16"),
    "width": (
        ["--weights={files}/narrow.keras", "--units=16"],
        r"holds GRUChain\(units=8\), but GRUChain\(units=16\) is asked for",
    ),
    "class": (["--weights={files}/other.keras"], r"holds LSTMLattice.*but GRUChain"),
    "file": (["--output_dir={files}/file/below"], "cannot write to .*file/below"),
    "folder": (["--output_dir={files}/file"], "cannot write to .*file"),
    "argument": (["300"], "unknown arguments: 300"),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_gets_one_line(case, files, tmp_path, in_process):
    arguments, message = BAD_INPUT[case]
    arguments = [a.format(files=files) for a in arguments]
    before = sorted(os.listdir(files))
    status, stderr = in_process("fig3", arguments)
    assert status == 2
    assert re.search(message, stderr), stderr
    assert stderr.startswith("error: ")
    assert stderr.count("\n") == 1
    assert os.listdir(tmp_path) == []
    assert sorted(os.listdir(files)) == before


def test_unknown_flag(tmp_path, fig3):
    result = fig3("--speed=1", cwd=tmp_path)
    assert result.returncode != 0
    assert "Unknown command line flag 'speed'" in result.stderr + result.stdout
