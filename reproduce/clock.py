"""Times train steps."""

import time

import keras
import numpy as np


class StepClock(keras.callbacks.Callback):
    """Times each train step, and waits for it."""

    def on_train_begin(self, logs=None):
        self.seconds = []

    def on_train_batch_begin(self, batch, logs=None):
        self._start = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        float(logs["energy"])
        self.seconds.append(time.perf_counter() - self._start)

    def median(self):
        """Median over all steps but the first, which compiles."""
        return float(np.median(self.seconds[1:]))
