"""Presets made of runs on an accelerator."""

import json

import pytest

import models
from models import zoo
from reproduce.publish import training
from reproduce.store import weights

NETWORK = {"units": 2, "num_layers": 1, "phase": "none", "marshall_sign": True, "total_sz": 0}
MEASURED = {"mean": -9.1, "std_error": 0.01, "variance": 0.4, "imaginary_mean": 0.0,
            "num_sites": 16}  # fmt: skip


def phase(side, minibatches, *, rate=1e-3, averaged=False, **others):
    row = {"side": side, "num_samples": 10, "rate": rate, "to": 0.1, "averaged": averaged,
           "seconds": 5.0}  # fmt: skip
    return row | ({"minibatches": minibatches} if rate else MEASURED) | others


def write(folder, phases):
    """A run as `reproduce.accelerated` leaves it."""
    for row in phases:
        if row["rate"]:
            name = f"{row['side']}{'-averaged' if row['averaged'] else ''}"
            (folder / "weights").mkdir(parents=True, exist_ok=True)
            weights.save(models.LSTMLattice(**NETWORK), folder / "weights" / f"{name}.keras")
    record = {"command": "python -m reproduce.accelerated", "versions": {}, "device": "GPU"}
    (folder / "accelerated.json").write_text(json.dumps(record | {"phases": phases}))


@pytest.fixture
def runs(tmp_path):
    """A folder with a run that grew, and one that went on from it with averages."""
    write(tmp_path / "grown", [phase(2, 30), phase(2, 7, averaged=True), phase(4, 20)])
    more = [phase(2, 1000, averaged=True), phase(4, 3, averaged=True),
            phase(4, 0, rate=0, averaged=True, num_samples=500)]  # fmt: skip
    write(tmp_path / "averages", more)
    return tmp_path


def test_an_average_of_several_runs(runs, monkeypatch, in_process):
    status, error = in_process(
        "publish",
        [f"--run={runs}/averages", "--stage=4-averaged", f"--earlier={runs}/grown:4",
         f"--measured={runs}/averages:4-averaged", "--name=tiny", "--description=Tiny.",
         f"--zoo={runs}/zoo/weights"],
    )  # fmt: skip
    assert status == 0, error
    monkeypatch.setattr(zoo, "WEIGHTS", runs / "zoo/weights")
    wf = models.load("tiny")
    assert isinstance(wf, models.Symmetrized)
    # The averages of 2x2 did not lead here.
    assert wf.card["training"]["minibatches"] == 30 + 20 + 3
    assert wf.card["training"]["samples"] == 10 * (30 + 20 + 3)
    assert wf.card["training"]["seconds"] == 15.0
    (row,) = wf.card["energies"]
    assert (row["size"], row["num_samples"], row["trained"]) == (4, 500, True)
    assert row["relative_error"] == pytest.approx(1 - 9.1 / 9.189207065192)
    assert row["v_score"] == pytest.approx(16 * 0.4 / 9.1**2)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--stage=6"], "the run's stages are 2-averaged, 4-averaged"),
        (["--stage=4-averaged", "--measured=averages"], "as FOLDER:STAGE, not averages"),
        (["--stage=4-averaged", "--measured=averages:2"], "measured 2"),
        (["--stage=2-averaged", "--measured=averages:4-averaged"], "is not about Square(2, 2)"),
        (["--stage=4-averaged", "--earlier=nowhere:4"], "nowhere holds no run"),
    ],
)
def test_what_was_not_run(options, message, runs, in_process, monkeypatch):
    options = [option.replace("averages:", f"{runs}/averages:") for option in options]
    status, error = in_process(
        "publish",
        [f"--run={runs}/averages", "--name=tiny", "--description=Tiny.", *options,
         f"--zoo={runs}/zoo/weights"],
    )  # fmt: skip
    assert status == 2
    assert message in error
    assert error.count("\n") == 1


def test_a_stage_that_was_only_measured(runs):
    write(runs / "measured", [phase(4, 3), phase(2, 0, rate=0, num_samples=9)])
    (runs / "measured/weights/2.keras").write_bytes(b"")
    with pytest.raises(training.RunError, match="2 was only measured"):
        training.read(runs / "measured", "2")
    assert training.measured(runs / "measured", "2").num_samples == 9
