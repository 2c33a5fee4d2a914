"""Verdicts on made-up runs of figure 4 and Table I, whose answer is known."""

import numpy as np
import pytest

import vmc
from reproduce.experiment.results import StageResult
from reproduce.fig4 import claims as fig4_claims
from reproduce.reference import paper
from reproduce.table1 import claims as table1_claims

EXACT = -0.6035218345136


def result(side, error, bar=1e-5, name=None):
    """A stage with this relative error and error bar."""
    lattice = vmc.Square(side)
    reference = EXACT * lattice.num_sites
    after = vmc.Estimate(
        reference * (1 - error), bar * abs(reference), 1.0, 0.0, lattice.num_sites, 1000
    )
    history = {"energy": np.full(60, reference), "energy_error": np.full(60, 0.01)}
    label = name or f"{side}x{side}"
    return StageResult(label, lattice, reference, 0.0, None, after, history, 1.0)


@pytest.mark.parametrize(
    ("errors", "holds"),
    [
        ({6: 1e-3, 8: 4e-3, 10: 5e-3, 12: 3e-3, 14: 2e-3}, True),
        ({6: 1e-3, 8: 4e-3, 10: 5e-3, 12: 3e-3, 14: 7e-3}, False),
        ({6: 1e-3, 8: 4e-3, 10: 5e-3, 12: 4.99e-3}, None),
        ({6: 1e-3, 8: 4e-3}, None),
        ({12: 1e-3, 14: 4e-3}, None),
    ],
)
def test_the_error_falls_with_the_side(errors, holds):
    found = fig4_claims.verdicts([result(side, error) for side, error in errors.items()])
    assert [v.claim for v in found[:1]] == paper()["fig4"]["claims"]
    assert [v.holds for v in found] == [holds, True]


@pytest.mark.parametrize(("error", "holds"), [(1e-3, True), (6e-3, False), (4.995e-3, None)])
def test_growing_against_from_scratch(error, holds):
    grown = [result(6, 1e-3), result(10, error)]
    found = fig4_claims.verdicts(grown, result(10, 4.99e-3))
    assert found[1].holds == holds
    assert "5.0e-03 ± 1e-05 from scratch after 60 minibatches" in found[1].measured


@pytest.mark.parametrize(
    ("error", "bar", "holds"),
    [(1e-4, 1e-5, True), (3e-4, 1e-5, False), (1.5e-4, 1e-4, None), (-1e-3, 1e-5, True)],
)
def test_the_papers_energy(error, bar, holds):
    found = table1_claims.verdicts([result(6, 1e-2), result(6, error, bar, "fine-tuned")])
    assert found[0].holds == holds
    assert found[1].holds == (error > -4 * bar)


def test_table_1():
    text = table1_claims.published([result(6, 3e-4, 1e-5, "fine-tuned")])
    rows = {line.split("-0.6")[0].strip(): line for line in text.splitlines()[2:]}
    assert "-0.6035350" in rows["PEPS"]
    assert "not a bound: below the exact energy" in rows["PEPS"]
    assert "-2.2e-05" in rows["PEPS"]
    assert "+1.7e-04" in rows["LSTM of the paper"]
    assert "+3.0e-04" in rows["this run, fine-tuned"]
    assert "0.0000060" in rows["this run, fine-tuned"]
    assert table1_claims.paper_error() == pytest.approx(1.7371e-4, rel=1e-3)
    assert "this run about Square(4, 4)" in table1_claims.published([result(4, 3e-4)])
