"""Checks of arguments, whose messages say what would do."""

import math
import numbers
import operator

import keras


def whole_number(name, value, smallest):
    """A count as an int; a float or a numpy number will do, if it is whole.

    Raises:
        ValueError: the value is no whole number, or too small. Nothing is
            rounded: 10.5 samples are a slip.
    """
    number = _as_int(value)
    if number is None or number < smallest:
        kind = "that is not negative" if smallest == 0 else f"above {smallest - 1}"
        raise ValueError(f"{name} must be a whole number {kind}, not {value!r}.")
    return number


def real_number(name, value, positive=False):
    """A number as a float; one of NumPy will do.

    Raises:
        ValueError: the value is not a finite real number, or not above zero
            where it must be positive.
    """
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not real or not math.isfinite(value) or (positive and value <= 0):
        kind = "a positive number" if positive else "a number"
        raise ValueError(f"{name} must be {kind}, not {value!r}.")
    return float(value)


def random_seed(seed):
    """A seed as `keras.random` takes it, which knows no numpy numbers.

    Raises:
        ValueError: neither None, nor a `keras.random.SeedGenerator`, nor a
            whole number of 32 bits; Keras would cut a larger one off.
    """
    if seed is None or isinstance(seed, keras.random.SeedGenerator):
        return seed
    number = _as_int(seed)
    if number is None or not 0 <= number < 2**32:
        raise ValueError(
            "seed must be a whole number from 0 to 2^32 - 1, a keras.random.SeedGenerator "
            f"or None, not {seed!r}."
        )
    return number


def _as_int(value):
    """The value as an int, or None if it is no whole number."""
    if isinstance(value, bool):
        return None
    try:
        return operator.index(value)
    except TypeError:
        whole = isinstance(value, numbers.Real) and float(value).is_integer()
        return int(value) if whole else None
