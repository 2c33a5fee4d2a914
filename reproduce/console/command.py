"""What every command does around its work: options, errors, signals, encodings."""

import shlex
import signal
import sys
from logging import getLogger

import keras
from absl import app, logging

from reproduce.console import options
from reproduce.console.errors import RunError
from reproduce.console.interruption import SIGNALS, Interrupted


def run(main, options_class):
    """Runs a command under absl, and exits with its status.

    Args:
        main: takes the options and returns the exit status.
        options_class: of the options, see `reproduce.console.options`.
    """
    options.define(options_class, program=sys.argv[0])
    show_what_can_be_shown()
    app.run(lambda argv: guarded(lambda: main(options.read(options_class)), argv))


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
    """Runs a command's work, with its errors as one line each.

    Args:
        main: takes no argument and returns the exit status.
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


def command_line(name, *more):
    """The command that makes this run's results again, wherever it writes them.

    Args:
        name: of the command.
        *more: arguments to add.
    """
    deciding, skip = [], False
    for argument in sys.argv[1:]:
        flag = argument.lstrip("-")
        if not skip and flag.split("=")[0] != "output_dir":
            deciding.append(argument)
        skip = not skip and flag == "output_dir"
    return shlex.join(["python", "-m", f"reproduce.{name}", *deciding, *more])
