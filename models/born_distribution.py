"""A wave function's probabilities as a TensorFlow Probability distribution."""

import numbers

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp
from tensorflow_probability.python.internal import reparameterization, samplers

from models.checks import whole_number
from models.magnetization import num_up_spins
from models.uniforms import BITS, from_words


class BornDistribution(tfp.distributions.Distribution):
    """The Born probabilities |psi|^2 of a wave function on a lattice (equation 5).

    Samples are exact and independent, and log-probabilities normalised:
    `sample`, `log_prob` and `prob` are exact, `entropy` and
    `kl_divergence` Monte Carlo estimates, with the error where it is asked
    for (`entropy_and_error`, `kl_divergence_and_error`). `trainable_variables`
    are the wave function's. Events are configurations, int32; the batch
    shape is empty: one distribution.

    Args:
        wave_function: a `models.WaveFunction`.
        event_shape: the lattice's shape, such as `(80,)` or `(6, 6)`.
        validate_args: as of `tfp.distributions.Distribution`.
        name: of the distribution.

    Raises:
        ValueError: the wave function does not live on such a lattice; or,
            from `log_prob`, configurations of another one.
        ImportError: the Keras backend is not TensorFlow.

    Example:

    >>> import models, tensorflow_probability as tfp
    >>> wf = models.load("gru-chain-80")
    >>> born = models.BornDistribution(wf, event_shape=(20,))
    >>> spins = born.sample(500, seed=1)
    >>> tuple(spins.shape), tuple(born.log_prob(spins).shape)
    ((500, 20), (500,))

    Neighbours are anticorrelated, as a correlation of samples shows:

    >>> up_and_down = 2.0 * tf.cast(spins, "float32") - 1
    >>> bool(tfp.stats.correlation(up_and_down[:, 9], up_and_down[:, 10], event_axis=None) < -0.3)
    True
    """

    def __init__(self, wave_function, event_shape, validate_args=False, name="BornDistribution"):
        parameters = dict(locals())
        self._wave_function = wave_function
        self._shape = wave_function.check_shape(event_shape)
        if wave_function.total_sz is not None:
            num_up_spins(int(np.prod(self._shape)), wave_function.total_sz)
        super().__init__(
            dtype=tf.int32,
            reparameterization_type=reparameterization.NOT_REPARAMETERIZED,
            validate_args=validate_args,
            allow_nan_stats=False,
            parameters=parameters,
            name=name,
        )

    @property
    def wave_function(self):
        """The wave function whose probabilities these are."""
        return self._wave_function

    def entropy_and_error(self, num_samples=1000, seed=None):
        """The entropy, -<log |psi|^2>, as a Monte Carlo estimate.

        Args:
            num_samples: how many samples it is made of.
            seed: as of `sample`.

        Returns:
            `(entropy, std_error)`, scalars, in nats.

        Example:

        >>> import models
        >>> born = models.BornDistribution(models.GRUChain(units=4), event_shape=(6,))
        >>> entropy, error = born.entropy_and_error(200, seed=1)
        >>> bool(entropy < 6 * np.log(2) + 4 * error)
        True
        """
        num_samples = whole_number("num_samples", num_samples, 1)
        return _mean_and_error(-self.log_prob(self.sample(num_samples, seed=seed)))

    def _entropy(self, num_samples=1000, seed=None):
        return self.entropy_and_error(num_samples, seed)[0]

    def kl_divergence_and_error(self, other, num_samples=1000, seed=None):
        """KL(self || other) = <log |psi|^2 - log q>, as a Monte Carlo estimate.

        It may be differentiated by the weights of the other distribution,
        not by those of this one, which the samples depend on.

        Args:
            other: a distribution of the same events, such as another
                `BornDistribution`.
            num_samples: how many samples it is made of.
            seed: as of `sample`.

        Returns:
            `(divergence, std_error)`, of the other's batch shape, in nats;
            infinite where a sample is impossible for the other.

        Raises:
            ValueError: a distribution of other events; no whole number of
                samples above 0.

        Example:

        >>> import models
        >>> one, other = (
        ...     models.BornDistribution(models.GRUChain(units=4), event_shape=(6,))
        ...     for _ in range(2)
        ... )
        >>> divergence, error = one.kl_divergence_and_error(other, 200, seed=1)
        >>> bool(divergence > -4 * error)
        True
        """
        num_samples = whole_number("num_samples", num_samples, 1)
        if not other.event_shape.is_compatible_with(self._shape):
            raise ValueError(
                f"The events of {other.name} have the shape {tuple(other.event_shape)}, "
                f"and those of {self.name} {self._shape}."
            )
        spins = self.sample(num_samples, seed=seed)
        # An axis of one for each of the other's batch.
        batch = (num_samples,) + (1,) * len(other.batch_shape)
        log_prob = tf.reshape(self.log_prob(spins), batch)
        log_q = other.log_prob(tf.cast(tf.reshape(spins, (*batch, *self._shape)), other.dtype))
        return _mean_and_error(log_prob - tf.cast(log_q, log_prob.dtype))

    def kl_divergence(self, other, num_samples=1000, seed=None, name="kl_divergence"):
        """The divergence alone; see `kl_divergence_and_error`."""
        with tf.name_scope(name):
            return self.kl_divergence_and_error(other, num_samples, seed)[0]

    @property
    def variables(self):
        """The wave function's weights, a tuple of `tf.Variable`."""
        return tuple(variable.value for variable in self._wave_function.variables)

    @property
    def trainable_variables(self):
        """Those that training changes, a tuple of `tf.Variable`."""
        return tuple(variable.value for variable in self._wave_function.trainable_variables)

    @property
    def non_trainable_variables(self):
        """Those that it does not, a tuple of `tf.Variable`."""
        return tuple(variable.value for variable in self._wave_function.non_trainable_variables)

    def _event_shape(self):
        return tf.TensorShape(self._shape)

    def _event_shape_tensor(self):
        return tf.constant(self._shape, tf.int32)

    def _batch_shape(self):
        return tf.TensorShape([])

    def _batch_shape_tensor(self):
        return tf.constant([], tf.int32)

    def _sample_n(self, n, seed=None):
        count = tf.get_static_value(n)
        if count is None:
            raise ValueError("The number of samples must be known when the graph is traced.")
        if count == 0:
            return tf.zeros((0, *self._shape), tf.int32)
        if isinstance(seed, numbers.Integral):
            # As everywhere in this package, an int gives the same samples each time.
            seed = tf.constant([0, seed], tf.int32)
        width = self._wave_function.uniforms_per_sample(self._shape)
        words = samplers.uniform(
            (2, int(count), width), 0, 2**BITS, tf.int32, seed=samplers.sanitize_seed(seed)
        )
        return self._wave_function.draw(from_words(words), shape=self._shape)

    def _log_prob(self, value):
        if not value.shape[-len(self._shape) :].is_compatible_with(self._shape):
            raise ValueError(
                f"configurations must end with the event shape {self._shape}, and these have "
                f"the shape {tuple(value.shape)}."
            )
        batch = tf.shape(value)[: -len(self._shape)]
        spins = tf.reshape(value, (-1, *self._shape))
        log_amplitude, _ = self._wave_function(spins)
        return tf.reshape(2 * log_amplitude, batch)


@tfp.distributions.RegisterKL(BornDistribution, tfp.distributions.Distribution)
def _kl_divergence(born, other, name=None):
    return born.kl_divergence(other, name=name or "kl_divergence")


def _mean_and_error(values):
    """The mean over the first axis, and its standard error; no number for one sample."""
    num_samples = values.shape[0]
    mean = tf.reduce_mean(values, axis=0)
    scatter = tf.reduce_sum(tf.math.squared_difference(values, mean), axis=0)
    return mean, tf.sqrt(scatter / (num_samples - 1) / num_samples)
