"""Every backend computes the presets as plain NumPy does, and so as every other backend."""

import keras
import numpy as np
import pytest
from keras import ops

import models
from models.backend import double_precision
from models.uniforms import uniforms
from tests import by_numpy

pytestmark = pytest.mark.any_backend

QUICK = ("gru-chain-80", "lstm-lattice-6", "lstm-lattice-6-symmetrised")
# With these, one preset of each architecture.
FIRST = {models.card(name)["architecture"]: name for name in [*models.presets(), *QUICK]}
NAMES = [
    pytest.param(name, marks=[] if name in QUICK else pytest.mark.one_backend)
    for name in FIRST.values()
]


@pytest.mark.parametrize("name", NAMES)
def test_amplitudes(name):
    """On the card's spins: to 1e-5 in single precision, to 1e-9 in double."""
    with double_precision():
        wf = models.load(name, dtype="float64")
        known = wf.card["fingerprint"]
        spins = np.array([[int(c) for c in row] for row in known["spins"]])
        spins = spins.reshape(-1, *known["shape"])
        expected = by_numpy.amplitudes(wf, spins)
        for one, other in zip(wf(spins), expected, strict=True):
            one = ops.convert_to_numpy(one)
            assert one.dtype == "float64"
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)
    for one, other in zip(models.load(name)(spins), expected, strict=True):
        np.testing.assert_allclose(ops.convert_to_numpy(one), other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "shape"),
    [("gru-chain-80", (10,)), ("lstm-lattice-6", (4, 4))],
)
def test_samples(name, shape):
    """The same random numbers make the same spins."""
    numbers = np.random.default_rng(0).random((50, np.prod(shape)))
    with double_precision():
        wf = models.load(name, dtype="float64")
        found = wf.draw(ops.convert_to_tensor(numbers), shape=shape)
        np.testing.assert_array_equal(
            ops.convert_to_numpy(found), by_numpy.drawn(wf, numbers, shape)
        )


def test_streams_of_neighbouring_seeds_have_nothing_in_common():
    """The second minibatch of a seed is not the first of the next one."""
    streams = []
    for seed in range(3):
        generator = keras.random.SeedGenerator(seed)
        streams += [ops.convert_to_numpy(uniforms((100,), generator)) for _ in range(3)]
    assert len(np.unique(streams)) == 900
    assert abs(np.corrcoef(streams) - np.eye(9)).max() < 0.4
