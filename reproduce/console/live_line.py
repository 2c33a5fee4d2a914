"""A line of progress: live on a terminal or in a notebook, now and then elsewhere."""

import sys
import time

import rich.console
import rich.live
import rich.text

LIVE_SECONDS = 0.5  # between updates of a live line
PLAIN_SECONDS = 20  # between plain lines in a pipe or a log file


class LiveLine:
    """One live line on a terminal, a plain line at intervals elsewhere.

    Args:
        stream: where to write; standard output by default.
    """

    def __init__(self, stream=None):
        self.stream = stream or sys.stdout
        self._console = rich.console.Console(file=self.stream)
        self._live = None
        self._shown = 0.0

    @property
    def interactive(self):
        """Whether one line can take the place of another."""
        return self._console.is_terminal or self._console.is_jupyter

    def due(self, last=False):
        """Whether it is time for an update; the last one is always due."""
        interval = LIVE_SECONDS if self.interactive else PLAIN_SECONDS
        now = time.monotonic()
        if now - self._shown < interval and not last:
            return False
        self._shown = now
        return True

    def show(self, text):
        """A line that the next one replaces, on a terminal."""
        if not self.interactive:
            self.stay(text)
            return
        if self._live is None:
            self._live = rich.live.Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(rich.text.Text(text, overflow="ellipsis", no_wrap=True), refresh=True)

    def stay(self, text):
        """A line that stays."""
        if self._live is not None:
            self._live.stop()
            self._live = None
        print(text, file=self.stream, flush=True)
