"""Trailing means and the count of minibatches, by hand."""

import numpy as np
import pytest

import vmc
from reproduce.experiment.results import StageResult


def result(energies, errors=None, reference=-100.0, mean=-99.99, std_error=0.01):
    energies = np.asarray(energies, float)
    errors = np.full(len(energies), 0.1) if errors is None else np.asarray(errors, float)
    after = vmc.Estimate(mean, std_error, 1.0, 0.0, 10, 1000)
    history = {"energy": energies, "energy_error": errors}
    return StageResult("10", vmc.Chain(10), reference, 0.0, None, after, history, 1.0)


def test_trailing_mean():
    energies = -100 + np.arange(10.0)
    error, bar = result(energies).trailing(window=4)
    expected = [np.mean(np.arange(10)[max(0, k - 3) : k + 1]) / 100 for k in range(10)]
    np.testing.assert_allclose(error, expected, atol=1e-12)
    np.testing.assert_allclose(bar[3:], 0.1 / 2 / 100)
    np.testing.assert_allclose(bar[0], 0.1 / 100)


def test_trailing_mean_passes_over_what_is_not_finite():
    error, _ = result([-99.0, np.nan, -99.0], [0.1, np.nan, 0.1]).trailing(window=3)
    np.testing.assert_allclose(error, 0.01)


def test_minibatches_until():
    # 1 % too high for 60 minibatches, exact from then on: the trailing mean
    # over 50 is within 1e-4 when at most half a minibatch of error is left.
    energies = np.r_[np.full(60, -99.0), np.full(100, -100.0)]
    assert result(energies).minibatches_until(1e-4, window=50) == 110
    assert result(energies).minibatches_until(1e-3, window=50) == 105
    assert result(energies[:80]).minibatches_until(1e-4, window=50) is None
    # A mean over fewer than the window does not count.
    assert result(np.full(160, -100.0)).minibatches_until(1e-4, window=50) == 50
    assert result(np.full(49, -100.0)).minibatches_until(1e-4, window=50) is None
    # Within means on either side.
    assert result(np.full(60, -101.0)).minibatches_until(1e-4, window=50) is None


def test_errors():
    good = result([-99.0])
    assert good.relative_error == pytest.approx(1e-4)
    assert good.relative_std_error == pytest.approx(1e-4)
    assert not good.below_exact
    assert not result([-99.0], mean=-100.039).below_exact
    assert result([-99.0], mean=-100.041).below_exact
