"""Whether a claim holds: what was measured, beside what was claimed."""

import dataclasses
import math


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


def of_every_run(results, scratch=None):
    """The verdicts on every run: on the training from scratch, if there was one, and on physics.

    Args:
        results: `StageResult`s.
        scratch: that of a training from scratch, or None.

    Returns:
        A list of `Verdict`s.
    """
    compared = [scratch] if scratch else []
    return [*against_scratch(results, scratch), never_below_exact(results + compared)]


def never_below_exact(results):
    """The physics' own claim: no energy lies below the exact one.

    Args:
        results: `StageResult`s.
    """
    claim = "no energy lies below the exact one by more than 4 standard errors"
    known = [r for r in results if r.reference is not None]
    if not known:
        return Verdict(claim, None, "no exact energy is known for these lattices")

    def above(result):
        return (result.after.mean - result.reference) / max(result.std_error, 1e-12)

    lowest = min(known, key=above)
    return Verdict(
        claim,
        not any(r.below_exact for r in known),
        f"the lowest, relative to its error bar, is {above(lowest):+.1f} standard errors "
        f"from exact, at {lowest.lattice}",
    )


def against_scratch(results, scratch):
    """The paper's claim about data: growing takes far fewer samples.

    Args:
        results: `StageResult`s of a growth.
        scratch: that of a training from scratch at one of its sizes, or None.

    Returns:
        A list of one `Verdict`, or of none without a training from scratch.
    """
    if scratch is None:
        return []
    claim = "growing takes far fewer samples of the large system than training from scratch"
    grown = next((r for r in results if r.lattice == scratch.lattice), None)
    if grown is None:
        return [Verdict(claim, None, f"the growth has not come to {scratch.lattice} yet")]
    gap = scratch.relative_error - grown.relative_error
    bar = math.hypot(scratch.relative_std_error, grown.relative_std_error)
    measured = (
        f"at {scratch.lattice} {scratch.relative_error:.1e} ± {scratch.relative_std_error:.0e} "
        f"from scratch after {scratch.minibatches} minibatches, {grown.relative_error:.1e} ± "
        f"{grown.relative_std_error:.0e} grown, with {grown.minibatches} of this size"
    )
    return [Verdict(claim, None if abs(gap) < 2 * bar else gap > 0, measured)]
