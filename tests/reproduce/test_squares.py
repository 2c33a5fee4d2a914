"""Figure 4 and Table I in small runs, and from a run to a preset that loads."""

import itertools
import json
import pathlib
import re

import keras
import numpy as np
import pytest
from keras import ops

import models
from models import zoo
from reproduce.publish import place
from reproduce.store import weights
from tests.helpers import read_csv

SMALL = ["--recipe=best", "--units=4", "--num_samples=20", "--evaluation_samples=50"]


PUBLISH = [
    "--name=tiny", "--description=A tiny one.", "--samples=60", "--other_samples=20",
]  # fmt: skip


def publishing(folder, *arguments):
    """What publishes of the run in a folder."""
    return [f"--run={folder / 'run'}", f"--zoo={folder / 'zoo/weights'}", *PUBLISH, *arguments]


@pytest.fixture(scope="module")
def grown(tmp_path_factory, script):
    """A folder with a small run of figure 4."""
    folder = tmp_path_factory.mktemp("fig4")
    result = script(
        "fig4", *SMALL, "--sizes=2,4", "--steps=3", "--output_dir=run", cwd=folder
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return folder, result.stdout


def test_figure_4_leaves_everything(grown):
    folder, output = grown
    assert sorted(p.name for p in (folder / "run").iterdir()) == [
        "fig4.csv", "fig4.json", "fig4.pdf", "fig4.png", "history.csv", "weights",
    ]  # fmt: skip
    record = json.loads((folder / "run/fig4.json").read_text())
    assert [row["stage"] for row in record["results"]] == ["2x2", "4x4"]
    assert [row["reference"] for row in record["results"]] == pytest.approx([-2, -9.189207065192])
    assert record["results"][1]["relative_error_before"] > 0
    assert "the error is large at 8 and 10 and falls as the side grows" in output
    assert "LSTMLattice(units=4" in output


def test_table_1_trains_both_ways(tmp_path, script):
    result = script(
        "table1", *SMALL, "--weights=none", "--side=2", "--steps=3,2,2", "--output_dir=run",
        cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    rows = read_csv(tmp_path / "run/table1.csv")
    assert [row["stage"] for row in rows] == ["unsymmetrised", "symmetrised", "fine-tuned"]
    assert [row["minibatches"] for row in rows] == ["3", "2", "2"]
    wf = keras.saving.load_model(tmp_path / "run/weights/fine-tuned.keras")
    assert isinstance(wf, models.Symmetrized)
    spins = wf.sample(3, (4, 4), seed=0)
    np.testing.assert_allclose(wf(spins)[0], wf(ops.transpose(spins, (0, 2, 1)))[0], atol=1e-5)
    # The last stage started from the weights of the one before.
    assert float(rows[2]["relative_error_before"]) == pytest.approx(
        float(rows[1]["relative_error"]), abs=0.6
    )


def test_training_from_scratch_is_compared(tmp_path, script):
    result = script(
        "fig3", *SMALL, "--sizes=10,100", "--steps=4,2", "--compare_from_scratch",
        "--output_dir=run", cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    rows = read_csv(tmp_path / "run/fig3.csv")
    assert [row["stage"] for row in rows] == ["10", "100", "100 from scratch"]
    assert [row["minibatches"] for row in rows] == ["4", "2", "6"]
    assert "growing takes far fewer samples" in result.stdout
    assert (tmp_path / "run/weights/from-scratch/100.keras").is_file()


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("fig4", ["--max_side=7"], "--max_side must be 6, 8, ..., not 7"),
        ("fig4", ["--max_side=8", "--sizes=6,8"], "give one"),
        ("fig4", ["--sizes=6,8", "--compare_from_scratch"], "compares at 10, which must be among"),
        ("fig4", ["--sizes=6,100"], "no reference energy for Square"),
        ("table1", ["--side=5"], "total_sz|up spins|whole"),
        ("table1", ["--recipe=best", "--steps=1,2"], "one number or one for each of 3 stages"),
    ],
)
def test_bad_input_gets_one_line(name, arguments, message, tmp_path, in_process):
    status, stderr = in_process(name, ["--weights=none", *arguments])
    assert status == 2
    assert re.search(message, stderr), stderr
    assert stderr.startswith("error: ")
    assert stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_preset_is_made_of_a_run(grown, monkeypatch, script, in_process):
    folder, _ = grown
    published = script("publish", *publishing(folder, "--stage=4x4", "--other_sizes=2"), cwd=folder)
    assert published.returncode == 0, published.stderr
    monkeypatch.setattr(zoo, "WEIGHTS", folder / "zoo/weights")
    assert models.presets() == {"tiny": "A tiny one."}
    wf = models.load("tiny")
    card = wf.card
    assert card["trained_at"] == 4
    assert card["training"]["minibatches"] == 6
    assert [(row["size"], row["trained"]) for row in card["energies"]] == [(4, True), (2, True)]
    assert "--recipe=best --units=4" in card["command"]
    spins = np.array([[int(c) for c in row] for row in card["fingerprint"]["spins"]])
    spins = spins.reshape(-1, *card["fingerprint"]["shape"])
    log_amplitude, _ = wf(spins)
    np.testing.assert_allclose(log_amplitude, card["fingerprint"]["log_amplitude"], atol=1e-5)

    # Its average, without any training; and what is averaged, to train it further.
    average = ["--stage=4x4", "--average=square", "--name=averaged"]
    averaged = script("publish", *publishing(folder, *average), cwd=folder)
    assert averaged.returncode == 0, averaged.stderr
    average = models.load("averaged")
    expected = models.Symmetrized(wf, "square", spin_flip=True)
    spins = wf.sample(4, (4, 4), seed=0)
    np.testing.assert_allclose(average(spins)[0], expected(spins)[0], atol=1e-6)
    assert "--average=square" in average.card["published_with"]
    base = weights.load("averaged", models.LSTMLattice, units=4)
    np.testing.assert_array_equal(base(spins)[0], wf(spins)[0])

    before = (folder / "zoo/weights/tiny/card.json").read_bytes()
    status, stderr = in_process("publish", publishing(folder, "--stage=4x4"))
    assert status == 2
    assert "is there already: --force replaces it" in stderr
    assert (folder / "zoo/weights/tiny/card.json").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--stage=6x6"], "the run's stages are 2x2, 4x4"),
        (["--stage=4x4", "--other_sizes=a"], "--other_sizes must be whole numbers"),
        (["--stage=4x4", "--run=nowhere"], "nowhere holds no run"),
        (
            ["--stage=4x4", "--name=other", "--average=reflection"],
            "--average=reflection: The group 'reflection'",
        ),
    ],
)
def test_publishing_what_is_not_there(arguments, message, grown, in_process):
    folder, _ = grown
    status, stderr = in_process("publish", publishing(folder, *arguments))
    assert status == 2
    assert message in stderr
    assert stderr.count("\n") == 1


