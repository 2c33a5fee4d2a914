"""Verdicts on made-up runs whose answer is known."""

import numpy as np
import pytest

import vmc
from reproduce.experiment.results import StageResult
from reproduce.fig3.claims import verdicts
from reproduce.reference import paper


def run(errors, minibatches, largest=300):
    """A run with these relative errors, that falls under 1e-4 after so many minibatches."""
    results = []
    for number, (error, count) in enumerate(zip(errors, minibatches)):
        size = largest - 20 * (len(errors) - 1 - number)
        reference = -0.44 * size
        # One percent too high until the trailing mean over 50 can be exact.
        energies = np.where(np.arange(200) < count - 50, 0.99, 1.0) * reference
        history = {"energy": energies, "energy_error": np.full(200, 0.01)} if number else {}
        after = vmc.Estimate(reference * (1 - error), 1e-3, 1.0, 0.0, size, 1000)
        results.append(
            StageResult(str(size), vmc.Chain(size), reference, 0.0, None, after, history, 1.0)
        )
    return results


def holds(results):
    found = verdicts(results)
    assert [v.claim for v in found[:3]] == paper()["fig3"]["claims"]
    return [v.holds for v in found]


def test_all_hold():
    assert holds(run([5e-5] * 5, [0, 90, 80, 70, 60])) == [True, True, True, True]


@pytest.mark.parametrize(
    ("errors", "minibatches", "expected"),
    [
        ([5e-5, 3e-4, 5e-5, 5e-5], [0, 90, 80, 70], [False, True, True, True]),
        ([5e-5] * 4, [0, 120, 80, 70], [True, False, True, True]),
        ([5e-5] * 4, [0, 70, 80, 90], [True, True, False, True]),
        ([5e-5] * 4, [0, 70, 80, 500], [True, False, None, True]),
        ([-5e-3] * 4, [0, 90, 80, 70], [True, True, True, False]),
        ([5e-5] * 4, [0, 50, 50, 50], [True, True, None, True]),
        ([5e-5], [0], [True, None, None, True]),
        ([9e-5] * 4, [0, 90, 80, 70], [None, True, True, True]),
    ],
)
def test_shortfalls_are_told(errors, minibatches, expected):
    assert holds(run(errors, minibatches)) == expected


def test_measured_figures_are_in_the_words():
    text = "\n".join(map(str, verdicts(run([5e-5, 3e-4, 5e-5], [0, 90, 150]))))
    assert "3.0e-04" in text
    assert "3.0 times that" in text
    assert "FELL SHORT" in text
    assert "Chain(280)" in text


def test_a_run_that_stops_early_cannot_tell_of_300():
    results = run([5e-5] * 4, [0, 90, 80, 70], largest=280)
    assert holds(results) == [None, True, True, True]
    assert "went no further than 280" in str(verdicts(results)[0])
    assert holds(run([5e-5, 3e-4, 5e-5], [0, 90, 80], largest=280))[0] is False


def test_growing_is_judged_from_the_papers_first_size_on():
    """20, 40, 60 and 80 spins took many minibatches: there the paper has not grown."""
    results = run([5e-5] * 15, [0, 500, 500, 500, *[70] * 11])
    assert [result.lattice.num_sites for result in results[:5]] == [20, 40, 60, 80, 100]
    assert holds(results)[1]
    assert holds(results[:4]) == [None, False, None, True]


def test_a_run_of_few_minibatches_cannot_tell():
    for number, told in ((60, False), (40, True)):
        results = run([5e-5] * 3, [0, 500, 500])
        for result in results[1:]:
            for name in result.history:
                result.history[name] = result.history[name][:number]
        assert holds(results) == [True, None, None, True]
        assert ("where the mean is taken over 50" in str(verdicts(results)[1])) == told
