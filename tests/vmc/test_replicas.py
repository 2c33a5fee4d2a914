"""Several devices and several machines: one minibatch, one gradient, the same weights."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.helpers import free_addresses


def start(program, *arguments):
    """Starts a program of `on_replicas` in a process of its own."""
    code = "import sys; from tests.vmc.on_replicas import main; main(*sys.argv[1:])"
    command = [sys.executable, "-c", code, program, *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )  # fmt: skip


def result(process):
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    return json.loads(stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory):
    return result(start("mirrored", tmp_path_factory.mktemp("mirrored")))


@pytest.mark.parametrize("kind", ["gradient", "natural"])
def test_the_update_is_that_of_one_replica_with_all_samples(mirrored, kind):
    """Baseline, clipped energies, clipped norm: nothing is a replica's own."""
    step = mirrored["steps"][kind]
    assert step["replicas agree"]
    assert step["norm"] > 0.1  # so that clipping has something to do
    assert step["energy gap"] < 1e-5
    assert step["gap"] < 1e-5 < step["largest"]


def test_each_replica_has_its_own_random_stream(mirrored):
    spins = np.array(mirrored["steps"]["gradient"]["spins"])
    assert spins.shape == (12, 6)
    assert not np.array_equal(spins[:6], spins[6:])


def test_goes_on_where_it_was_interrupted(mirrored):
    assert len(mirrored["energies"]) == 4
    assert mirrored["resumed"] == mirrored["weights"]


def test_errors(mirrored):
    samples, wave_function, optimizer = mirrored["errors"]
    assert samples == "num_samples must be a multiple of the number of replicas, 2, not 11."
    assert "wave function and vmc.VMC must be made under the scope of the same" in wave_function
    assert "optimizer and vmc.VMC must be made under the scope of the same" in optimizer


def test_two_machines_and_one_that_is_lost(mirrored, tmp_path):
    """The second stops after a step, and is killed after the next: the first has kept both."""
    hosts = ",".join(free_addresses(2))
    first, second = (start("worker", number, hosts, tmp_path) for number in range(2))
    found = result(first)
    second.communicate()
    assert second.returncode == -9
    np.testing.assert_allclose(found["energies"], mirrored["energies"], rtol=1e-6)
    assert found["weights"] == mirrored["weights"]
    assert found["lost"] == ["another worker has stopped", "another worker was lost"]
    assert found["step"] == 2
    np.testing.assert_allclose(found["energies kept"], mirrored["energies"][:2], rtol=1e-6)
