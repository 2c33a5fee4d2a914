"""Presets on the Hugging Face hub, through its own client."""

import os
import pathlib

from models import preset_folder

SCHEME = "hf://"


def download(address):
    """The folder of a preset on the hub, in the hub's cache on this machine.

    Args:
        address: such as `"hf://user/name"`.

    Returns:
        A `pathlib.Path`.

    Raises:
        ImportError: the client is missing.
        ValueError: no such address, or the download failed.
    """
    client, name = _client(), _name(address)
    wanted = [preset_folder.MODEL, preset_folder.CARD, preset_folder.README]
    try:
        found = client.snapshot_download(
            name, allow_patterns=wanted, endpoint=os.environ.get("HF_ENDPOINT")
        )
    except Exception as error:
        # The client raises its own errors and those of the libraries below it.
        line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ValueError(f"{address} could not be downloaded: {line}") from error
    return pathlib.Path(found)


def upload_preset(address, folder):
    """Puts a preset's folder on the hub, as a model repository of that name.

    Args:
        address: such as `"hf://user/name"`; it is made if it is not there.
        folder: as `WaveFunction.save_to_preset` wrote it.

    Returns:
        The address of the commit.

    Raises:
        ImportError: the client is missing.
        ValueError: no such address, or a folder that holds no preset.
    """
    client, name = _client(), _name(address)
    preset_folder.read(folder)  # what is damaged here is of no use there
    api = client.HfApi(endpoint=os.environ.get("HF_ENDPOINT"))
    api.create_repo(name, exist_ok=True)
    return api.upload_folder(
        repo_id=name, folder_path=str(folder), commit_message="Upload of a preset"
    )


def _name(address):
    """The part user/name of hf://user/name."""
    name = str(address).removeprefix(SCHEME)
    if not str(address).startswith(SCHEME) or len(name.strip("/").split("/")) != 2:
        raise ValueError(f"An address on the hub looks like hf://user/name, not {address!r}.")
    return name.strip("/")


def _client():
    try:
        import huggingface_hub
    except ImportError as error:
        raise ImportError(
            "Presets on the hub need its client: pip install 'iterative-retraining[hub]'."
        ) from error
    return huggingface_hub
