"""Keras callbacks for training runs."""

import keras
import numpy as np

from vmc.training import replicas


class StepHistory(keras.callbacks.Callback):
    """Keeps the logs of every minibatch; Keras' own history keeps epochs.

    Example:

    >>> import models, vmc
    >>> model = vmc.VMC(models.GRUChain(units=4), vmc.Heisenberg(vmc.Chain(4)), num_samples=8)
    >>> model.compile(keras.optimizers.Adam(1e-3))
    >>> history = StepHistory()
    >>> _ = model.fit(steps_per_epoch=3, callbacks=[history, StopOnNonFinite()], verbose=0)
    >>> history.arrays()["energy"].shape
    (3,)
    """

    def __init__(self):
        super().__init__()
        self._values = {}

    def on_train_batch_end(self, batch, logs=None):
        for name, value in logs.items():
            self._values.setdefault(name, []).append(float(value))

    def arrays(self):
        """The logs so far: a dict of name to float array `[steps]`."""
        return {name: np.array(values) for name, values in self._values.items()}

    def restore(self, arrays):
        """Takes back what `arrays` gave, and goes on from there."""
        self._values = {name: values.tolist() for name, values in arrays.items()}


class StopOnNonFinite(keras.callbacks.Callback):
    """Stops training after so many skipped steps in a row.

    A skipped step has left the weights as they were, so that the model
    holds the last good ones when it stops. See `StepHistory` for an example.

    Args:
        patience: how many skipped steps in a row are too many.
    """

    def __init__(self, patience=10):
        super().__init__()
        self.patience = patience

    def on_train_begin(self, logs=None):
        self.stopped = False
        self._skipped = int(keras.ops.convert_to_numpy(self.model.skipped))
        self._in_a_row = 0

    def on_train_batch_end(self, batch, logs=None):
        skipped = int(logs["skipped"])
        self._in_a_row = self._in_a_row + 1 if skipped > self._skipped else 0
        self._skipped = skipped
        if self._in_a_row >= self.patience:
            self.stopped = True
            self.model.stop_training = True


class StopTogether(keras.callbacks.Callback):
    """Stops all workers after the step in which training is stopped on one of them.

    A worker that left by itself would leave the others in the middle of
    the next step. Comes after all callbacks that may stop training.

    Attributes:
        by_others: whether only other workers stopped.
    """

    def on_train_begin(self, logs=None):
        self.by_others = False
        self._exchange = replicas.exchange(self.model)

    def on_train_batch_end(self, batch, logs=None):
        here = self.model.stop_training
        if self._exchange([int(here)]).any():
            self.by_others = not here
            self.model.stop_training = True
