"""What the tests of scripts share."""

import functools
import importlib
import subprocess
import sys

import pytest
from absl import flags

from reproduce import figure, settings
from reproduce.runs import guarded


@pytest.fixture(scope="session")
def script():
    """Runs a script of `reproduce` in a new interpreter."""

    def run(name, *arguments, cwd):
        return subprocess.run(
            [sys.executable, "-m", f"reproduce.{name}", *arguments],
            cwd=cwd, capture_output=True, text=True, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def in_process(tmp_path, monkeypatch, capfd):
    """Runs a script in this interpreter and an empty folder; its status and error output."""

    def run(name, arguments):
        module = importlib.import_module(f"reproduce.{name}")
        if hasattr(module, "__path__"):
            module = importlib.import_module(f"reproduce.{name}.__main__")
        monkeypatch.chdir(tmp_path)
        values = flags.FlagValues()
        for place in (flags, module, figure, settings):
            monkeypatch.setattr(place, "FLAGS", values, raising=place is flags)
        for kind in ("enum", "list", "integer", "float", "string", "bool"):
            define = getattr(flags, f"DEFINE_{kind}")
            define = functools.partial(define, flag_values=values)
            monkeypatch.setattr(flags, f"DEFINE_{kind}", define)
        module.define_flags()
        capfd.readouterr()
        status = guarded(module.main, values([name, *arguments]))
        return status, capfd.readouterr().err

    return run
