"""What a run of several stages needs to go on where it was interrupted."""

import keras
import numpy as np

from vmc.training import replicas
from vmc.training.checkpoint import CheckpointError
from vmc.training.description import describe


class RunState:
    """Where a run is, and everything that the rest of it depends on.

    A checkpoint holds all of it, always, in named sections: the weights;
    the run's optimizer, also while a stage has one of its own; the stage's
    optimizer and variables, from its first step on; the logs of every
    minibatch; and what the observer has found out.

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
        optimizer: the run's; stages go on with its moments.
    """

    def __init__(self, wf, stages, hamiltonian, optimizer, seed, checkpoints, observer):
        self.wf = wf
        self.checkpoints = checkpoints
        self.observer = observer
        self.optimizer = optimizer
        self.stage = 0
        self.step = 0
        self.histories = []
        self._model = self._history = self._saved = None
        self._settings = {
            "wave_function": describe(wf),
            "stages": [describe(stage) for stage in stages],
            "hamiltonians": [describe(hamiltonian(stage.lattice)) for stage in stages],
            "optimizer": describe(optimizer),
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
        self._assign("weights", self.wf.weights, arrays)
        self._assign("optimizer", self.optimizer.variables, arrays)
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
        if self._saved is not None and self.step:
            self._assign("stage", self._of_stage(), self._saved)
            history.restore(_named(self._saved, f"history/{self.stage}"))
        self._saved = None
        model.first_step = self.step

    def end_stage(self, history):
        """Goes to the next stage."""
        self.histories.append(history.arrays())
        self.stage, self.step = self.stage + 1, 0
        self._model = self._history = self._saved = None
        self.write()

    def write(self):
        """Writes a checkpoint."""
        if self.checkpoints is None or not replicas.is_chief(self.wf):
            return
        histories = list(self.histories)
        sections = {"optimizer": self.optimizer.variables, "weights": self.wf.weights}
        if self._model is not None:
            if keras.backend.backend() == "jax":
                self._model.jax_state_sync()  # the state is elsewhere while `fit` runs
            sections["stage"] = self._of_stage()
            histories.append(self._history.arrays())
        arrays = {
            f"{name}/{number}": keras.ops.convert_to_numpy(variable.value)
            for name, variables in sections.items()
            for number, variable in enumerate(variables)
        }
        for number, history in enumerate(histories):
            arrays |= {f"history/{number}/{name}": values for name, values in history.items()}
        record = {"stage": self.stage, "step": self.step, "observer": self.observer.state()}
        self.checkpoints.write(record, arrays, self._settings)

    def _of_stage(self):
        """The variables of a stage that has begun, besides the weights."""
        own = self._model.optimizer is not self.optimizer
        return [*self._model.state, *(self._model.optimizer.variables if own else [])]

    def _assign(self, section, variables, arrays):
        """Puts variables to what a section holds; CheckpointError unless it holds just them."""
        saved = _named(arrays, section)
        wanted = {str(number): tuple(v.shape) for number, v in enumerate(variables)}
        if {name: values.shape for name, values in saved.items()} != wanted:
            raise CheckpointError(
                f"the checkpoint in {self.checkpoints.folder} holds other variables in its section "
                f"{section!r}, as another version of this package writes them: go on with that "
                "version, or start a run from its weights"
            )
        for number, variable in enumerate(variables):
            variable.assign(saved[str(number)])


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


def _named(arrays, section):
    return {
        key.removeprefix(f"{section}/"): np.asarray(values)
        for key, values in arrays.items()
        if key.startswith(f"{section}/")
    }
