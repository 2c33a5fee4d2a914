"""Time: of a run, and of its train steps."""

import time

import keras
import numpy as np


class StepClock(keras.callbacks.Callback):
    """Times each train step, and waits for it.

    Args:
        clock: gives the time; by default that on the wall.

    Attributes:
        seconds: of each step of the last training.
        total: of all steps of all trainings but the first of each, which
            compiles.
    """

    def __init__(self, clock=time.perf_counter):
        super().__init__()
        self.clock = clock
        self.total = 0.0

    def on_train_begin(self, logs=None):
        self.seconds = []

    def on_train_batch_begin(self, batch, logs=None):
        self._start = self.clock()

    def on_train_batch_end(self, batch, logs=None):
        float(logs["energy"])
        self.seconds.append(self.clock() - self._start)
        if len(self.seconds) > 1:
            self.total += self.seconds[-1]

    def median(self):
        """Median over all steps but the first, which compiles."""
        return float(np.median(self.seconds[1:]))


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self):
        self._start = time.monotonic()

    def seconds(self):
        """How many have passed."""
        return time.monotonic() - self._start
