"""Which version of the package a wave function was saved by."""

import contextlib
import warnings

PACKAGE = "iterative-retraining"
VERSION = "0.1.0"  # setup.cfg reads it here
KEY = "package_version"  # of a wave function's config


class OtherVersion(UserWarning):
    """What is read was made by another version of the package."""


@contextlib.contextmanager
def made_by(version):
    """Says so where another version of the package made what is read.

    A config and not the file holds the version, so that it comes along
    wherever Keras keeps a config. There is no number for the format of a
    file beside it: what a user can install is a version.

    Args:
        version: that made it; None, of files older than this record, tells
            nothing.

    Warns:
        OtherVersion: it can be read, but may mean other numbers.

    Raises:
        ValueError: it cannot be read.
    """
    if version in (None, VERSION):
        yield
        return
    said = f"was saved by {PACKAGE} {version}, and this is {VERSION}"
    try:
        yield
    except (TypeError, ValueError) as error:
        raise ValueError(f"The wave function {said}, which cannot read it: {error}") from error
    warnings.warn(f"The wave function {said}: compare what it gives.", OtherVersion, stacklevel=2)
