"""What all tests share."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
# A core has a test of its own: threads of several tests would be in each other's way.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
# Compiling takes most of the time on JAX, and a third less of it without optimizations.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")

import keras
import numpy as np
import pytest

import models
from models.backend import double_precision


@pytest.fixture(autouse=True)
def _seeds():
    keras.utils.set_random_seed(0)


@pytest.fixture(autouse=True)
def _eagerly(request):
    """Runs tests with the mark `eager` without graphs on TensorFlow, unless GRAPHS is set.

    They compare numbers on small lattices, each with a network of its own.
    Tracing a graph for each takes three quarters of the time.
    """
    if not request.node.get_closest_marker("eager") or os.environ.get("GRAPHS"):
        yield
    elif keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.run_functions_eagerly(True)
        yield
        tf.config.run_functions_eagerly(False)
    else:
        yield


@pytest.fixture
def random_weights():
    """Gives a wave function weights large enough for every term to matter."""

    def randomise(wf, seed=0, scale=0.5):
        rng = np.random.default_rng(seed)
        wf.set_weights([w + scale * rng.normal(size=w.shape) for w in wf.get_weights()])
        return wf

    return randomise


@pytest.fixture
def random_chain(random_weights):
    """Makes chains with such weights."""

    def make(units=8, seed=0, scale=0.5, **options):
        return random_weights(models.GRUChain(units=units, **options), seed, scale)

    return make


@pytest.fixture
def in_double():
    """Makes the float64 twin of a wave function."""

    with double_precision():
        yield lambda wf: wf.astype("float64")
