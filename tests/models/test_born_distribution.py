"""The distribution against enumeration, and inside graphs."""

import keras
import numpy as np
import pytest

import models
import vmc
from tests.helpers import backend_is_tensorflow, chi_squared_p, psi

needs_tensorflow = pytest.mark.skipif(not backend_is_tensorflow(), reason="is TensorFlow's")


@pytest.fixture
def born(random_chain):
    return models.BornDistribution(random_chain(total_sz=0), event_shape=(6,))


@needs_tensorflow
def test_log_prob_is_the_probability(born):
    spins = vmc.configurations((6,))
    expected = abs(psi(born.wave_function, spins)) ** 2
    np.testing.assert_allclose(np.exp(born.log_prob(spins)), expected, rtol=1e-5, atol=1e-12)
    batched = born.log_prob(spins.reshape(4, 16, 6))
    np.testing.assert_allclose(np.exp(batched), expected.reshape(4, 16), rtol=1e-5, atol=1e-12)
    np.testing.assert_allclose(born.prob(spins[7]), expected[7], rtol=1e-5)


@needs_tensorflow
def test_samples_follow_it(born):
    samples = born.sample((40, 100), seed=1).numpy()
    assert samples.shape == (40, 100, 6)
    probabilities = np.exp(born.log_prob(vmc.configurations((6,))).numpy().astype("float64"))
    assert chi_squared_p(samples.reshape(-1, 6), probabilities) > 0.01
    np.testing.assert_array_equal(born.sample(5, seed=3), born.sample(5, seed=3))
    assert (born.sample(50, seed=3).numpy() != born.sample(50, seed=4).numpy()).any()


@needs_tensorflow
def test_entropy(born):
    log_prob = born.log_prob(vmc.configurations((6,))).numpy()
    possible = np.isfinite(log_prob)
    exact = -np.sum(np.exp(log_prob[possible]) * log_prob[possible])
    entropy, error = born.entropy_and_error(4000, seed=2)
    assert 0 < error < 0.05
    assert abs(entropy - exact) < 4 * error
    assert float(born.entropy(num_samples=4000, seed=2)) == pytest.approx(float(entropy))


@needs_tensorflow
def test_shapes_and_graphs(born):
    import tensorflow as tf

    assert born.event_shape == (6,)
    assert born.batch_shape == ()
    assert born.event_shape_tensor().numpy().tolist() == [6]
    assert born.batch_shape_tensor().numpy().tolist() == []
    assert born.dtype == tf.int32

    @tf.function
    def inside():
        spins = born.sample((2, 5), seed=5)
        return spins, born.log_prob(spins), *born.entropy_and_error(100, seed=6)

    spins, log_prob, entropy, error = inside()
    assert log_prob.shape == (2, 5)
    np.testing.assert_allclose(log_prob, born.log_prob(spins), atol=1e-5)
    expected = born.entropy_and_error(100, seed=6)
    np.testing.assert_allclose((entropy, error), expected, rtol=1e-5)


@needs_tensorflow
def test_a_square():
    keras.utils.set_random_seed(0)
    wf = models.LSTMLattice(units=4, num_layers=1, total_sz=0)
    born = models.BornDistribution(wf, (2, 3))
    assert born.sample(4, seed=0).shape == (4, 2, 3)
    total = np.exp(born.log_prob(vmc.configurations((2, 3)))).sum()
    assert total == pytest.approx(1, abs=1e-5)
    with pytest.raises(ValueError, match="two axes"):
        models.BornDistribution(wf, (6,))
    with pytest.raises(
        ValueError, match=r"event shape \(2, 3\), and these have the shape \(4, 3, 2\)"
    ):
        born.log_prob(np.zeros((4, 3, 2), int))
    with pytest.raises(ValueError, match="9 sites"):
        models.BornDistribution(wf, (3, 3))


@pytest.mark.any_backend
@pytest.mark.skipif(backend_is_tensorflow(), reason="about other backends")
def test_other_backends_are_told():
    with pytest.raises(ImportError, match="set KERAS_BACKEND=tensorflow"):
        _ = models.BornDistribution
    assert "BornDistribution" not in models.__all__
