"""The packages find each other and their data, whatever lies in the user's folder."""

import os
import pathlib
import subprocess
import sys

import pytest

pytestmark = pytest.mark.any_backend

ROOT = pathlib.Path(__file__).parent.parent

USE = """
import models, vmc
from reproduce.reference import paper, reference_energy
from reproduce.report import archive
assert "gru-chain-80" in models.presets()
assert models.load("gru-chain-80").units == 64
assert abs(reference_energy(vmc.Heisenberg(vmc.Chain(80))).energy + 35.26) < 0.01
assert "table1" in [result.name for result in archive.read()]
"""


def python(code, folder):
    """Runs code in a folder, with this checkout on the path behind it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment, cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


def make(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    return folder


@pytest.mark.parametrize(
    "names",
    [
        ("data/mine.csv", "models/readme.txt", "vmc/notes.txt", "reproduce/notes.txt"),
        ("data/__init__.py", "data/weights"),
        ("data.py",),
    ],
    ids=str,
)
def test_folders_of_the_same_names(names, tmp_path):
    done = python(USE, make(tmp_path, *names))
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["models/__init__.py", "models.py"])
@pytest.mark.parametrize("code", ["import vmc", "import reproduce.fig3.__main__"])
def test_another_package_models_is_named(name, code, tmp_path):
    done = python(code, make(tmp_path, name))
    assert done.returncode == 1
    message = done.stderr.strip().splitlines()[-1]
    assert message == (
        f"ImportError: vmc needs the package models that came with it, {ROOT / 'models'}, but "
        f"Python finds {tmp_path / name}: give that another name, or work in another folder."
    )
