"""Checkpoints: all that a run needs to go on, written whole or not at all."""

import contextlib
import errno
import hashlib
import io
import json
import pathlib
import time

import numpy as np
from absl import logging

from vmc.training.description import differences
from vmc.training.whole_files import written_whole

try:
    import fcntl
except ImportError:  # not on Windows, where two runs in a folder go unnoticed
    fcntl = None

KEPT = 2
SUFFIX = ".checkpoint"


class CheckpointError(RuntimeError):
    """A checkpoint that cannot be read, written or used; the message says how to go on."""


class Checkpoints:
    """The last two checkpoints of a run, in a folder of their own.

    A file holds its SHA-256 in the first line and a NumPy archive behind
    it. It is written beside its place, brought to the disk and renamed, so
    that a run that is killed while it writes loses nothing.

    Args:
        folder: where they are kept; made when the first one is written.
        seconds: how long training goes on between two of them.
        settings: whatever else decides the run, as JSON can hold it. A
            checkpoint of a run with other settings is refused.

    Example:

    >>> import tempfile
    >>> checkpoints = Checkpoints(tempfile.mkdtemp())
    >>> checkpoints.write({"step": 3}, {"weights": np.ones(2)}, settings={"seed": 0})
    >>> record, arrays = checkpoints.read(settings={"seed": 0})
    >>> record["step"], arrays["weights"].sum()
    (3, np.float64(2.0))
    """

    def __init__(self, folder, seconds=60.0, settings=None):
        self.folder = pathlib.Path(folder)
        self.seconds = seconds
        self.settings = settings or {}
        self._found = None  # what the newest file holds, once it was read
        self._written = time.monotonic()

    def files(self):
        """The checkpoints there are, the newest last."""
        return sorted(self.folder.glob(f"*{SUFFIX}"))

    def due(self):
        """Whether the last one was written so long ago that it is time for another."""
        return time.monotonic() - self._written >= self.seconds

    def write(self, record, arrays, settings):
        """Writes a checkpoint, and then removes all but the last two.

        Args:
            record: a dict, as JSON can hold it.
            arrays: a dict of NumPy arrays.
            settings: what decides the run, as JSON can hold it.

        Raises:
            CheckpointError: it could not be written; those before are intact.
        """
        record = {"settings": {**self.settings, **settings}, "record": record}
        payload = io.BytesIO()
        text = np.frombuffer(json.dumps(record).encode(), "uint8")
        np.savez(payload, **{f"array:{k}": v for k, v in arrays.items()}, record=text)
        payload = payload.getvalue()
        names = self.files()
        number = int(names[-1].stem) + 1 if names else 0
        path = self.folder / f"{number:08d}{SUFFIX}"
        try:
            with written_whole(path) as partial:
                digest = hashlib.sha256(payload).hexdigest().encode()
                partial.write_bytes(digest + b"\n" + payload)
        except OSError as error:
            before = f"; {names[-1]} is intact" if names else ""
            raise CheckpointError(
                f"cannot write the checkpoint {path}: {error.strerror}{before}"
            ) from error
        for old in names[: 1 - KEPT]:
            old.unlink(missing_ok=True)
        logging.debug("%s is written: %d bytes.", path, len(payload))
        self._written = time.monotonic()

    def read(self, settings):
        """The newest checkpoint that is whole.

        Args:
            settings: what decides this run; it must be what decided that one.

        Returns:
            `(record, arrays)` as they were written, or None if there is none.

        Raises:
            CheckpointError: the settings differ, or none is whole.
        """
        found, self._found = self._found or self._newest(), None
        if found is None:
            return None
        record, arrays = found
        now = json.loads(json.dumps({**self.settings, **settings}))
        if different := differences(record["settings"], now):
            raise CheckpointError(
                f"{self.folder} holds a run with other settings: {'; '.join(different)}"
            )
        return record["record"], arrays

    def found_settings(self):
        """The settings of the run that is kept here, or None if there is none."""
        self._found = self._found or self._newest()
        return self._found and self._found[0]["settings"]

    def _newest(self):
        names = self.files()
        for path in reversed(names):
            content = _content(path)
            if content is not None:
                return content
            logging.warning("%s is damaged; the checkpoint before it is used.", path)
        if names:
            raise CheckpointError(
                f"no checkpoint in {self.folder} is whole: "
                "remove the folder to start again, or use another"
            )
        return None

    def clear(self):
        """Removes all checkpoints, of a run that has ended."""
        for path in [*self.files(), *self.folder.glob(f".partial-*{SUFFIX}")]:
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.folder.rmdir()


@contextlib.contextmanager
def locked(folder):
    """Keeps every other run out of a folder for as long as this one lives.

    The lock dies with its process, however that ends.

    Raises:
        CheckpointError: another run has it.
    """
    path = pathlib.Path(folder) / ".lock"
    with open(path, "w", encoding="utf-8") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno not in (errno.EACCES, errno.EAGAIN):
                    raise
                raise CheckpointError(f"another run is writing to {folder}") from error
        yield
        path.unlink(missing_ok=True)


def _content(path):
    """What a file holds, or None if it is damaged."""
    try:
        digest, payload = path.read_bytes().split(b"\n", 1)
        if hashlib.sha256(payload).hexdigest().encode() != digest:
            return None
        with np.load(io.BytesIO(payload)) as archive:
            arrays = {k.removeprefix("array:"): archive[k] for k in archive if k != "record"}
            return json.loads(archive["record"].tobytes()), arrays
    except (OSError, ValueError):
        return None
