"""Figures and tables of arXiv:2003.06228, a folder each."""

import os
import sys


def _import_keras_quietly():
    # TensorFlow writes to the standard error stream while it is imported,
    # before any of its settings counts. Done here and not in `models`, whose
    # users have their own ideas of what to see. Whoever sets the variable to
    # less than 3 sees all that it lets through.
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") < "3":
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        import keras  # noqa: F401
    finally:
        os.dup2(kept, 2)
        os.close(kept)


_import_keras_quietly()

import vmc  # noqa: E402, F401, before anything of models, which it makes sure of
