"""A matrix product and a bias, as the backend does them fastest."""

from keras import ops


def affine(inputs, kernel, bias):
    """`inputs @ kernel + bias`.

    TensorFlow adds the bias within the product, but only of matrices.

    Args:
        inputs: float `[*batch, features]`.
        kernel: float `[features, units]`.
        bias: float `[units]`.

    Returns:
        float `[*batch, units]`.

    Example:

    >>> import numpy as np
    >>> tuple(affine(np.ones((5, 3, 2)), np.ones((2, 4)), np.zeros(4)).shape)
    (5, 3, 4)
    """
    *batch, features = inputs.shape
    outputs = ops.matmul(ops.reshape(inputs, (-1, features)), kernel) + bias
    return ops.reshape(outputs, (*batch[:-1], -1, kernel.shape[-1]))
