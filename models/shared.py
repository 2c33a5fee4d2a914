"""How a wave function is loaded by name and saved to be shared."""

import pathlib

from models import hub, preset_folder, zoo


class Shared:
    """`from_preset` and `save_to_preset`; a part of `models.WaveFunction`."""

    @classmethod
    def from_preset(cls, preset, dtype="float32"):
        """A trained wave function, with its card as `wf.card`.

        Args:
            preset: a name of `models.presets()`; a folder, as
                `save_to_preset` writes it, such as `"./mine"`; or an address
                on the Hugging Face hub, such as `"hf://user/name"`.
            dtype: `"float32"` or `"float64"`.

        Returns:
            A wave function of this class.

        Raises:
            ValueError: there is no such preset, or it is damaged, of a later
                version, or of another class.

        Example:

        >>> import models
        >>> models.GRUChain.from_preset("gru-chain-80").units
        64
        """
        preset = str(preset)
        if preset.startswith(hub.SCHEME):
            wf = preset_folder.read(hub.download(preset), "Download it again.")
        elif pathlib.Path(preset).is_dir() or preset.startswith((".", "/", "~")):
            wf = preset_folder.read(pathlib.Path(preset).expanduser())
        else:
            wf = zoo.load(preset)
        if not isinstance(wf, cls):
            raise ValueError(
                f"{preset} holds a {type(wf).__name__}, not a {cls.__name__}: "
                f"use models.{type(wf).__name__}.from_preset."
            )
        card, wf = wf.card, wf.astype(dtype)
        wf.card = card
        return wf

    def save_to_preset(self, folder, card=None, overwrite=False):
        """Writes a folder that `from_preset` reads and `models.upload_preset` puts on the hub.

        It holds the model, a card and a README with the same content.

        Args:
            folder: a path.
            card: a dict with what others should know, such as `name`,
                `description`, `license`, `energies`, `limits` and `command`
                (see `models.card` for those of the presets).
            overwrite: whether to replace a folder that is there.

        Raises:
            FileExistsError: the folder is there, and is not to be replaced.
        """
        known = {
            "name": pathlib.Path(folder).name,
            "class": type(self).__name__,
            "parameters": self.count_params(),
        }
        preset_folder.write(folder, self, known | (card or {}), overwrite)
