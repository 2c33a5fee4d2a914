"""Interrupted and resumed is the same as never interrupted, to the bit."""

import functools

import keras
import numpy as np
import pytest
from keras import ops

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


EVERY_KIND = [
    vmc.Stage(vmc.Chain(4), 2, learning_rate=1e-2, num_samples=20),
    vmc.Stage(vmc.Chain(4), 2, learning_rate=1e-2, num_samples=20, direction=vmc.NaturalGradient()),
    vmc.Stage(vmc.Chain(6), 0),
    vmc.Stage(vmc.Chain(6), 2, learning_rate=1e-2, num_samples=20, group="reflection"),
    vmc.Stage(vmc.Chain(6), 0, optimizer="fresh"),
    vmc.Stage(vmc.Chain(6), 2, learning_rate=1e-2, num_samples=20, optimizer="fresh", warmup=2),
    vmc.Stage(vmc.Chain(5, periodic=True), 2, num_samples=20, direction=vmc.NaturalGradient()),
    vmc.Stage(
        vmc.Chain(6), 2, learning_rate=vmc.InverseSqrtDecay(1e-2), num_samples=20,
        temperature=vmc.paper_temperature(), local_energy_clip=3.0,
    ),
]  # fmt: skip


def run_of_every_kind(stages, optimizer, hamiltonian, checkpoints=None, callbacks=()):
    keras.utils.set_random_seed(0)
    wf = models.GRUChain(units=3)
    histories = vmc.retrain(
        wf, stages, hamiltonian, optimizer, callbacks, verbose=0,
        checkpoints=checkpoints and vmc.Checkpoints(checkpoints, 0.0),
    )  # fmt: skip
    return wf, histories, None


def interrupt_after_every_step(
    stages, folder, optimizer=keras.optimizers.Adam, model=vmc.Heisenberg
):
    """A run that is stopped after each step, twice where nothing is done in between."""
    expected = run_of_every_kind(stages, optimizer, model)
    steps = sum(stage.steps for stage in stages)
    for _ in range(steps):
        run_of_every_kind(stages, optimizer, model, folder, [StopAfter(1)])
    assert_same(run_of_every_kind(stages, optimizer, model, folder), expected)


@pytest.mark.one_backend
def test_the_optimizer_that_is_set_aside_is_kept(tmp_path):
    """Adam, the natural gradient and Adam again, which goes on with its moments."""
    stages = [EVERY_KIND[0], EVERY_KIND[1], EVERY_KIND[2], EVERY_KIND[3]]
    interrupt_after_every_step(stages, tmp_path)


def by_muon():
    return keras.optimizers.Muon(0.0)


def ising(lattice):
    return vmc.Ising(lattice, field=0.7)


@pytest.mark.slow
@pytest.mark.parametrize("model", [vmc.Heisenberg, ising])
@pytest.mark.parametrize("optimizer", [keras.optimizers.Adam, by_muon])
def test_interrupted_after_every_step_of_every_kind(tmp_path, optimizer, model):
    stages = EVERY_KIND
    if model is ising:  # whose ground state the plain frame averages
        stages = [stage for stage in stages if not stage.group]
    interrupt_after_every_step(stages, tmp_path, optimizer, model)


class KillBeforeStage(vmc.StageObserver):
    """Ends the run when a stage is about to be left."""

    def __init__(self, number):
        self.number = number

    def after_stage(self, number, stage, wave_function, history):
        if number == self.number:
            raise Killed


def test_killed_twice_within_a_stage_without_steps(tmp_path):
    stages = [EVERY_KIND[0], vmc.Stage(vmc.Chain(4), 0), EVERY_KIND[0]]
    expected = run_of_every_kind(stages, keras.optimizers.Adam, vmc.Heisenberg)
    for _ in range(2):
        keras.utils.set_random_seed(0)
        wf = models.GRUChain(units=3)
        with pytest.raises(Killed):
            vmc.retrain(
                wf, stages, optimizer=keras.optimizers.Adam, verbose=0,
                checkpoints=vmc.Checkpoints(tmp_path, 0.0), observer=KillBeforeStage(1),
            )  # fmt: skip
    finished = run_of_every_kind(stages, keras.optimizers.Adam, vmc.Heisenberg, tmp_path)
    assert_same(finished, expected)


