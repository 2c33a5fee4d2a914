"""Where a run writes: a folder of its own, or that of the run that it goes on with."""

import pathlib

import vmc
from reproduce.console.errors import RunError
from vmc.training.description import differences

IGNORED = {".lock"}  # what a killed run may leave in an otherwise empty folder


class RunFolder:
    """The folder of a run, with its checkpoints.

    Args:
        path: of the folder.
        settings: what decides the run, as JSON can hold it.

    Attributes:
        path: a `pathlib.Path`.
    """

    def __init__(self, path, settings):
        self.path = pathlib.Path(path)
        self.settings = settings
        self._kept = {}

    def checkpoints(self, seconds=0.0, number=0):
        """The `vmc.Checkpoints` of a training.

        Args:
            seconds: time from one to the next.
            number: which of the trainings that make up the run.
        """
        if number not in self._kept:
            name = "checkpoints" + (f"-{number + 1}" if number else "")
            self._kept[number] = vmc.Checkpoints(self.path / name, 0.0, {"run": self.settings})
        # The one that was looked into: what it has read is not read again.
        self._kept[number].seconds = seconds
        return self._kept[number]

    def taken(self, resume):
        """Why the folder cannot be this run's, or None if it can.

        Args:
            resume: whether an unfinished run of the same settings will do.
        """
        if not self.path.exists() or not {p.name for p in self.path.iterdir()} - IGNORED:
            return None
        if not resume or not self.checkpoints().files():
            return f"{self.path} is not empty: choose another --output_dir"
        try:
            found = self.checkpoints().found_settings()["run"]
        except vmc.CheckpointError as error:
            raise RunError(str(error)) from error
        if different := differences(found, self.settings):
            return (
                f"{self.path} holds an unfinished run with other settings: {'; '.join(different)}"
            )
        return None


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
        A `RunFolder`, which exists and can be written to.

    Raises:
        RunError: the folder asked for is taken or cannot be written.
    """
    folder = RunFolder(asked or default, settings)
    number = 2
    try:
        while taken := folder.taken(resume):
            if asked:
                raise RunError(taken)
            folder = RunFolder(f"{default}-{number}", settings)
            number += 1
        folder.path.mkdir(parents=True, exist_ok=True)
        probe = folder.path / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise RunError(f"cannot write to {folder.path}: {error.strerror}") from error
    return folder
