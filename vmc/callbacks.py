"""Keras callbacks for training runs."""

import keras
import numpy as np


class StepHistory(keras.callbacks.Callback):
    """Keeps the logs of every minibatch; Keras' own history keeps epochs."""

    def on_train_begin(self, logs=None):
        self.steps = []

    def on_train_batch_end(self, batch, logs=None):
        self.steps.append({name: float(value) for name, value in logs.items()})

    def arrays(self):
        """The logs so far: a dict of name to float array `[steps]`."""
        names = self.steps[0] if self.steps else ()
        return {name: np.array([step[name] for step in self.steps]) for name in names}


class StopOnNonFinite(keras.callbacks.Callback):
    """Stops training after so many skipped steps in a row.

    A skipped step has left the weights as they were, so that the model
    holds the last good ones when it stops.

    Args:
        patience: how many skipped steps in a row are too many.
    """

    def __init__(self, patience=10):
        super().__init__()
        self.patience = patience

    def on_train_begin(self, logs=None):
        self.stopped = False
        self._skipped = 0
        self._in_a_row = 0

    def on_train_batch_end(self, batch, logs=None):
        skipped = int(logs["skipped"])
        self._in_a_row = self._in_a_row + 1 if skipped > self._skipped else 0
        self._skipped = skipped
        if self._in_a_row >= self.patience:
            self.stopped = True
            self.model.stop_training = True
