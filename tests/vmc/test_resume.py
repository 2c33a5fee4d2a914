"""Interrupted and resumed is the same as never interrupted, to the bit."""

import keras
import numpy as np
import pytest

import models
import vmc

pytestmark = pytest.mark.any_backend

STAGES = [
    vmc.Stage(vmc.Chain(4), steps=4, learning_rate=1e-2, warmup=2, num_samples=20),
    vmc.Stage(vmc.Chain(6), steps=0),
    vmc.Stage(
        vmc.Chain(6),
        steps=6,
        optimizer="fresh",
        learning_rate=keras.optimizers.schedules.CosineDecay(1e-2, 6),
        temperature=vmc.paper_temperature(),
        group="reflection",
        num_samples=20,
    ),
    vmc.Stage(vmc.Chain(8), steps=3, num_samples=20),
]


def muon():
    """An optimizer whose variables are not all alike."""
    return keras.optimizers.Muon(0.0)


class StopAfter(keras.callbacks.Callback):
    """Stops training as a signal does, after so many steps in all."""

    def __init__(self, steps):
        super().__init__()
        self.left = steps

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            self.model.stop_training = True


class Journal(vmc.StageObserver):
    """Notes what it is told."""

    def __init__(self):
        self.notes = []

    def before_stage(self, number, stage, wave_function):
        self.notes.append(f"before {number}: {type(wave_function).__name__}")

    def after_stage(self, number, stage, wave_function, history):
        self.notes.append(f"after {number}: {len(history.get('energy', ()))}")

    def state(self):
        return {"notes": self.notes}

    def restore(self, state, histories):
        self.notes = list(state["notes"])


def train(checkpoints=None, callbacks=(), stages=STAGES, seconds=0.0, seed=1):
    keras.utils.set_random_seed(0)
    wf = models.GRUChain(units=4)
    journal = Journal()
    histories = vmc.retrain(
        wf, stages, seed=seed, callbacks=callbacks, verbose=0, observer=journal, optimizer=muon,
        checkpoints=checkpoints and vmc.Checkpoints(checkpoints, seconds),
    )  # fmt: skip
    return wf, histories, journal.notes


@pytest.fixture(scope="module")
def uninterrupted():
    return train()


def assert_same(one, other):
    for a, b in zip(one[0].get_weights(), other[0].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert len(one[1]) == len(other[1])
    for a, b in zip(one[1], other[1]):
        assert sorted(a) == sorted(b)
        for name in a:
            np.testing.assert_array_equal(a[name], b[name])
    assert one[2] == other[2]


@pytest.mark.one_backend
@pytest.mark.parametrize("steps", [1, 4, 7])
def test_interrupted_and_resumed(uninterrupted, tmp_path, steps):
    _, histories, notes = train(tmp_path, [StopAfter(steps)])
    assert sum(len(history.get("energy", ())) for history in histories) == steps
    assert notes == uninterrupted[2][: len(notes)]
    assert_same(train(tmp_path), uninterrupted)


class Killed(BaseException):
    pass


class Kill(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        if self.model.first_step + batch == 3:
            raise Killed


def test_what_came_after_the_last_checkpoint_is_done_again(uninterrupted, tmp_path):
    """A killed run writes nothing at its end, and comes to the same weights."""
    with pytest.raises(Killed):
        train(tmp_path, [Kill()], seconds=1e9)
    assert_same(train(tmp_path), uninterrupted)


def test_a_finished_run_is_only_read(uninterrupted, tmp_path):
    train(tmp_path)
    assert_same(train(tmp_path, [StopAfter(1)]), uninterrupted)


def test_the_group_is_trained(uninterrupted):
    assert uninterrupted[2] == [
        "before 0: GRUChain", "after 0: 4", "after 1: 0",
        "before 2: Symmetrized", "after 2: 6", "before 3: GRUChain", "after 3: 3",
    ]  # fmt: skip


def test_other_settings(tmp_path):
    train(tmp_path, [StopAfter(2)])
    with pytest.raises(vmc.CheckpointError, match="seed is 1 there and 2 here"):
        train(tmp_path, seed=2)
    with pytest.raises(vmc.CheckpointError, match=r"stages has 4 entries there and 1 here"):
        train(tmp_path, stages=STAGES[:1])
