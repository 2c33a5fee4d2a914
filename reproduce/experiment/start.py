"""The wave function that a run starts from, checked against all that it will meet."""

import os
import sys

import keras

from models.backend import has_accelerator
from reproduce.console.errors import RunError
from reproduce.reference import reference_energy
from reproduce.store import weights
from vmc.measurement.estimate import sample_bytes
from vmc.training import replicas


def prepare(settings):
    """Seeds this process, and makes its GPUs add in one order where that is asked for.

    Args:
        settings: a `Settings`.

    Raises:
        RunError: a precision that this backend does not have throughout.
    """
    keras.utils.set_random_seed(settings.seed)
    tensorflow = keras.backend.backend() == "tensorflow"
    if settings.deterministic and tensorflow and has_accelerator():
        # CPUs do so by themselves.
        sys.modules["tensorflow"].config.experimental.enable_op_determinism()
    if settings.precision == "float64" and not tensorflow:
        raise RunError(
            "--precision=float64 needs KERAS_BACKEND=tensorflow: elsewhere some of Keras' "
            "operations compute in float32 whatever they are given"
        )


def wave_function(recipe, settings, needs_reference=True):
    """The wave function that a recipe starts from.

    Args:
        recipe: a `Recipe`.
        settings: a `Settings`.
        needs_reference: whether every stage must have a reference energy.

    Raises:
        RunError: weights of another architecture; a lattice on which the
            wave function cannot live, or that has no reference energy; a
            minibatch larger than this machine's memory.
    """
    if recipe.weights:
        wf = weights.load(recipe.weights, recipe.network, **settings.architecture)
        wf = wf.astype(settings.precision)
    else:
        wf = recipe.network(**recipe.model)
    for stage in recipe.stages:
        hamiltonian = recipe.make_hamiltonian(stage.lattice)
        try:
            if wf.total_sz is not None:
                wf.num_up(stage.lattice.num_sites)
            if needs_reference:
                reference_energy(hamiltonian)
            hamiltonian.check(wf)
            replicas.share(wf, stage.num_samples)
        except (KeyError, ValueError) as error:
            raise RunError(error.args[0]) from error
        _check_memory(stage.wave_function(wf, recipe.make_hamiltonian), stage, hamiltonian)
    return wf


def _check_memory(wf, stage, hamiltonian):
    """RunError if a minibatch cannot fit into this machine's memory."""
    if not hasattr(os, "sysconf"):  # on Windows
        return
    needed = stage.num_samples * sample_bytes(wf, hamiltonian)
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > there:
        raise RunError(
            f"{stage.num_samples} samples at {stage.lattice} take {needed / 2**30:,.0f} GiB, and "
            f"this machine has {there / 2**30:,.0f}: use a smaller --num_samples"
        )
