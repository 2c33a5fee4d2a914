"""A recipe of one's own: it runs as the figures do, and what is wrong with it is said."""

import contextlib
import io
import json
import re

import numpy as np
import pytest

from reproduce.__main__ import commands, main
from tests.helpers import read_csv

RECIPE = """
import models, vmc
from reproduce.experiment import Recipe

def recipe(settings):
    sizes = settings.sizes or (4, 6)
    steps = settings.steps_or(3, *[2] * (len(sizes) - 1))
    return Recipe(
        name="small",
        network=models.GRUChain,
        model={"units": 2, "phase": "none"},
        make_hamiltonian=lambda lattice: vmc.Ising(lattice, field=0.5),
        stages=[vmc.Stage(vmc.Chain(n), k, num_samples=8) for n, k in zip(sizes, steps)],
        evaluation_samples=50,
    )
"""


@pytest.fixture
def grow(tmp_path, in_process):
    """Grows by a recipe: exit status, what was printed, error output."""

    def run(text, *arguments):
        (tmp_path / "mine.py").write_text(text)
        with contextlib.redirect_stdout(io.StringIO()) as output:
            status, error = in_process("grow", ["--recipe=mine.py", *arguments])
        return status, output.getvalue(), error

    return run


def test_it_runs_as_the_figures_do(grow, tmp_path):
    status, output, error = grow(RECIPE, "--seed=2")
    assert (status, error) == (0, "")
    assert "recipe 'small'" in output
    assert re.search(r"2 stages, 5 minibatches", output)
    folder = tmp_path / "out/mine"
    assert sorted(path.name for path in folder.iterdir()) == [
        "history.csv", "mine.csv", "mine.json", "mine.pdf", "mine.png", "weights",
    ]  # fmt: skip
    record = json.loads((folder / "mine.json").read_text())
    assert [row["stage"] for row in record["results"]] == ["4", "6"]
    # Free fermions: minus the sum of the singular values of h on the diagonal and J beside it.
    exact = [-np.linalg.svd(0.5 * np.eye(n) + np.eye(n, k=1))[1].sum() for n in (4, 6)]
    assert [row["reference"] for row in record["results"]] == pytest.approx(exact, abs=1e-6)
    assert record["runs"][0]["hamiltonians"] == [
        f"Ising(Chain({n}), field=0.5, coupling=1)" for n in (4, 6)
    ]


def test_where_no_exact_energy_is_known(grow, tmp_path):
    status, output, _ = grow(RECIPE, "--sizes=4,18", "--steps=1")
    assert status == 0
    rows = read_csv(tmp_path / "out/mine/mine.csv")
    assert [bool(row["relative_error"]) for row in rows] == [True, False]
    assert float(rows[1]["energy"]) < 0
    assert "holds  no energy lies below the exact one" in output
    status, output, _ = grow(RECIPE, "--sizes=17,18", "--steps=1")
    assert status == 0
    assert "no exact energy is known for these lattices" in output


@pytest.mark.parametrize(
    ("text", "arguments", "message"),
    [
        (RECIPE, ["--recipe=other.py"], "there is no file other.py"),
        ("x = 1", [], "mine.py does not define `recipe`"),
        ("recipe = 3", [], "mine.py does not define `recipe`"),
        ("def recipe(settings): return 3", [], "`recipe` returned 3"),
        (RECIPE + "\nfrom reproduce.experiment import Settings\nrecipe = recipe(Settings())",
         ["--sizes=4,6"], "--sizes and --steps need a recipe that is a function"),
        (RECIPE, ["--steps=1,2,3"], "one number or one for each of 2 stages"),
        (RECIPE, ["--num_layers=2"], "GRUChain has one layer"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_line(text, arguments, message, grow):
    status, _, error = grow(text, *arguments)
    assert status == 2
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1


def test_commands_are_listed(capsys):
    main()
    lines = capsys.readouterr().out.splitlines()
    found = commands()
    assert {"fig3", "fig4", "table1", "grow", "check", "publish"} <= set(found)
    assert all(len(line) < 100 and line.endswith(".") for line in found.values()), found
    assert [line.split()[2] for line in lines[: len(found)]] == [f"reproduce.{n}" for n in found]