@pytest.fixture
def zoo_with_a_preset(tmp_path):
    """A zoo with a preset called tiny, and what its files hold."""
    folder = tmp_path / "data/weights/tiny"
    place.place(folder, models.GRUChain(units=2), {"description": "The old one."})
    return folder, {path.name: path.read_bytes() for path in folder.iterdir()}


class Stopped(BaseException):
    """As a signal stops a run."""


def failing(method, number, error):
    """A method that fails at its call of some number, and works before and after."""
    calls = itertools.count(1)

    def call(*arguments, **options):
        if next(calls) == number:
            raise error
        return method(*arguments, **options)

    return call


@pytest.mark.parametrize(
    ("owner", "name", "number"),
    [
        (models.GRUChain, "save", 1),
        (place, "write_json", 1),
        (pathlib.Path, "rename", 1),
        (pathlib.Path, "rename", 2),
    ],
)
@pytest.mark.parametrize("error", [OSError("no space is left"), Stopped()])
def test_a_preset_is_replaced_as_a_whole_or_not_at_all(
    owner, name, number, error, zoo_with_a_preset, monkeypatch
):
    folder, before = zoo_with_a_preset
    wf = models.GRUChain(units=3)
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, failing(getattr(owner, name), number, error))
        with pytest.raises(type(error)):
            place.place(folder, wf, {"description": "The new one."})
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in folder.parent.parent.iterdir()] == ["weights"]
    monkeypatch.setattr(zoo, "WEIGHTS", folder.parent)
    assert models.presets() == {"tiny": "The old one."}

    place.place(folder, wf, {"description": "The new one."})
    assert models.load("tiny").units == 3
    assert models.presets() == {"tiny": "The new one."}
    assert [path.name for path in folder.parent.parent.iterdir()] == ["weights"]


def test_a_first_preset_leaves_nothing_of_itself_where_it_fails(tmp_path, monkeypatch):
    folder = tmp_path / "data/weights/tiny"
    monkeypatch.setattr(place, "write_json", failing(place.write_json, 1, OSError("full")))
    with pytest.raises(OSError, match="full"):
        place.place(folder, models.GRUChain(units=2), {})
    assert list((tmp_path / "data").rglob("*")) == [tmp_path / "data/weights"]


def test_what_can_not_be_put_back_stays_beside_the_zoo(zoo_with_a_preset, monkeypatch):
    folder, before = zoo_with_a_preset
    rename = pathlib.Path.rename

    def only_away(path, target):
        if target == folder:
            raise OSError("not there")
        return rename(path, target)

    monkeypatch.setattr(pathlib.Path, "rename", only_away)
    with pytest.raises(OSError, match="not there"):
        place.place(folder, models.GRUChain(units=3), {"description": "The new one."})
    (old,) = folder.parent.parent.glob(".partial-*/old")
    assert {path.name: path.read_bytes() for path in old.iterdir()} == before
