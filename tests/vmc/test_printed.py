"""Estimates on terminals of any encoding."""

import io
import sys

import pytest

import vmc

pytestmark = pytest.mark.any_backend

ESTIMATE = vmc.Estimate(-35.264123, 0.00123, 0.0151, 0.0, num_sites=80, num_samples=10_000)
IN_UTF8 = "-35.2641 ± 0.0012 [σ²=1.5e-02]"
IN_ASCII = "-35.2641 +- 0.0012 [variance=1.5e-02]"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        *((encoding, IN_UTF8) for encoding in ("utf-8", "iso8859-7", "cp437")),
        *((e, IN_ASCII) for e in ("cp1252", "latin-1", "ascii", "cp850", "cp932", "koi8-r")),
    ],
)
def test_a_print_raises_nowhere(encoding, text, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    monkeypatch.setattr(sys, "stdout", stream)
    print(ESTIMATE)
    stream.flush()
    assert stream.buffer.getvalue().decode(encoding) == text + "\n"


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_streams_without_an_encoding(stream, monkeypatch):
    """There is no standard output under pythonw, and notebooks have one of their own."""
    monkeypatch.setattr(sys, "stdout", stream)
    assert str(ESTIMATE) == IN_UTF8
