"""Whether Python finds the package `models` that came with this one, or one of the user's.

Python looks into the working folder first, and `models` is a common name.
"""

import pathlib

import models

OURS = pathlib.Path(__file__).parent.parent / "models" / "__init__.py"


def _found():
    """The file, or the folder without any, that the name stands for."""
    return pathlib.Path(models.__file__ or next(iter(models.__path__)))


if not _found().samefile(OURS):
    raise ImportError(
        f"vmc needs the package models that came with it, {OURS.parent}, but Python finds "
        f"{_found()}: give that another name, or work in another folder."
    )
