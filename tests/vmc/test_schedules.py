"""Schedules against their formulas."""

import keras
import numpy as np
import pytest

import vmc

pytestmark = pytest.mark.any_backend


def test_inverse_sqrt_decay():
    schedule = vmc.InverseSqrtDecay(1e-3)
    for step in (0, 1, 1000, 500_000):
        assert float(schedule(step)) == pytest.approx(1e-3 / np.sqrt(1 + 0.001 * step), rel=1e-5)


def test_paper_temperature():
    for step in (0, 1, 1000, 10_000):
        assert float(vmc.paper_temperature()(step)) == pytest.approx(1 / (1 + 0.001 * step))


def test_warmup():
    schedule = vmc.Warmup(0.5, 10)
    assert float(schedule(0)) == pytest.approx(0.05)
    assert float(schedule(4)) == pytest.approx(0.25)
    assert float(schedule(9)) == float(schedule(100)) == 0.5
    assert vmc.Warmup(0.5, 0)(0) == 0.5
    decaying = vmc.Warmup(vmc.InverseSqrtDecay(1.0, 1.0), 2)
    assert float(decaying(0)) == pytest.approx(0.5)
    assert float(decaying(3)) == pytest.approx(0.5)


def test_serialised():
    schedule = vmc.InverseSqrtDecay(1e-3, 0.5)
    config = keras.saving.serialize_keras_object(schedule)
    assert keras.saving.deserialize_keras_object(config).get_config() == schedule.get_config()
