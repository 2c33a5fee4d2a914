"""Recurrent wave functions of quantum spins, as Keras models."""

from models.gru import MinimalGRUCell
from models.gru_chain import GRUChain
from models.symmetrized import Symmetrized
from models.wave_function import WaveFunction
from models.zoo import card, load, presets

__all__ = [
    "GRUChain",
    "MinimalGRUCell",
    "Symmetrized",
    "WaveFunction",
    "card",
    "load",
    "presets",
]
