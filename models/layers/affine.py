"""A matrix product and a bias, as the backend does them fastest."""

from keras import ops

from models import backend


def affine(inputs, kernel, bias):
    """`inputs @ kernel + bias`.

    TensorFlow adds the bias within the product, but only of matrices.

    Args:
        inputs: float `[*batch, features]`. Lengths of the batch may be
            unknown while a graph is being traced.
        kernel: float `[features, units]`.
        bias: float `[units]`.

    Returns:
        float `[*batch, units]`.

    Example:

    >>> import numpy as np
    >>> tuple(affine(np.ones((5, 3, 2)), np.ones((2, 4)), np.zeros(4)).shape)
    (5, 3, 4)
    """
    return _of_matrices(inputs, lambda matrix: backend.matmul(matrix, kernel) + bias)


def matmul(inputs, kernel):
    """`inputs @ kernel`: as `affine`, without a bias."""
    return _of_matrices(inputs, lambda matrix: backend.matmul(matrix, kernel))


def _of_matrices(inputs, function):
    *batch, features = inputs.shape
    outputs = function(ops.reshape(inputs, (-1, features)))
    if None in batch:
        batch = ops.shape(inputs)[:-1]
    return ops.reshape(outputs, (*batch, outputs.shape[-1]))