def test_a_section_that_lacks_a_variable_is_refused(tmp_path):
    train(tmp_path, [StopAfter(2)])
    checkpoints = vmc.Checkpoints(tmp_path)
    settings = checkpoints.found_settings()
    record, arrays = checkpoints.read(settings)
    del arrays["optimizer/1"]
    checkpoints.write(record, arrays, settings)
    with pytest.raises(vmc.CheckpointError, match="other variables in its section 'optimizer'"):
        train(tmp_path)


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


class Field(vmc.Hamiltonian):
    """A Hamiltonian of one's own, without a representation."""

    def __init__(self, lattice, strength=1.0):
        super().__init__(lattice, moves=np.arange(lattice.num_sites)[:, None])
        self.strengths = np.full(lattice.num_sites, strength)

    def diagonal(self, z):
        return ops.zeros_like(z[:, 0])

    def elements(self, z):
        return -ops.cast(self.strengths, z.dtype) * ops.ones_like(z)


def test_hamiltonians_are_compared_by_what_they_are(tmp_path):
    stages = STAGES[:1]

    def go_on(hamiltonian):
        return run_of_every_kind(stages, muon, hamiltonian, tmp_path, [StopAfter(1)])

    for same in (Field, lambda lattice: Field(lattice, 1.0)):
        go_on(same)
    with pytest.raises(vmc.CheckpointError, match=r"hamiltonians\[0\].*strengths"):
        go_on(lambda lattice: Field(lattice, 1 + 1e-12))
    with pytest.raises(vmc.CheckpointError, match=r"hamiltonians\[0\]"):
        go_on(vmc.Ising)


def test_couplings_are_compared_in_full(tmp_path):
    stages = STAGES[:1]

    def go_on(j2):
        make = functools.partial(vmc.Heisenberg, j2=j2)
        return run_of_every_kind(stages, muon, make, tmp_path, [StopAfter(1)])

    go_on(0.5)
    with pytest.raises(vmc.CheckpointError, match=r"j2 is 0\.5 there and 0\.5000001 here"):
        go_on(0.5000001)


NUMPY_NUMBERS = {
    "steps": {"steps": np.int64(3)},
    "rate": {"learning_rate": np.float32(1e-3)},
    "samples": {"num_samples": np.int64(20)},
    "warmup": {"warmup": np.uint8(2)},
    "temperature": {"temperature": np.float64(0.1)},
    "penalty": {"magnetization_penalty": np.float32(0.5)},
    "clip": {"local_energy_clip": np.float32(3)},
    "direction": {"direction": vmc.Gradient(clip=np.float32(0.5))},
    "natural": {"direction": vmc.NaturalGradient(damping=np.float32(0.01))},
}


@pytest.mark.one_backend
@pytest.mark.parametrize("name", NUMPY_NUMBERS)
def test_numbers_of_numpy_are_numbers(name, tmp_path):
    plain = {
        key: value if isinstance(value, vmc.Direction) else value.item()
        for key, value in NUMPY_NUMBERS[name].items()
    }
    options = {"lattice": vmc.Chain(4), "steps": 3, "learning_rate": 1e-3, "num_samples": 20}
    one, other = (
        vmc.retrain(
            models.GRUChain(units=3), [vmc.Stage(**options | changes)], seed=seed, verbose=0,
            checkpoints=vmc.Checkpoints(tmp_path / str(seed), 0.0),
        )
        for changes, seed in ((plain, 3), (NUMPY_NUMBERS[name], np.int64(3)))
    )  # fmt: skip
    assert len(one[0]["energy"]) == len(other[0]["energy"]) == 3


def test_what_is_no_number_is_refused_at_once():
    for options in ({"learning_rate": "fast"}, {"steps": 2.5}, {"temperature": np.nan},
                    {"magnetization_penalty": "10"}, {"num_samples": True}):  # fmt: skip
        (name,) = options
        with pytest.raises(ValueError, match=f"{name} must be a"):
            vmc.Stage(**{"lattice": vmc.Chain(4), "steps": 3} | options)


def test_other_settings(tmp_path):
    train(tmp_path, [StopAfter(2)])
    with pytest.raises(vmc.CheckpointError, match="seed is 1 there and 2 here"):
        train(tmp_path, seed=2)
    with pytest.raises(vmc.CheckpointError, match=r"stages has 4 entries there and 1 here"):
        train(tmp_path, stages=STAGES[:1])
