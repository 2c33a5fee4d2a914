"""A line of progress: live on a terminal, now and then elsewhere."""

import sys
import time

LIVE_SECONDS = 0.5  # between updates of a live line
PLAIN_SECONDS = 20  # between plain lines in a pipe or a log file


class LiveLine:
    """One live line on a terminal, a plain line at intervals elsewhere.

    Args:
        stream: where to write; standard output by default.
    """

    def __init__(self, stream=None):
        self.stream = stream or sys.stdout
        self._shown = 0.0

    def due(self, last=False):
        """Whether it is time for an update; the last one is always due."""
        interval = LIVE_SECONDS if self.stream.isatty() else PLAIN_SECONDS
        now = time.monotonic()
        if now - self._shown < interval and not last:
            return False
        self._shown = now
        return True

    def show(self, text):
        """A line that the next one replaces, on a terminal."""
        if self.stream.isatty():
            self._clear()
            print(text, end="", file=self.stream, flush=True)
        else:
            self.stay(text)

    def stay(self, text):
        """A line that stays."""
        self._clear()
        print(text, file=self.stream, flush=True)

    def _clear(self):
        if self.stream.isatty():
            print("\r\x1b[K", end="", file=self.stream)
