"""The paper's claims about figure 3, held against a run."""

import numpy as np

from reproduce.experiment.results import GOOD, TRAILING
from reproduce.experiment.verdicts import Verdict, of_every_run
from reproduce.reference import paper

FEW = 100  # minibatches: "less than 100"


def verdicts(results, scratch=None):
    """A verdict for each claim of the paper's figure 3, and for the physics.

    Args:
        results: `StageResult`s, by growing size.
        scratch: the `StageResult` of a training from scratch, or None.

    Returns:
        A list of `Verdict`s.
    """
    accuracy, few, fewer = paper()["fig3"]["claims"]
    grown = _beyond_the_papers_first([result for result in results[1:] if result.history])
    return [
        _accuracy(accuracy, results),
        _few_minibatches(few, grown),
        _fewer_minibatches(fewer, grown),
        *of_every_run(results, scratch),
    ]


def _beyond_the_papers_first(grown):
    """Of a run that grows up to the paper's first size and on, what the paper claims of."""
    first = min(paper()["fig3"]["sizes"])
    return [result for result in grown if result.lattice.num_sites > first] or grown


def _accuracy(claim, results):
    worst = max(results, key=lambda result: result.relative_error)
    error, bar = worst.relative_error, worst.relative_std_error
    measured = (
        f"largest relative error {error:.1e} ± {bar:.0e}, at {worst.lattice}; "
        f"'good' is read as below {GOOD:.0e}"
    )
    if error > GOOD:
        measured += f": {error / GOOD:.1f} times that"
    if error > GOOD + 2 * bar:
        return Verdict(claim, False, measured)
    if error > GOOD - 2 * bar:
        return Verdict(claim, None, f"{measured}, and within two error bars of it")
    largest, claimed = results[-1].lattice.num_sites, max(paper()["fig3"]["sizes"])
    if largest < claimed:
        return Verdict(claim, None, f"{measured}; this run went no further than {largest}")
    return Verdict(claim, True, measured)


def _few_minibatches(claim, grown):
    if not grown:
        return Verdict(claim, None, "this run grew no chain")
    counts = [result.minibatches_until(GOOD) for result in grown]
    known = [result for result in grown if result.error_before]
    ready = sum(result.error_before[0] <= GOOD for result in known)
    before = f"; {ready} of {len(known)} sizes were there before the first minibatch"
    late = [r for r, count in zip(grown, counts) if count is None or count >= FEW]
    if not late:
        return Verdict(claim, True, f"at most {max(counts)} minibatches, at every size{before}")
    lowest = min(late, key=lambda result: _last_trailing(result))
    trained = ", ".join(sorted({str(r.minibatches) for r in late}))
    enough = any(r.minibatches >= FEW for r in late)
    if min(r.minibatches for r in late) < TRAILING:
        trained += f", where the mean is taken over {TRAILING}"
    return Verdict(
        claim,
        False if enough else None,
        f"not within {min(FEW, late[0].minibatches)} minibatches at {len(late)} of "
        f"{len(grown)} sizes (trained for {trained}); of these the closest came to "
        f"{_last_trailing(lowest):.1e}, at {lowest.lattice}{before}",
    )


def _last_trailing(result):
    return abs(result.trailing()[0][-1])


def _fewer_minibatches(claim, grown):
    counts = [result.minibatches_until(GOOD) for result in grown]
    if len(counts) < 3 or None in counts:
        reached = sum(count is not None for count in counts)
        return Verdict(claim, None, f"{reached} of {len(counts)} sizes reached {GOOD:.0e}")
    if np.median(counts) <= TRAILING:
        return Verdict(
            claim,
            None,
            f"at most {max(counts)}, and {TRAILING} is the least that a trailing mean over "
            f"{TRAILING} minibatches can show: too few to fall",
        )
    sizes = [result.lattice.num_sites for result in grown]
    slope = np.polyfit(sizes, counts, 1)[0] * 100
    return Verdict(
        claim,
        bool(slope < 0),
        f"from {counts[0]} at {sizes[0]} spins to {counts[-1]} at {sizes[-1]}: "
        f"{slope:+.1f} minibatches per 100 spins",
    )
