"""Ctrl-C and SIGTERM, heard at the end of a step."""

import signal
import sys

import keras

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupted(BaseException):
    """A signal ended the run, which can go on later.

    Args:
        signum: the signal.
    """

    def __init__(self, signum):
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


class Interruption(keras.callbacks.Callback):
    """Lets a run end after the step, or the samples, that it is at.

    A context manager: inside, the first signal is remembered and a second
    one ends the run at once.
    """

    def __init__(self):
        super().__init__()
        self.signum = None

    def __enter__(self):
        self._before = {number: signal.signal(number, self._hear) for number in SIGNALS}
        return self

    def __exit__(self, *exception):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, signum, frame):
        if self.signum is not None:
            raise Interrupted(signum)
        self.signum = signum
        print("\ninterrupted: finishing the step, then stopping", file=sys.stderr, flush=True)

    def check(self):
        """Raises `Interrupted` if there was a signal."""
        if self.signum is not None:
            raise Interrupted(self.signum)

    def on_train_batch_end(self, batch, logs=None):
        if self.signum is not None:
            self.model.stop_training = True
