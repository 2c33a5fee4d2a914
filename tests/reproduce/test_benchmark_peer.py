"""The race against another library, with a stand-in that takes known times."""

import contextlib
import io
import re
import sys

import pytest

import models
import vmc
from reproduce.benchmark.cases import Case
from reproduce.benchmark.peer import Peer, race
from reproduce.console.errors import RunError

STAND_IN = """
import json, sys

def serve(settings):
    print(json.dumps({"version": "0", "parameters": 1234}), flush=True)
    for number, _ in enumerate(sys.stdin):
        print(json.dumps({"seconds": settings["seconds"] * (1 + number % 2)}), flush=True)
"""


@pytest.fixture
def stand_in(tmp_path):
    """Makes peers whose steps take a time and twice that in turn."""
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN)

    def start(seconds):
        return Peer(sys.executable, {"seconds": seconds}, str(script))

    return start


def test_peers_step_when_they_are_told(stand_in):
    with stand_in(2.0) as peer:
        assert (peer.version, peer.parameters) == ("0", 1234)
        assert [peer.step() for _ in range(3)] == [2.0, 4.0, 2.0]
    assert peer._process.returncode is not None


def test_the_race_takes_a_step_in_turn(stand_in, capsys, monkeypatch):
    monkeypatch.setattr(Case, "taught", lambda case, network: network())
    case = Case(
        name="chain", lattice=vmc.Chain, size=6, network=lambda: models.GRUChain(units=4),
        num_samples=4, race=(6, 4), taught_size=6, growing=None, sizes=None, repeats=3,
    )  # fmt: skip
    with stand_in(1000.0) as slow, stand_in(1e-9) as fast:
        race(case, {"slow": slow, "fast": fast})
        # Three steps were taken: this is the fourth.
        assert slow.step() == 2000.0
    output = capsys.readouterr().out
    assert "Chain(6), 4 units, 4 samples" in output
    ours, ratio = (
        float(re.search(pattern, output)[1])
        for pattern in (r"this project, float32 +\S+ +(\S+)", r"slow +1,234 +1000\.000 +(\S+) ")
    )
    assert ratio == pytest.approx(1000 / ours, rel=0.5)  # printed to the millisecond
    assert re.search(r"fast +1,234 +0\.000 +0\.0 ", output)


def test_a_peer_that_ends_is_an_error(tmp_path):
    script = tmp_path / "broken.py"
    script.write_text("def serve(settings):\n    raise SystemExit(7)\n")
    with pytest.raises(RunError, match="the peer has ended with status 7"):
        Peer(sys.executable, {}, str(script))


def test_without_netket(in_process, monkeypatch, tmp_path):
    (tmp_path / "jax.py").write_text("raise ModuleNotFoundError(name='netket')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with contextlib.redirect_stdout(io.StringIO()):
        status, error = in_process("benchmark", ["--peer=netket"])
    assert status == 2
    assert error.count("\n") == 1
    assert error.startswith(f"error: NetKet is missing, {sys.executable} has no netket: ")
    assert "pip install netket" in error


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--lattice=square"], "--peer races chains"),
        (["--peer_python=/nowhere/python"], "cannot start /nowhere/python: "),
    ],
)
def test_bad_flags_get_one_line(arguments, message, in_process):
    with contextlib.redirect_stdout(io.StringIO()):
        status, error = in_process("benchmark", ["--peer=netket", *arguments])
    assert status == 2
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1


def test_the_networks_have_as_many_weights():
    """As NetKet 3.23 says of its network with 128 units and a layer to read it out."""
    assert models.GRUChain(units=128).count_params() == pytest.approx(50_706, rel=0.01)
