"""What a run writes for TensorBoard."""

import importlib.util
import pathlib
import time

import keras

from reproduce.console.errors import RunError
from vmc.measurement.estimate import v_score


def check():
    """Raises `RunError` where nothing can be written for TensorBoard."""
    if keras.backend.backend() != "tensorflow":
        raise RunError(
            "--tensorboard needs KERAS_BACKEND=tensorflow: it is TensorFlow that writes the files"
        )
    if importlib.util.find_spec("tensorboard") is None:
        raise RunError("--tensorboard needs the package: pip install tensorboard")


class Board(keras.callbacks.TensorBoard):
    """Writes scalars of every minibatch, in a folder for each stage.

    Args:
        folder: of the stages' folders.
    """

    def __init__(self, folder):
        super().__init__(update_freq=1, write_graph=False)
        self.folder = pathlib.Path(folder)

    def begin(self, stage):
        """Starts to follow a `vmc.Stage`."""
        self.log_dir = str(self.folder / stage.label)

    def on_train_begin(self, logs=None):
        super().on_train_begin(logs)
        self._global_train_batch = self.model.first_step  # where a run goes on

    def on_train_batch_begin(self, batch, logs=None):
        super().on_train_batch_begin(batch, logs)
        self._began = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        model, logs = self.model, {name: float(value) for name, value in logs.items()}
        seconds = time.perf_counter() - self._began
        logs["v_score"] = v_score(
            logs["energy"], logs["variance"], model.hamiltonian.lattice.num_sites
        )
        logs["learning_rate"] = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
        logs["samples_per_second"] = model.num_samples / seconds
        super().on_train_batch_end(batch, logs)

    def on_epoch_end(self, epoch, logs=None):
        """Nothing: a stage is one epoch, whose logs are those of its last minibatch."""
