"""Couplings that are one number, or one for each bond or site."""

import numpy as np


def couplings(value, number, name, of):
    """A coupling as a float, or as a float array with one number for each bond or site.

    Args:
        value: a number, or a sequence of numbers.
        number: how many bonds or sites there are.
        name: of the argument, for messages.
        of: what each number belongs to, for messages, such as `"bond"`.

    Raises:
        ValueError: another number of them, or numbers that are not finite.

    Example:

    >>> couplings(1, 3, "j1", "bond"), couplings([1, 2], 2, "j1", "bond").tolist()
    (1.0, [1.0, 2.0])
    """
    array = np.asarray(value, dtype=float)
    if array.ndim and array.shape != (number,):
        raise ValueError(
            f"{name} must be a number, or one for each {of}, of which there are {number}, "
            f"not an array of shape {array.shape}."
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, not {value}.")
    return array if array.ndim else float(array)


def said(value):
    """A coupling in a `repr`.

    Example:

    >>> said(0.5), said(np.array([1.0, 2.0])), said(np.arange(9.0))
    ('0.5', '[1, 2]', '[0, 1, ..., 8]')
    """
    if np.ndim(value) == 0:
        return f"{value:g}"
    numbers = [f"{number:g}" for number in value]
    if len(numbers) > 6:
        numbers = [*numbers[:2], "...", numbers[-1]]
    return f"[{', '.join(numbers)}]"
