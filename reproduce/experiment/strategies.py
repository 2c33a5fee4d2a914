"""How a run is shared: one device, several, or several machines."""

import contextlib
import json
import os

import keras

from reproduce.console.errors import RunError

NAMES = ("none", "mirrored", "multiworker")
EXAMPLE = (
    '{"cluster": {"worker": ["host0:2222", "host1:2222"]}, "task": {"type": "worker", "index": 0}}'
)


def scope(name, folder):
    """The scope in which a strategy's wave functions are made.

    On JAX all GPUs, or all cores where there is none, then are devices that
    share each minibatch, for the rest of the process.

    Args:
        name: one of `NAMES`.
        folder: what `--output_dir` says, or None.

    Raises:
        RunError: several machines, but not TensorFlow, or no word on which,
            or on where all of them find the checkpoints.
    """
    if name == "none":
        return contextlib.nullcontext()
    if keras.backend.backend() == "jax" and name == "mirrored":
        _share_among_devices_of_jax()
        return contextlib.nullcontext()
    if keras.backend.backend() != "tensorflow":
        raise RunError(f"--strategy={name} is TensorFlow's: set KERAS_BACKEND=tensorflow")
    import tensorflow as tf

    if name == "mirrored":
        return tf.distribute.MirroredStrategy().scope()
    number, workers = _place()
    if not folder:
        raise RunError("--strategy=multiworker needs an --output_dir that all machines see")
    print(f"worker {number} of {workers}, waiting for all of them", flush=True)
    return tf.distribute.MultiWorkerMirroredStrategy().scope()


def _share_among_devices_of_jax():
    import jax

    # Once JAX has looked for devices, it keeps to those it has found.
    with contextlib.suppress(RuntimeError):
        jax.config.update("jax_num_cpu_devices", os.cpu_count())
    if len(jax.devices()) == 1:
        raise RunError("--strategy=mirrored needs several devices, and JAX finds one")
    keras.distribution.set_distribution(keras.distribution.DataParallel())


def _place():
    """This worker's number and how many there are, as TF_CONFIG says."""
    try:
        config = json.loads(os.environ["TF_CONFIG"])
        workers = config["cluster"]["worker"]
        number = int(config["task"]["index"])
        if config["task"]["type"] != "worker" or not 0 <= number < len(workers):
            raise ValueError
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            "--strategy=multiworker needs the variable TF_CONFIG, on each machine with its own "
            f"index, such as '{EXAMPLE}'"
        ) from error
    return number, len(workers)
