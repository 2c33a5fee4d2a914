"""Variational Monte Carlo and iterative retraining of wave functions of spins."""

from vmc.callbacks import StepHistory, StopOnNonFinite
from vmc.cost import Cost
from vmc.estimate import Estimate, estimate_energy
from vmc.exact import configurations, ground_state
from vmc.hamiltonian import Heisenberg
from vmc.lattice import Chain, Square
from vmc.retrain import Stage, retrain
from vmc.schedules import InverseSqrtDecay, Warmup, paper_temperature
from vmc.train import VMC

__all__ = [
    "VMC",
    "Chain",
    "Cost",
    "Estimate",
    "Heisenberg",
    "InverseSqrtDecay",
    "Square",
    "Stage",
    "StepHistory",
    "StopOnNonFinite",
    "Warmup",
    "configurations",
    "estimate_energy",
    "ground_state",
    "paper_temperature",
    "retrain",
]
