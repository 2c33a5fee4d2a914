"""What every script does around its work: errors, signals, versions, time."""

import pathlib
import platform
import signal
import sys
import time
from logging import getLogger

import keras
import numpy as np
from absl import app, logging

from reproduce.interruption import SIGNALS, Interrupted


class RunError(Exception):
    """Something that the user can mend; the message says how, in one line."""


def run(main):
    """Runs a script's main function under absl, and exits with its status."""
    show_what_can_be_shown()
    app.run(lambda argv: guarded(main, argv))


def show_what_can_be_shown():
    """Lets the standard streams write ? for a character that their encoding does not have.

    A Windows console or the locale of a cluster may have no ± or σ; a run
    goes on all the same. Files are written in UTF-8 wherever it runs.
    """
    for stream in (sys.stdout, sys.stderr):
        # A stream that a notebook or a test has put there may have no encoding.
        if getattr(stream, "errors", None) in ("strict", "surrogateescape"):
            stream.reconfigure(errors="replace")


def guarded(main, argv):
    """Runs a script's main function, with its errors as one line each.

    Args:
        main: takes nothing and returns the exit status.
        argv: what absl's flags have left of the command line.

    Returns:
        The exit status: 2 for a `RunError`, 128 and the number of the
        signal that ended it, so 130 after Ctrl-C.
    """
    # A shell starts background jobs with Ctrl-C ignored; `kill -INT` shall
    # stop a run all the same.
    for number in SIGNALS:
        signal.signal(number, _interrupt)
    _quieten_libraries()
    try:
        if len(argv) > 1:
            raise RunError(f"unknown arguments: {' '.join(argv[1:])}")
        return main()
    except RunError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except Interrupted as interrupted:
        print(f"interrupted by {interrupted}", file=sys.stderr)
        return 128 + interrupted.signum


def _quieten_libraries():
    """Makes TensorFlow's own logger listen to `--verbosity`, and say nothing twice.

    At the default, 0, it only warns; what else it has to say comes with 1.
    What Matplotlib thinks of each font does not, nor which accelerators JAX misses.
    """
    for name in ("matplotlib", "h5py", "jax"):
        getLogger(name).setLevel("WARNING")
    if keras.backend.backend() == "tensorflow":
        level = logging.get_verbosity()
        level = level if level >= logging.DEBUG else min(level, logging.WARNING)
        logger = sys.modules["tensorflow"].get_logger()  # which sets a level of its own first
        logger.setLevel(logging.converter.absl_to_standard(level))
        logger.propagate = False


def _interrupt(signum, frame):
    raise Interrupted(signum)


def versions():
    """Versions of what computed a result, and the machine: a dict."""
    packages = {"keras": keras.__version__, "numpy": np.__version__}
    backend = keras.backend.backend()
    packages[backend] = sys.modules[backend].__version__
    return {
        "python": platform.python_version(),
        "backend": backend,
        **packages,
        "machine": platform.machine(),
        "processor": _processor(),
    }


def _processor():
    try:
        for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor()


def duration(seconds):
    """A length of time as people say it.

    Example:

    >>> duration(75), duration(7300), duration(400_000)
    ('1 min 15 s', '2 h 1 min', '4 d 15 h')
    """
    seconds = round(seconds)
    for size, name, small, small_name in (
        (86400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if seconds >= size:
            return f"{seconds // size} {name} {seconds % size // small} {small_name}"
    return f"{seconds} s"


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self):
        self._start = time.monotonic()

    def seconds(self):
        return time.monotonic() - self._start
