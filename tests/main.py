"""Runs files of tests: what every test target of Bazel executes.

python tests/main.py tests/vmc/test_cost.py
"""

import os
import pathlib
import sys

import pytest


def main(arguments):
    """Runs pytest on the arguments; returns the exit status."""
    root = str(pathlib.Path(__file__).parent.parent)
    # In place of this folder, where `models` would be tests of it. Tests
    # that start scripts in other folders hand the path on.
    sys.path[0] = root
    os.environ["PYTHONPATH"] = os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])
    # Bazel itself runs tests side by side, where nothing may be written.
    return pytest.main(["--numprocesses=0", "-p", "no:cacheprovider", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
