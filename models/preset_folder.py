"""A wave function with its card in a folder, as presets are kept and shared.

A folder holds `model.keras`, `card.json` and `README.md`. Weights are data:
reading them runs no code but this package's and Keras' own.
"""

import hashlib
import json
import pathlib
import shutil
import tempfile
import zipfile

import keras

from models.model_card import model_card

MODEL, CARD, README = "model.keras", "card.json", "README.md"


def write(folder, wf, card, overwrite=False):
    """Writes a preset's folder, whole or not at all.

    Args:
        folder: where to, a path.
        wf: a wave function.
        card: a dict, see `model_card`; its SHA-256 is added.
        overwrite: whether to replace a folder that is there.

    Raises:
        FileExistsError: something is there, and is not to be replaced.
    """
    folder = pathlib.Path(folder)
    if folder.exists() and not overwrite:
        raise FileExistsError(f"{folder} is there already: overwrite=True replaces it.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = pathlib.Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        new = beside / "new"
        new.mkdir()
        wf.save(new / MODEL)
        card = card | {"sha256": hashlib.sha256((new / MODEL).read_bytes()).hexdigest()}
        (new / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
        (new / README).write_text(model_card(card), encoding="utf-8")
        if folder.exists():
            folder.rename(beside / "old")
        new.rename(folder)
    finally:
        if folder.exists() or not (beside / "old").exists():
            shutil.rmtree(beside, ignore_errors=True)


def read_card(folder):
    """The card in a folder, a dict; ValueError if it holds no preset."""
    path = pathlib.Path(folder)
    missing = [name for name in (CARD, MODEL) if not (path / name).is_file()]
    if missing:
        raise ValueError(f"{folder} holds no preset: it has no {' and no '.join(missing)}.")
    try:
        return json.loads((path / CARD).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path / CARD} is no card: {error}") from error


def read(folder, again="Save or download it again."):
    """The wave function in a folder, with its card as `wf.card`.

    Args:
        folder: a path.
        again: what to do where it is damaged, for the message.

    Raises:
        ValueError: no preset; a file that is not the one that the card
            describes; a file of a later version, or of something other than
            a wave function of a class that is known here.
    """
    card = read_card(folder)
    path = pathlib.Path(folder) / MODEL
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != card.get("sha256"):
        raise ValueError(
            f"{path} is damaged: its SHA-256 is {digest}, but its card says "
            f"{card.get('sha256')}. {again}"
        )
    _check_class(path)
    try:
        wf = keras.saving.load_model(path, compile=False, safe_mode=True)
    except (KeyError, TypeError, ValueError) as error:
        line = str(error).strip().splitlines()[0]
        raise ValueError(f"{path} cannot be read: {line}") from error
    wf.card = card
    return wf


def _check_class(path):
    """ValueError unless the file says that it holds a wave function of a known class.

    Keras would look for whatever class the file names. No file decides here
    what is imported.
    """
    from models.wave_function import WaveFunction

    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
        name = config.get("registered_name") or config.get("class_name")
    except (AttributeError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} is no .keras file: {error}") from error
    known = keras.saving.get_registered_object(name)
    if not (isinstance(known, type) and issubclass(known, WaveFunction)):
        raise ValueError(
            f"{path} holds {name!r}, which is no wave function that is known here: import its "
            "class first, if it is yours."
        )
