"""Means, variances and standard errors, with one definition for energies, observables and logs.

Of n independent samples x the mean is m = sum x / n, the variance
sum |x - m|^2 / (n - 1), and the standard error of the mean's real part
sqrt(sum Re(x - m)^2 / (n - 1) / n). A single sample tells nothing of the
spread: its variance and error are not a number.
"""

import numpy as np
from keras import ops


def energy_statistics(real, imaginary):
    """Mean, standard error and variance of local energies, within a graph.

    Args:
        real, imaginary: their parts, float `[batch]`, of two samples or more.

    Returns:
        `(mean, std_error, variance)`, scalars: the real part's mean and its
        standard error, and <|E|^2> - |<E>|^2, with n - 1.
    """
    count = real.shape[0]
    mean = ops.sum(real) / count
    of_real = ops.sum(ops.square(real - mean)) / (count - 1)
    of_imaginary = ops.sum(ops.square(imaginary - ops.sum(imaginary) / count)) / (count - 1)
    return mean, ops.sqrt(of_real / count), of_real + of_imaginary


class Moments:
    """Means and covariances of numbers that come in chunks.

    Attributes:
        count: how many samples there were.
        mean: float `[num_values, parts]`.

    Example:

    >>> moments = Moments()
    >>> for chunk in ([1.0, 2.0], [6.0]):
    ...     moments.add(np.reshape(chunk, (-1, 1, 1)))
    >>> moments.mean.item(), moments.covariance().item()
    (3.0, 7.0)
    """

    def __init__(self):
        self.count = 0
        self.mean = self._scatter = np.float64(0)

    def add(self, values):
        """Takes a chunk, float `[samples, num_values, parts]`, into account."""
        values = np.asarray(values, "float64")
        mean = values.mean(axis=0)
        # Deviations from the chunk's own mean, and then of that from the
        # mean so far: a difference of two large sums would lose digits.
        apart = mean - self.mean
        total = self.count + len(values)
        self._scatter = self._scatter + _products(values - mean)
        self._scatter += self.count * len(values) / total * _products(apart[None])
        self.mean = self.mean + apart * len(values) / total
        self.count = total

    def covariance(self):
        """Of the parts of each value: float `[num_values, parts, parts]`."""
        if self.count < 2:
            return np.full_like(self._scatter, np.nan)
        return self._scatter / (self.count - 1)


def _products(deviations):
    return np.einsum("nvi,nvj->vij", deviations, deviations)
