"""Wave functions from presets, files or nothing, with errors that help."""

import io
import pathlib
import zipfile

import h5py
import keras

import models
from reproduce.console.errors import RunError
from vmc.training.whole_files import written_whole


def describe(wf):
    """An architecture in one line, such as `GRUChain(units=64, phase='none')`.

    Options that have their default are left out.
    """
    if isinstance(wf, models.Symmetrized):
        flip = f", spin_flip={wf.spin_flip}" if wf.spin_flip else ""
        frame = "" if wf.marshall_frame else ", marshall_frame=False"
        sector = "" if wf.characters is None else f", characters={wf.characters!r}"
        return f"Symmetrized({describe(wf.base)}, group={wf.group!r}{flip}{frame}{sector})"
    return describe_config(type(wf).__name__, wf.get_config())


def describe_config(class_name, config):
    """The same from a class name and a config."""
    defaults = {"units": None, "phase": "free", "marshall_sign": False, "total_sz": None}
    defaults |= {"layer_norm": False, "edge_distance": 0, "num_layers": None}
    defaults |= {"feedforward_units": 4 * (config.get("units") or 0), "tensorized": True}
    options = [f"{k}={config[k]!r}" for k in defaults if k in config and config[k] != defaults[k]]
    return f"{class_name}({', '.join(options)})"


def load(name, expected_class, **expected):
    """A wave function of some architecture, from a preset's name or a `.keras` file.

    Of an average it is the network that is averaged: a run says by itself
    when it averages.

    Args:
        name: a preset or a path.
        expected_class: the class that it must be of.
        **expected: options that it must have; None is any.

    Returns:
        A wave function.

    Raises:
        RunError: no such file, a damaged one, or another architecture.
    """
    wf = find(name)
    if isinstance(wf, models.Symmetrized):
        wf = wf.base
    asked = {k: v for k, v in expected.items() if v is not None}
    config = wf.get_config()
    if type(wf) is not expected_class or any(config.get(k) != v for k, v in asked.items()):
        wanted = describe_config(expected_class.__name__, asked)
        raise RunError(f"{name} holds {describe(wf)}, but {wanted} is asked for")
    return wf


def find(name):
    """A wave function from a preset's name or a `.keras` file; RunError if there is none."""
    if name in models.presets():
        return models.load(name)
    if not pathlib.Path(name).is_file():
        known = ", ".join(models.presets())
        raise RunError(f"no weights at {name}: give a .keras file or a preset ({known})")
    return read(pathlib.Path(name))


def read(path):
    """A wave function from a `.keras` file; RunError if it cannot be read."""
    try:
        wf = keras.saving.load_model(path, compile=False)
        stored = _num_arrays(path)
        if stored != len(wf.weights):
            # Keras leaves out what it has no layer for, and says nothing.
            raise ValueError(
                f"It holds {stored} arrays for the {len(wf.weights)} of {describe(wf)}."
            )
        return wf
    except Exception as error:
        # Keras raises whatever its reader stumbled on.
        line = str(error).strip().splitlines()[0] if str(error).strip() else "unreadable"
        raise RunError(f"cannot load {path}, is it a whole .keras file? {line}") from error


def _num_arrays(path):
    """How many arrays of weights a `.keras` file holds."""
    found = []
    with zipfile.ZipFile(path) as archive:
        content = io.BytesIO(archive.read("model.weights.h5"))
    with h5py.File(content) as weights:
        weights.visititems(lambda name, entry: found.append(isinstance(entry, h5py.Dataset)))
    return sum(found)


def save(wf, path):
    """Saves a wave function, whole or not at all."""
    with written_whole(path) as partial:
        wf.save(partial)
