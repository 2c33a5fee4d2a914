"""Progress: one line that changes on a terminal, a line now and then elsewhere."""

import io

import pytest

from reproduce import live_line
from reproduce.live_line import LiveLine


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


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
    assert stream.getvalue() == "\r\x1b[Kstep 1\r\x1b[Kstep 2\r\x1b[Kdone\n"


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
