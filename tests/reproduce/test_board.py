"""Scalars for TensorBoard: which, of which steps, in which folder."""

import importlib.util

import keras
import numpy as np
import pytest

import models
import vmc
from reproduce.console.errors import RunError
from reproduce.experiment import board


def scalars(folder):
    """What was written: a dict of tag to a dict of step to value."""
    import tensorflow as tf

    found = {}
    for path in folder.rglob("events.*"):
        for event in tf.compat.v1.train.summary_iterator(str(path)):
            for value in event.summary.value:
                found.setdefault(value.tag, {})[event.step] = float(tf.make_ndarray(value.tensor))
    return found


def test_a_stage_is_written_where_it_goes_on(tmp_path):
    pytest.importorskip("tensorboard")
    stage = vmc.Stage(vmc.Chain(4), steps=5, learning_rate=0.25, num_samples=10)
    model = stage.trainer(models.GRUChain(units=4), vmc.Heisenberg)
    stage.compile(model, keras.optimizers.SGD(0.0))
    model.first_step = 2
    writer, history = board.Board(tmp_path), vmc.StepHistory()
    writer.begin(stage)
    model.fit(steps_per_epoch=3, callbacks=[history, writer], verbose=0)
    found, logs = scalars(tmp_path / "4"), history.arrays()
    assert sorted(found) == [
        f"batch_{name}"
        for name in sorted([*logs, "v_score", "learning_rate", "samples_per_second"])
    ]
    assert all(list(values) == [3, 4, 5] for values in found.values())
    assert set(found["batch_learning_rate"].values()) == {0.25}
    assert min(found["batch_samples_per_second"].values()) > 0
    for name, values in logs.items():
        np.testing.assert_allclose(list(found[f"batch_{name}"].values()), values, rtol=1e-6)
    np.testing.assert_allclose(
        list(found["batch_v_score"].values()),
        4 * logs["variance"] / logs["energy"] ** 2,
        rtol=1e-5,
    )


def test_what_is_missing_is_said(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RunError, match="pip install tensorboard"):
        board.check()
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(RunError, match="needs KERAS_BACKEND=tensorflow"):
        board.check()
