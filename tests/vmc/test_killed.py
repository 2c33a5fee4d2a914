"""Runs that are killed, or whose checkpoints fail, end as if nothing had happened."""

import errno
import os
import random
import subprocess
import sys
import time

import pytest

import vmc
from tests.vmc import to_be_killed


def start(folder=None):
    """The run, in a process of its own."""
    code = "import sys; from tests.vmc.to_be_killed import train; print(train(*sys.argv[1:]))"
    command = [sys.executable, "-c", code, *([str(folder)] if folder else [])]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def uninterrupted():
    stdout, stderr = start().communicate()
    assert stdout, stderr
    return stdout.splitlines()[-1]


def test_two_processes_come_to_the_same_bits(uninterrupted):
    assert to_be_killed.train() == uninterrupted


@pytest.mark.parametrize("kills", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_killed_at_random_moments(kills, uninterrupted, tmp_path):
    """Nothing but the steps since the last checkpoint is done twice."""
    rng = random.Random(kills)
    reached = 0
    for number in range(kills):
        process = start(tmp_path)
        # In the order of the kills, so that each finds something left to do.
        last = max(reached + 1, to_be_killed.STEPS * (number + 1) // (kills + 1))
        for line in process.stdout:
            step = int(line.split()[1])
            assert step >= reached  # its own checkpoint may be missing
            reached = max(reached, step)
            if reached >= last:
                break
        time.sleep(rng.random() * 0.02)
        process.kill()
        process.wait()
        assert process.returncode == -9
    stdout, stderr = start(tmp_path).communicate()
    *steps, digest = stdout.splitlines()
    assert "Traceback" not in stderr
    assert digest == uninterrupted
    assert int(steps[0].split()[1]) >= reached


def test_a_checkpoint_that_cannot_be_written_or_read(uninterrupted, tmp_path, monkeypatch):
    writes = []

    def full(descriptor):
        writes.append(descriptor)
        if len(writes) == 10:
            raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(vmc.CheckpointError, match=r"No space left on device; .* is intact"):
            to_be_killed.train(tmp_path)
    kept = vmc.Checkpoints(tmp_path).files()
    assert [path.stem for path in kept] == ["00000007", "00000008"]
    # The newest is damaged, so that the run goes on from the one before it.
    contents = [path.read_bytes() for path in kept]
    kept[1].write_bytes(contents[1][: len(contents[1]) // 2])
    assert to_be_killed.train(tmp_path) == uninterrupted
    # With none that is whole it does not begin again, as if there were none.
    for path in vmc.Checkpoints(tmp_path).files():
        path.write_bytes(contents[0][:100])
    with pytest.raises(vmc.CheckpointError, match=r"no checkpoint in .* is whole"):
        to_be_killed.train(tmp_path)
