"""What all tests share."""

import contextlib
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import pytest

import models


@pytest.fixture(autouse=True)
def _seeds():
    keras.utils.set_random_seed(0)


@pytest.fixture
def random_chain():
    """Makes chains with weights large enough for every term to matter."""

    def make(units=8, seed=0, scale=0.5, **options):
        wf = models.GRUChain(units=units, **options)
        rng = np.random.default_rng(seed)
        wf.set_weights([w + scale * rng.normal(size=w.shape) for w in wf.get_weights()])
        return wf

    return make


@pytest.fixture
def in_double():
    """Makes the float64 twin of a chain."""

    def make(wf):
        twin = type(wf).from_config({**wf.get_config(), "dtype": "float64"})
        twin.set_weights(wf.get_weights())
        return twin

    with contextlib.ExitStack() as stack:
        if keras.backend.backend() == "jax":
            import jax

            stack.enter_context(jax.enable_x64(True))
        yield make
