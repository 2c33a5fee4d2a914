"""What the tests of commands share."""

import importlib
import subprocess
import sys

import pytest
from absl import flags

from reproduce.console import options
from reproduce.console.command import guarded


@pytest.fixture(scope="session")
def script():
    """Runs a command of `reproduce` in a new interpreter."""

    def run(name, *arguments, cwd):
        return subprocess.run(
            [sys.executable, "-m", f"reproduce.{name}", *arguments],
            cwd=cwd, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def in_process(tmp_path, monkeypatch, capfd):
    """Runs a command in this interpreter and an empty folder; its status and error output."""

    def run(name, arguments):
        module = importlib.import_module(f"reproduce.{name}")
        if hasattr(module, "__path__"):
            module = importlib.import_module(f"reproduce.{name}.__main__")
        monkeypatch.chdir(tmp_path)
        values = flags.FlagValues()
        options.define(module.Options, values)
        capfd.readouterr()
        rest = values([name, *arguments])
        status = guarded(lambda: module.main(options.read(module.Options, values)), rest)
        return status, capfd.readouterr().err

    return run
