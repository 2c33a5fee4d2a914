"""What all scripts do around their work: errors in a line, and how much is said."""

import io
import json
import re
import sys

import pytest
from absl import logging

from reproduce.console.command import guarded, show_what_can_be_shown
from reproduce.console.errors import RunError
from tests.helpers import backend_is_tensorflow


@pytest.fixture
def verbosity():
    before = logging.get_verbosity()
    yield logging.set_verbosity
    logging.set_verbosity(before)


@pytest.mark.skipif(not backend_is_tensorflow(), reason="only TensorFlow has a logger of its own")
@pytest.mark.parametrize(("level", "name"), [(1, "DEBUG"), (0, "WARNING"), (-2, "ERROR")])
def test_tensorflow_listens_to_verbosity(level, name, verbosity):
    import tensorflow as tf

    verbosity(level)
    assert guarded(lambda: 0, ["script"]) == 0
    assert tf.get_logger().level == logging.converter.string_to_standard(name)
    assert not tf.get_logger().propagate


def test_an_error_that_the_user_can_mend_is_a_line(capsys):
    def fail():
        raise RunError("try something else")

    assert guarded(fail, ["script"]) == 2
    assert capsys.readouterr().err == "error: try something else\n"
    assert guarded(fail, ["script", "300"]) == 2
    assert capsys.readouterr().err == "error: unknown arguments: 300\n"


def test_help_has_the_flags_that_figures_share(script, tmp_path):
    text = script("table1", "--help", cwd=tmp_path).stdout
    assert "--side:" in text
    assert "--recipe: <quick|paper|best>" in text
    assert "--output_dir:" in text


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])
@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "± σ² 6·10⁻⁴"),
        ("cp1252", "± ?² 6·10??"),
        ("latin-1", "± ?² 6·10??"),
        ("ascii", "? ?? 6?10??"),
    ],
)
def test_what_a_terminal_cannot_show_is_replaced(encoding, shown, errors, monkeypatch):
    streams = {
        name: io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors, newline="\n")
        for name in ("stdout", "stderr")
    }
    for name, stream in streams.items():
        monkeypatch.setattr(sys, name, stream)
    show_what_can_be_shown()
    for stream in streams.values():
        print("± σ² 6·10⁻⁴", file=stream, flush=True)
        assert stream.buffer.getvalue().decode(encoding) == shown + "\n"


def test_streams_that_others_have_put_there(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    error = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace")
    monkeypatch.setattr(sys, "stderr", error)
    show_what_can_be_shown()
    assert error.errors == "backslashreplace"
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    show_what_can_be_shown()


def test_a_run_without_unicode(tmp_path, script, monkeypatch):
    """It ends well, and its files say what they say elsewhere."""
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = script(
        "fig3", "--weights=none", "--units=4", "--sizes=6,8", "--steps=3", "--num_samples=8",
        "--evaluation_samples=20", "--output_dir=out", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert re.search(r"E = -\S+ \+- \S+ \[variance=\S+\]", done.stdout)
    record = json.loads((tmp_path / "out/fig3.json").read_text("utf-8"))
    assert any("±" in verdict["measured"] for verdict in record["verdicts"])
