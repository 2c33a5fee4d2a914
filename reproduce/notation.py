"""Numbers as people write them."""

import math

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


def markdown(rows):
    """Rows of text cells as a Markdown table, the first one as its head."""
    head, *body = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body))
