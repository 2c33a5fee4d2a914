"""Uniform random numbers that are as fine near zero as small probabilities are."""

import math

from keras import ops

from models.backend import compiled_function, random_bits

BITS = 30  # of a word


def uniforms(shape, seed=None):
    """Uniform random numbers between 0 and 1, both left out.

    Those of `keras.random.uniform` are multiples of 2^-23, zero among them,
    so that `uniform < p` is true with probability 2^-23 or more, however
    small p is. Of these P(u < 2^-k) is 2^-k for each k up to 60, and from
    2^-37 on they have all digits of float32. Near 1 no float is as fine:
    whoever draws compares with the smaller of two probabilities.

    Args:
        shape: a tuple of ints.
        seed: as `keras.random` takes it. It is used once.

    Returns:
        float32 of the shape; a cast to float64 changes no number.

    Example:

    >>> x = uniforms((1000, 3), seed=0)
    >>> tuple(x.shape), bool(ops.min(x) > 0), bool(ops.max(x) < 1)
    ((1000, 3), True, True)
    """
    words = random_bits((2, math.prod(shape)), BITS, seed)
    return ops.reshape(_compiled_from_words(words), shape)


def from_words(words):
    """The uniform random numbers that random bits make.

    A number is a power of two below 1, each half as probable as the one
    above it, times a mantissa from 1 to 2. The power is that of the first
    word's lowest set bit; where there is none, the second word's goes on.
    The mantissa is made of the second word's upper bits. All of it is exact.

    Args:
        words: int32 `[2, *shape]` in 0 ... 2^30 - 1, of independent bits.

    Returns:
        float32 `[*shape]`, between 2^-61 and 1 - 2^-24.

    Example:

    >>> import numpy as np
    >>> u = from_words(np.array([[2**BITS - 1, 2, 0, 0], [2**BITS - 1, 0, 1, 0]], "int32"))
    >>> (np.log2(1 - u[0]), *np.log2(u[1:])) == (-24, -2, -31, -61)
    True
    """
    first, second = words[0], words[1]
    exhausted = ops.equal(first, 0)
    # The bit above a word's last is always set: the power that is left over.
    word = ops.bitwise_or(ops.where(exhausted, second, first), 2**BITS)
    power = ops.floor_divide(2**BITS, ops.bitwise_and(word, -word))
    scale = ops.where(exhausted, 2.0 ** -(2 * BITS + 1), 2.0 ** -(BITS + 1))
    mantissa = 1 + ops.cast(ops.right_shift(second, BITS - 23), "float32") * 2.0**-23
    return ops.cast(power, "float32") * ops.cast(scale, "float32") * mantissa


_compiled_from_words = compiled_function(from_words, (2, None), "int32")
