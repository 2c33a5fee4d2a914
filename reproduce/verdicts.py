"""Whether a claim holds: what was measured, beside what was claimed."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A claim held against a measurement.

    Attributes:
        claim: in words.
        holds: whether it does; None if this run cannot tell.
        measured: the figure and, where it fell short, by how much.
    """

    claim: str
    holds: bool | None
    measured: str

    def __str__(self):
        word = {True: "holds", False: "FELL SHORT", None: "not decided"}[self.holds]
        return f"{word:>11}  {self.claim}\n{'':>11}  {self.measured}"


def never_below_exact(results):
    """The physics' own claim: no energy lies below the exact one.

    Args:
        results: `StageResult`s.
    """
    wrong = [r for r in results if r.below_exact]

    def above(result):
        return (result.after.mean - result.reference) / max(result.std_error, 1e-12)

    lowest = min(results, key=above)
    return Verdict(
        "no energy lies below the exact one by more than 4 standard errors",
        not wrong,
        f"the lowest, relative to its error bar, is {above(lowest):+.1f} standard errors "
        f"from exact, at {lowest.lattice}",
    )


def table(rows):
    """Rows of text cells as aligned lines, the first one underlined."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths)) for row in rows]
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join(lines)
