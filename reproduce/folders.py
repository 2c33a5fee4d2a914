"""Where a run writes: a folder of its own, or that of the run that it goes on with."""

import pathlib

import vmc
from reproduce.runs import RunError
from vmc.training.checkpoint import differences

CHECKPOINTS = "checkpoints"
IGNORED = {".lock"}  # what a killed run may leave in an otherwise empty folder


def output_folder(asked, default, settings, resume=True):
    """A folder for this run's files, never one that holds another run's.

    Args:
        asked: what `--output_dir` says, or None.
        default: the folder otherwise; if another run has it, the next free
            number is put behind it.
        settings: what decides this run, as JSON can hold it.
        resume: whether a folder with an unfinished run of the same settings
            will do.

    Returns:
        A `pathlib.Path`, which exists and can be written to.

    Raises:
        RunError: the folder asked for is taken or cannot be written.
    """
    folder = pathlib.Path(asked or default)
    number = 2
    try:
        while taken := _taken(folder, settings, resume):
            if asked:
                raise RunError(taken)
            folder = pathlib.Path(f"{default}-{number}")
            number += 1
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise RunError(f"cannot write to {folder}: {error.strerror}") from error
    return folder


def checkpoints(folder, settings, seconds, number=0):
    """The checkpoints of the run in a folder.

    Args:
        folder: the run's.
        settings: what decides the run.
        seconds: time from one to the next.
        number: which of the trainings that make up the run.
    """
    where = pathlib.Path(folder) / (CHECKPOINTS if not number else f"{CHECKPOINTS}-{number + 1}")
    return vmc.Checkpoints(where, seconds, {"run": settings})


def _taken(folder, settings, resume):
    """Why a folder cannot be this run's, or None if it can."""
    if not folder.exists() or not {path.name for path in folder.iterdir()} - IGNORED:
        return None
    found = checkpoints(folder, settings, 0.0)
    if not resume or not found.files():
        return f"{folder} is not empty: choose another --output_dir"
    try:
        different = differences(found.found_settings()["run"], settings)
    except vmc.CheckpointError as error:
        raise RunError(str(error)) from error
    if not different:
        return None
    return f"{folder} holds an unfinished run with other settings: {'; '.join(different)}"
