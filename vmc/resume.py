"""What a run of several stages needs to go on where it was interrupted."""

import keras
import numpy as np

from models.version import KEY
from vmc import replicas
from vmc.checkpoint import CheckpointError


class RunState:
    """Where a run is: stage, step, weights, moments, random state, logs.

    Args:
        wf: the wave function that is trained.
        stages: all `vmc.Stage`s of the run.
        hamiltonian: makes the Hamiltonian of a lattice.
        optimizer: the first stage's.
        seed: of the run.
        checkpoints: `vmc.Checkpoints`, or None to keep nothing.
        observer: a `vmc.StageObserver`, whose state is kept too.

    Attributes:
        stage: number of the stage that is under way.
        step: its minibatches so far.
        histories: the logs of the stages that are done.
    """

    def __init__(self, wf, stages, hamiltonian, optimizer, seed, checkpoints, observer):
        self.wf = wf
        self.checkpoints = checkpoints
        self.observer = observer
        self.stages = stages
        self.stage = 0
        self.step = 0
        self.histories = []
        self._model = self._history = self._saved = None
        self._settings = {
            "wave_function": _described(wf),
            "stages": [stage.describe() for stage in stages],
            "hamiltonian": repr(hamiltonian(stages[0].lattice)) if stages else None,
            "optimizer": _described(optimizer),
            "seed": seed,
            "backend": keras.backend.backend(),
        }
        if replicas.count(wf) > 1:
            self._settings["replicas"] = replicas.count(wf)

    def read(self):
        """Goes to where a checkpoint is, if there is one."""
        found = self.checkpoints and self.checkpoints.read(self._settings)
        place = [found[0]["stage"], found[0]["step"]] if found else [0, 0]
        if (replicas.exchange(self.wf)(place) != place).any():
            raise CheckpointError(
                "the workers do not find the same checkpoint: all of them must see one folder"
            )
        if not found:
            return
        record, arrays = found
        self.stage, self.step = record["stage"], record["step"]
        self.wf.set_weights(_numbered(arrays, "weights"))
        self.histories = [_named(arrays, f"history/{k}") for k in range(self.stage)]
        self.observer.restore(record["observer"], self.histories)
        self._saved = arrays

    def begin(self, model, history):
        """Starts to follow a stage's model, and puts it to where a checkpoint was.

        Args:
            model: the stage's `vmc.VMC`, compiled.
            history: the `StepHistory` that its logs go to.
        """
        self._model, self._history = model, history
        if self._saved is not None:
            # Before its first step, a stage that renews the optimizer has a new one.
            if self.step or self.stages[self.stage].optimizer == "carry":
                _assign(model.optimizer.variables, _numbered(self._saved, "optimizer"))
            if self.step:
                _assign(_counters(model), _numbered(self._saved, "counters"))
                history.restore(_named(self._saved, f"history/{self.stage}"))
            self._saved = None
        model.first_step = self.step

    def end_stage(self, history):
        """Goes to the next stage."""
        self.histories.append(history.arrays())
        self.stage, self.step = self.stage + 1, 0
        self._history = None
        self.write()

    def write(self):
        """Writes a checkpoint."""
        if self.checkpoints is None or not replicas.is_chief(self.wf):
            return
        histories = list(self.histories)
        arrays = {}
        if self._model is not None:
            if keras.backend.backend() == "jax":
                self._model.jax_state_sync()  # the state is elsewhere while `fit` runs
            arrays |= _number("optimizer", self._model.optimizer.variables)
            arrays |= _number("counters", _counters(self._model))
        if self._history is not None:
            histories.append(self._history.arrays())
        arrays |= _number("weights", self.wf.weights)
        for number, history in enumerate(histories):
            arrays |= {f"history/{number}/{name}": values for name, values in history.items()}
        record = {"stage": self.stage, "step": self.step, "observer": self.observer.state()}
        self.checkpoints.write(record, arrays, self._settings)


class WriteCheckpoints(keras.callbacks.Callback):
    """Writes a checkpoint of a run whenever it is time.

    Args:
        run: a `RunState`.
    """

    def __init__(self, run):
        super().__init__()
        self.run = run

    def on_train_batch_end(self, batch, logs=None):
        self.run.step = self.model.first_step + batch + 1
        if self.run.checkpoints is not None and self.run.checkpoints.due():
            self.run.write()


def _described(thing):
    return {type(thing).__name__: _deciding(thing.get_config())}


def _deciding(config):
    """A config without what decides nothing: Keras' running names, and our version."""
    if not isinstance(config, dict):
        return config
    return {key: _deciding(value) for key, value in config.items() if key not in ("name", KEY)}


def _counters(model):
    """What a stage's model keeps besides the weights and the optimizer."""
    return [model.seed_generator.state, model.minibatch, model.skipped] + (
        [] if model.direction is None else [model.direction]
    )


def _assign(variables, values):
    for variable, value in zip(variables, values):
        variable.assign(value)


def _number(name, variables):
    return {
        f"{name}/{k}": keras.ops.convert_to_numpy(variable.value)
        for k, variable in enumerate(variables)
    }


def _numbered(arrays, name):
    count = sum(key.startswith(f"{name}/") for key in arrays)
    return [arrays[f"{name}/{k}"] for k in range(count)]


def _named(arrays, prefix):
    return {
        key.removeprefix(f"{prefix}/"): np.asarray(values)
        for key, values in arrays.items()
        if key.startswith(f"{prefix}/")
    }
