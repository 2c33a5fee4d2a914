"""The trained wave functions that come with the package."""

import difflib
import json
import pathlib
import warnings

from models import preset_folder
from models.version import OtherVersion

# Found from here, where it is in a checkout and in an installation: a user may have a package,
# or a folder, of the name data.
DATA = pathlib.Path(__file__).parent.parent / "data"
WEIGHTS = DATA / "weights"


def presets():
    """Names of the trained wave functions, with a line on each.

    Returns:
        A dict of name to description.

    Example:

    >>> "gru-chain-80" in presets()
    True
    """
    return {name: card(name)["description"] for name in _names()}


def card(name):
    """A preset's model card: architecture, recipe, measured energies, limits.

    Args:
        name: one of `presets()`.

    Returns:
        A dict, as `card.json` holds it.

    Raises:
        ValueError: an unknown name; the message lists the nearest ones.

    Example:

    >>> card("gru-chain-80")["trained_at"]
    80
    """
    if not _has(name):
        names = _names()
        near = difflib.get_close_matches(str(name), names, n=3, cutoff=0.3) or names
        message = f"There is no preset {name!r}. The nearest are: {', '.join(near)}."
        if str(name).endswith(".keras"):
            message += " A file is loaded with keras.saving.load_model."
        raise ValueError(message)
    return json.loads((WEIGHTS / name / "card.json").read_text(encoding="utf-8"))


def load(name, dtype="float32"):
    """A trained wave function from the zoo, with its model card as `wf.card`.

    Args:
        name: one of `presets()`.
        dtype: `"float32"`, in which they were trained, or `"float64"`.

    Returns:
        A `WaveFunction`.

    Raises:
        ValueError: an unknown name, or a file that is not the one the card
            describes.

    Example:

    >>> wf = load("gru-chain-80")
    >>> tuple(wf.sample(2, shape=(100,), seed=0).shape)
    (2, 100)
    """
    description = card(name)
    with warnings.catch_warnings():
        # It ships with this version, and its card says what it is worth here.
        warnings.simplefilter("ignore", OtherVersion)
        wf = preset_folder.read(WEIGHTS / name, "Install the package again.").astype(dtype)
    wf.card = description
    return wf


def _names():
    """Names of the presets, sorted."""
    if not WEIGHTS.is_dir():
        raise FileNotFoundError(
            f"There is no folder {WEIGHTS} with the trained wave functions: "
            "install the package again."
        )
    return sorted(folder.name for folder in WEIGHTS.iterdir() if _has(folder.name))


def _has(name):
    return (WEIGHTS / str(name) / "card.json").is_file()
