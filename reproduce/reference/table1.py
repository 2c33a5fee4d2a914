"""Table I of the paper, with the exact energy and rows of ours."""

from reproduce.reference import paper

SIDE = 6


def paper_error():
    """Relative error of the paper's energy."""
    numbers = paper()["table1"]
    return numbers["lstm"]["value"] / -numbers["exact"]["value"] + 1


def table_1(ours):
    """Table I with the exact energy and with rows of ours.

    Args:
        ours: name, energy per site and its standard error of each.

    Returns:
        Rows of text cells, the first of them the head.
    """
    numbers = paper()["table1"]
    exact = numbers["exact"]["value"]
    bound = "variational bound, but for noise"

    def row(name, value, bar, what):
        error = f"{(value - exact) / abs(exact):+.1e}" if value != exact else "0"
        return [name, f"{value:.7f}", bar, error, what]

    return [
        ["6x6", "energy per site", "± error", "relative error", "what it is"],
        row("PEPS", numbers["peps"]["value"], "", "not a bound: below the exact energy"),
        row("DMRG", numbers["dmrg"]["value"], "", "variational bound"),
        row("LSTM of the paper", numbers["lstm"]["value"], "", bound),
        *(row(name, value, f"{bar:.7f}", bound) for name, value, bar in ours),
        row("exact diagonalisation", exact, "", "exact"),
    ]
