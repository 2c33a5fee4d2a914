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


def exact_log_prob(born):
    return born.log_prob(vmc.configurations(tuple(born.event_shape))).numpy().astype("float64")


@needs_tensorflow
@pytest.mark.parametrize("total_sz", [None, 0])
def test_divergence(random_chain, total_sz):
    import tensorflow_probability as tfp

    one, other = (
        models.BornDistribution(random_chain(seed=seed, total_sz=total_sz), (6,)) for seed in (1, 2)
    )
    log_p, log_q = (exact_log_prob(born) for born in (one, other))
    possible = np.isfinite(log_p)
    exact = np.sum(np.exp(log_p[possible]) * (log_p[possible] - log_q[possible]))
    assert exact > 0.05
    found, error = one.kl_divergence_and_error(other, 4000, seed=2)
    assert 0 < error < 0.05
    assert abs(found - exact) < 4 * error
    assert one.kl_divergence(other, num_samples=4000, seed=2) == found
    for coarse in (one.kl_divergence(other), tfp.distributions.kl_divergence(one, other)):
        assert coarse.shape == ()
        assert abs(coarse - exact) < 4 * error * 2  # of a quarter of the samples
    assert float(one.kl_divergence(one)) == 0


@needs_tensorflow
def test_divergence_from_other_distributions(born):
    import tensorflow_probability as tfp

    even = tfp.distributions.Independent(
        tfp.distributions.Bernoulli(probs=np.full((3, 6), 0.5, "float32")), 1
    )
    log_p = exact_log_prob(born)
    log_p = log_p[np.isfinite(log_p)]
    exact = np.sum(np.exp(log_p) * log_p) + 6 * np.log(2)
    found, error = born.kl_divergence_and_error(even, 4000, seed=2)
    assert found.shape == error.shape == (3,)
    assert (abs(found.numpy() - exact) < 4 * error.numpy()).all()
    # What one never draws is no obstacle, what the other never does is an infinite one.
    other = models.BornDistribution(born.wave_function.copy(total_sz=1), (6,))
    assert born.kl_divergence(other, seed=0) == np.inf
    anything = models.BornDistribution(born.wave_function.copy(total_sz=None), (6,))
    assert np.isfinite(born.kl_divergence(anything, seed=0))
    longer = models.BornDistribution(born.wave_function, (8,))
    with pytest.raises(ValueError, match=r"have the shape \(8,\), and those of \S+ \(6,\)"):
        born.kl_divergence(longer)


@needs_tensorflow
def test_errors_are_those_of_the_means(born):
    """Of n - 1 degrees of freedom, right for few samples too; one tells nothing of the scatter."""
    anything = models.BornDistribution(born.wave_function.copy(total_sz=None), (6,))
    for num_samples in (2, 5, 100):
        log_p, log_q = (
            of.log_prob(born.sample(num_samples, seed=3)).numpy() for of in (born, anything)
        )
        for values, estimate in (
            (-log_p, born.entropy_and_error(num_samples, seed=3)),
            (log_p - log_q, born.kl_divergence_and_error(anything, num_samples, seed=3)),
        ):
            expected = values.mean(), values.std(ddof=1) / np.sqrt(num_samples)
            np.testing.assert_allclose(estimate, expected, rtol=1e-4)
    assert np.isnan(born.entropy_and_error(1, seed=0)[1])
    for wrong in (0, 2.5):
        with pytest.raises(ValueError, match="num_samples must be a whole number above 0"):
            born.entropy_and_error(wrong)


@needs_tensorflow
def test_no_samples(born):
    import tensorflow as tf

    for shape in (0, (0,), (2, 0)):
        nothing = born.sample(shape, seed=1)
        assert nothing.shape == (*np.atleast_1d(shape), 6)
        assert nothing.dtype == tf.int32
        assert born.log_prob(nothing).shape == tuple(np.atleast_1d(shape))
    square = models.LSTMLattice(units=4, num_layers=1)
    assert models.BornDistribution(square, (2, 3)).sample(0).shape == (0, 2, 3)


@needs_tensorflow
def test_variables(born):
    import tensorflow as tf

    wf = born.wave_function
    assert len(born.trainable_variables) == len(wf.trainable_variables) > 3
    assert [v.shape for v in born.variables] == [v.shape for v in wf.variables]
    assert born.non_trainable_variables == ()
    spins = born.sample(20, seed=0)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(born.log_prob(spins))
    gradients = tape.gradient(loss, born.trainable_variables)
    assert all(np.isfinite(g).all() for g in gradients)
    # Along the gradient, by central differences of the same mean.
    square = sum(float(tf.reduce_sum(tf.square(g))) for g in gradients)
    before = [v.numpy() for v in born.trainable_variables]
    sides = []
    for step in (1e-2, -1e-2):
        for variable, value, gradient in zip(born.trainable_variables, before, gradients):
            variable.assign(value + step * gradient)
        sides.append(float(tf.reduce_mean(born.log_prob(spins))))
    assert (sides[0] - sides[1]) / 2e-2 == pytest.approx(square, rel=0.02)


@needs_tensorflow
def test_copies(born):
    other = born.copy(event_shape=(8,))
    assert other.event_shape == (8,)
    assert other.wave_function is born.wave_function


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
