"""Files that are written whole or not at all."""

import contextlib
import os
import pathlib


@contextlib.contextmanager
def written_whole(path):
    """Lets a file be written beside its place, and moves it there at the end.

    A reader finds the old file or the new one and never half of one,
    whenever the writer is killed. Nothing is left behind where it fails.

    Args:
        path: the file's place. Its folder is made.

    Yields:
        A `pathlib.Path` in the same folder, with the same suffix.

    Raises:
        OSError: the file cannot be written.

    Example:

    >>> import tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "energy.txt"
    >>> with written_whole(path) as partial:
    ...     partial.write_text("-3.37") and path.exists()
    False
    >>> path.read_text()
    '-3.37'
    """
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".partial-{path.name}")
    try:
        yield partial
        _to_disk(partial)
        partial.replace(path)
    except BaseException:  # a signal too
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def _to_disk(path):
    """Waits until the file is on the disk, and not only in the system's memory."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
