"""Recurrent wave functions of quantum spins, as Keras models."""

import keras

from models.autoregressive import Autoregressive
from models.gated_lattice import GatedLattice
from models.gru_chain import GRUChain
from models.hub import upload_preset
from models.layers.gated import GatedCell
from models.layers.gru import MinimalGRUCell
from models.layers.lstm import LSTMCell
from models.layers.processor import ProcessorLayer
from models.lstm_lattice import LSTMLattice
from models.symmetrized import Symmetrized
from models.wave_function import WaveFunction
from models.zoo import card, load, presets

__all__ = [
    "Autoregressive",
    "GRUChain",
    "GatedCell",
    "GatedLattice",
    "LSTMCell",
    "LSTMLattice",
    "MinimalGRUCell",
    "ProcessorLayer",
    "Symmetrized",
    "WaveFunction",
    "card",
    "load",
    "presets",
    "upload_preset",
]
if keras.backend.backend() == "tensorflow":
    __all__ += ["BornDistribution"]


def __dir__():
    return sorted({*globals(), *__all__})


def __getattr__(name):
    # TensorFlow Probability takes seconds to import, and needs TensorFlow.
    if name == "BornDistribution":
        if keras.backend.backend() != "tensorflow":
            raise ImportError(
                "models.BornDistribution is a TensorFlow Probability distribution, and this is "
                f"the {keras.backend.backend()} backend: set KERAS_BACKEND=tensorflow."
            )
        from models.born_distribution import BornDistribution

        return BornDistribution
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
