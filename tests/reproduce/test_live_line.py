"""Progress: one line that changes on a terminal, a line now and then elsewhere."""

import io
import re

import pytest

from reproduce.console import live_line
from reproduce.console.live_line import LiveLine


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def shown(stream):
    """The lines on a terminal at the end, of one that knows a few control sequences."""
    lines, row, column = [""], 0, 0
    for control, text in re.findall(
        r"(\x1b\[[0-9;?]*[A-Za-z]|\r|\n)|([^\x1b\r\n]+)", stream.getvalue()
    ):
        if control == "\r":
            column = 0
        elif control == "\n":
            row, column = row + 1, 0
            lines += [""] * (row == len(lines))
        elif control.endswith("K"):
            lines[row] = ""
        elif control.endswith("A"):
            row -= int(control[2:-1] or 1)
        elif text:
            lines[row] = lines[row][:column] + text
            column += len(text)
    return [line for line in lines if line]


@pytest.fixture
def clock(monkeypatch):
    """Seconds that a test sets."""
    now = [100.0]
    monkeypatch.setattr(live_line.time, "monotonic", lambda: now[0])
    return now


def test_a_line_on_a_terminal_takes_the_place_of_the_one_before():
    stream = Terminal()
    line = LiveLine(stream)
    line.show("step 1")
    line.show("step 2")
    line.stay("done")
    assert shown(stream) == ["done"]
    assert [text in stream.getvalue() for text in ("step 1", "step 2")] == [True, True]


def test_in_a_file_lines_are_plain():
    stream = io.StringIO()
    line = LiveLine(stream)
    line.show("step 1")
    line.stay("done")
    assert stream.getvalue() == "step 1\ndone\n"


@pytest.mark.parametrize(("stream", "interval"), [(Terminal(), 0.5), (io.StringIO(), 20)])
def test_lines_come_at_intervals(stream, interval, clock):
    line = LiveLine(stream)
    assert line.due()
    clock[0] += 0.9 * interval
    assert not line.due()
    assert line.due(last=True)
    clock[0] += 1.1 * interval
    assert line.due()
