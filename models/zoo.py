"""The trained wave functions that come with the package."""

import difflib
import hashlib
import importlib.resources
import json
import warnings

import keras

from models.version import OtherVersion

WEIGHTS = importlib.resources.files("data") / "weights"


def presets():
    """Names of the trained wave functions, with a line on each.

    Returns:
        A dict of name to description.

    Example:

    >>> "gru-chain-80" in presets()
    True
    """
    names = sorted(folder.name for folder in WEIGHTS.iterdir() if folder.is_dir())
    return {name: card(name)["description"] for name in names if _has(name)}


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
        names = sorted(folder.name for folder in WEIGHTS.iterdir() if _has(folder.name))
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
    with importlib.resources.as_file(WEIGHTS / name / "model.keras") as path:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != description["sha256"]:
            raise ValueError(
                f"{path} is damaged: its SHA-256 is {digest}, "
                f"but its card says {description['sha256']}. Install the package again."
            )
        with warnings.catch_warnings():
            # It ships with this version, and its card says what it is worth here.
            warnings.simplefilter("ignore", OtherVersion)
            wf = keras.saving.load_model(path, compile=False).astype(dtype)
    wf.card = description
    return wf


def _has(name):
    return (WEIGHTS / str(name) / "card.json").is_file()
