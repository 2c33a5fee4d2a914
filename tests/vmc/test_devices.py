"""Several devices on JAX: one minibatch, one gradient, the same weights."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tests.helpers import backend_is_jax

pytestmark = [
    pytest.mark.any_backend,
    pytest.mark.skipif(not backend_is_jax(), reason="replicas of TensorFlow have their own test"),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    code = "import sys; from tests.vmc.on_devices import main; main(*sys.argv[1:])"
    folder = tmp_path_factory.mktemp("devices")
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False,
        env={**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=2"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("kind", ["gradient", "natural"])
def test_the_update_is_that_of_one_device_with_all_samples(found, kind):
    """Baseline, clipped energies, clipped norm: nothing is a device's own."""
    step = found["steps"][kind]
    assert found["devices"] == 2
    assert step["norm"] > 0.1  # so that clipping has something to do
    assert abs(step["norm gap"]) < 1e-5 * step["norm"] + 1e-5
    assert step["energy gap"] < 1e-5
    assert step["gap"] < 1e-5 * max(1, step["largest"])
    assert step["largest"] > 1e-4


def test_each_device_has_its_own_random_stream(found):
    spins = np.array(found["steps"]["gradient"]["spins"])
    assert spins.shape == (12, 6)
    assert not np.array_equal(spins[:6], spins[6:])


def test_goes_on_where_it_was_interrupted(found):
    assert len(found["energies"]) == 4
    assert found["resumed"] == found["weights"]


def test_samples_that_cannot_be_shared(found):
    assert found["error"] == "num_samples must be a multiple of the number of replicas, 2, not 11."
