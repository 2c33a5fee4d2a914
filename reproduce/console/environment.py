"""What computes: versions, processor."""

import pathlib
import platform
import sys

import keras
import numpy as np


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
