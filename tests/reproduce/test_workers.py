"""Two workers on one machine from the command line: to the end, and stopped on the way."""

import json
import os
import re
import signal
import subprocess
import sys

import keras
import numpy as np
import pytest

from tests.helpers import free_addresses

pytestmark = pytest.mark.slow

RUN = [
    "--strategy=multiworker", "--weights=none", "--units=8", "--sizes=8,10", "--steps=80",
    "--num_samples=20", "--evaluation_samples=200", "--output_dir=run",
]  # fmt: skip


@pytest.fixture
def start(tmp_path):
    """Starts both workers in a folder; returns their processes."""

    def both(folder):
        (tmp_path / folder).mkdir(exist_ok=True)
        hosts = free_addresses(2)
        return [
            subprocess.Popen(
                [sys.executable, "-u", "-m", "reproduce.fig3", *RUN],
                cwd=tmp_path / folder, env=os.environ | {"TF_CONFIG": json.dumps({
                    "cluster": {"worker": hosts}, "task": {"type": "worker", "index": number},
                })},
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for number in range(2)
        ]  # fmt: skip

    return both


def finish(processes):
    """Status, output and errors of each."""
    outputs = [process.communicate(timeout=300) for process in processes]
    return [(p.returncode, *output) for p, output in zip(processes, outputs)]


def weights(folder):
    return keras.saving.load_model(folder / "run/weights/10.keras").get_weights()


@pytest.mark.parametrize(
    ("number", "stopped", "status", "other_status"),
    [(signal.SIGTERM, 0, 143, 2), (signal.SIGTERM, 1, 143, 2), (signal.SIGKILL, 0, -9, 2)],
)
def test_stopped_and_started_again(number, stopped, status, other_status, start, tmp_path):
    """Whichever worker stops, the other says so, and both together come to the same weights."""
    assert [result[0] for result in finish(start("whole"))] == [0, 0]
    processes = start("cut")
    for line in processes[0].stdout:
        if re.search(r"^\s*10 .* step 1/", line):
            break
    processes[stopped].send_signal(number)
    results = finish(processes)
    assert results[stopped][0] == status, results
    assert results[1 - stopped][0] == other_status, results
    assert re.search("another worker .*: start all of them again", results[1 - stopped][2])
    assert not any("Traceback" in result[2] for result in results)
    again = finish(start("cut"))
    assert [result[0] for result in again] == [0, 0], again
    assert "going on from a checkpoint" in again[0][1]
    for one, other in zip(weights(tmp_path / "whole"), weights(tmp_path / "cut"), strict=True):
        np.testing.assert_array_equal(one, other)
