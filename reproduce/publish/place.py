"""Puts a preset into its place in the zoo."""

import hashlib
import pathlib
import shutil
import tempfile

from models.model_card import model_card
from reproduce.store.files import write_json, write_text


def place(folder, wf, description):
    """Writes the preset beside its place and moves it there: whole or not at all.

    Whatever fails, a preset that was there before stays. A process that is
    killed between the two moves leaves it beside the zoo.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the zoo, where half a preset is none, and on the same file system.
    beside = pathlib.Path(tempfile.mkdtemp(prefix=".partial-", dir=folder.parent.parent))
    new, old = beside / "new", beside / "old"
    try:
        new.mkdir()
        wf.save(new / "model.keras")
        digest = hashlib.sha256((new / "model.keras").read_bytes()).hexdigest()
        card = description | {"sha256": digest}
        write_json(new / "card.json", card)
        write_text(new / "README.md", model_card(card))
        _swap(new, folder, old)
    finally:
        if folder.exists() or not old.exists():
            shutil.rmtree(beside, ignore_errors=True)


def _swap(new, folder, old):
    """Moves a folder to its place; what was there before stays there if that fails."""
    try:
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    except BaseException:  # a signal too
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise
