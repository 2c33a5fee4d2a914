"""The paper's claims about figure 4, held against a run."""

import numpy as np

from reproduce.experiment.verdicts import Verdict, of_every_run
from reproduce.reference import paper

SMALL_SIDES = (8, 10)  # where the paper says that its errors are large


def verdicts(results, scratch=None):
    """A verdict for each claim of the paper's figure 4, and for the physics.

    Args:
        results: `StageResult`s, by growing side.
        scratch: the `StageResult` of a training from scratch, or None.

    Returns:
        A list of `Verdict`s.
    """
    (falls,) = paper()["fig4"]["claims"]
    return [
        _error_falls(falls, results),
        *of_every_run(results, scratch),
    ]


def _error_falls(claim, results):
    small = [result for result in results if result.lattice.shape[0] in SMALL_SIDES]
    large = [result for result in results if result.lattice.shape[0] > max(SMALL_SIDES)]
    if not small or not large:
        return Verdict(claim, None, "this run has no sides on both sides of 10")
    worst = max(small, key=lambda result: result.relative_error)
    last = large[-1]
    gap = worst.relative_error - last.relative_error
    bar = float(np.hypot(worst.relative_std_error, last.relative_std_error))
    measured = (
        f"{worst.relative_error:.1e} ± {worst.relative_std_error:.0e} at {worst.label}, "
        f"{last.relative_error:.1e} ± {last.relative_std_error:.0e} at {last.label}"
    )
    if abs(gap) < 2 * bar:
        return Verdict(claim, None, f"{measured}: within two error bars of each other")
    ratio = last.relative_error / worst.relative_error
    return Verdict(claim, bool(gap > 0), f"{measured}: {ratio:.2g} times as large")
