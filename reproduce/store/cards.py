"""The energies on a model card, and the lattices that records name."""

import models
import vmc
from reproduce.console.errors import RunError
from reproduce.console.notation import compared
from reproduce.reference import reference_energy

LATTICES = {1: vmc.Chain, 2: vmc.Square}


def lattice(wf, size):
    """The lattice of a size that a wave function lives on."""
    return LATTICES[wf.num_axes](size)


def named_lattice(name):
    """The lattice that records call by its name, as `vmc.named_lattice`; RunError if none."""
    try:
        return vmc.named_lattice(name)
    except ValueError as error:
        raise RunError(str(error).rstrip(".")) from error


def lattice_name(wf):
    """What such lattices are called, such as chain."""
    return LATTICES[wf.num_axes].__name__.lower()


def measure(wf, size, num_samples, seed):
    """The energy of a wave function as it is, beside the reference; printed too.

    Args:
        wf: a wave function.
        size: length or side.
        num_samples: how many samples.
        seed: of the samples.

    Returns:
        A row of a card, a dict.

    Raises:
        RunError: there is no reference energy for this size.
    """
    of_size = lattice(wf, size)
    _reference(of_size)  # before the samples, which take long
    estimate = vmc.estimate_energy(wf, vmc.Heisenberg(of_size), num_samples, seed=seed)
    found = row(estimate, of_size)
    print(f"{of_size}: {compared(estimate, found['reference'])}", flush=True)
    return found


def row(estimate, of_lattice):
    """The row of a card that an estimate of the energy makes.

    Args:
        estimate: a `vmc.Estimate` of the Heisenberg model.
        of_lattice: where it was taken, a `vmc.Lattice`.

    Raises:
        RunError: there is no reference energy for this lattice.
    """
    reference = _reference(of_lattice)
    return {
        "size": of_lattice.shape[0],
        "energy": estimate.mean,
        "std_error": estimate.std_error,
        "reference": reference.energy,
        "reference_error": reference.std_error,
        "reference_method": reference.method,
        "relative_error": estimate.relative_error(reference.energy),
        "relative_std_error": estimate.std_error / abs(reference.energy),
        "variance": estimate.variance,
        "v_score": estimate.v_score,
        "num_samples": estimate.num_samples,
    }


def trained_for(name):
    """How long a preset was trained, from random weights on, such as `"0.2 GPU h"`.

    Args:
        name: of a preset; None is no preset.

    Returns:
        A text, of the hours of two cores, of GPUs or both. Where nobody
        recorded what the preset started from, it is "".
    """
    hours = {"h on two cores": 0.0, "GPU h": 0.0}
    while name:
        if name not in models.presets():
            return ""
        training = models.card(name)["training"]
        for run in training.get("runs", [training]):
            hours["GPU h" if "device" in run else "h on two cores"] += run["seconds"] / 3600
        name = training["started_from"]
    return " and ".join(f"{number:.2g} {unit}" for unit, number in hours.items() if number)


def _reference(of_lattice):
    """The reference energy of the Heisenberg model; RunError if there is none."""
    try:
        return reference_energy(vmc.Heisenberg(of_lattice))
    except KeyError as error:
        raise RunError(error.args[0]) from error
