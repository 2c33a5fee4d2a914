"""The figures of the page: images within it, each with a sentence that says what it shows."""

import base64
import dataclasses
import struct

from reproduce.console.errors import RunError
from reproduce.console.notation import scientific

PNG = b"\x89PNG\r\n\x1a\n"


@dataclasses.dataclass(frozen=True)
class Figure:
    """An image, as the template shows it.

    Attributes:
        base64: the PNG file, in base64.
        width: in pixels.
        height: in pixels.
        description: what it shows.
    """

    base64: str
    width: int
    height: int
    description: str

    @property
    def wide(self):
        """Whether it has panels beside each other."""
        return self.width > 2 * self.height


def figure(path, result):
    """A figure of a result.

    Args:
        path: a PNG file.
        result: the `StoredResult` that it belongs to.

    Returns:
        A `Figure`.

    Raises:
        RunError: it is not a PNG file.
    """
    content = path.read_bytes()
    if not content.startswith(PNG) or len(content) < 24:
        raise RunError(f"cannot read {path}: it is not a PNG file")
    width, height = struct.unpack(">II", content[16:24])  # in the header, PNG's first chunk
    image = base64.b64encode(content).decode("ascii")
    return Figure(image, width, height, _description(path, result))


def _description(path, result):
    """What a figure shows, in a sentence."""
    rows = [row for row in result.rows if row.get("relative_error") is not None and "stage" in row]
    if path.stem != result.name or not rows:
        return f"{result.title}: {path.stem.replace('_', ' ').replace('-', ' ')}"
    lowest, highest = (pick(rows, key=lambda row: row["relative_error"]) for pick in (min, max))
    return (
        f"Relative error of the energy at {len(rows)} stages: from "
        f"{scientific(lowest['relative_error'])} ({lowest['stage']}) to "
        f"{scientific(highest['relative_error'])} ({highest['stage']}). The table has all of them."
    )
