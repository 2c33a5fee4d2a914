"""Numbers, times and tables as people write them."""

import math

from tabulate import tabulate

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def scientific(value, error=None):
    """A number as a small one times a power of ten, with or without its error.

    Example:

    >>> scientific(6.4e-4, 1.2e-4), scientific(-2.2e-5), scientific(3e-5, 4.5e-4)
    ('(6.4 ± 1.2)·10⁻⁴', '-2.2·10⁻⁵', '(0.3 ± 4.5)·10⁻⁴')
    """
    largest = max(abs(value), abs(error or 0))
    if largest == 0:
        return "0"
    power = math.floor(math.log10(largest))
    number = f"{value / 10**power:.1f}"
    if error is not None:
        number = f"({number} ± {error / 10**power:.1f})"
    return f"{number}·10{str(power).translate(SUPERSCRIPTS)}"


def duration(seconds):
    """A length of time as people say it.

    Example:

    >>> duration(75), duration(7300), duration(400_000)
    ('1 min 15 s', '2 h 1 min', '4 d 15 h')
    """
    seconds = round(seconds)
    for size, name, small, small_name in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if seconds >= size:
            return f"{seconds // size} {name} {seconds % size // small} {small_name}"
    return f"{seconds} s"


def table(rows):
    """Rows of text cells as aligned lines, the first row as the head.

    Example:

    >>> print(table([["side", "energy"], ["4", "-9.19"]]))
      side    energy
    ------  --------
         4     -9.19
    """
    return tabulate(rows, headers="firstrow", disable_numparse=True, stralign="right")


def markdown(rows):
    """Rows of text cells as a Markdown table, the first row as the head.

    Its cells are as wide as their text, unlike Tabulate's: a number that
    changes then changes one line of a file.
    """
    head, *body = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body))


def compared(estimate, reference):
    """An estimate as text, with its relative error against a reference energy.

    Args:
        estimate: a `vmc.Estimate`.
        reference: a total energy, or None.
    """
    if reference is None:
        return str(estimate)
    error = estimate.relative_error(reference)
    bar = estimate.std_error / abs(reference)
    return f"{estimate}  relative error {error:.1e} ± {bar:.0e}"
