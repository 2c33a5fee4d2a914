"""Variational Monte Carlo and iterative retraining of wave functions of spins."""

from vmc.callbacks import StepHistory, StopOnNonFinite
from vmc.checkpoint import CheckpointError, Checkpoints
from vmc.cost import Cost
from vmc.estimate import Estimate, estimate_energy
from vmc.exact import configurations, ground_state
from vmc.hamiltonian import Heisenberg
from vmc.lattice import Chain, Lattice, Square
from vmc.natural_gradient import NaturalGradient
from vmc.replicas import WorkerLost
from vmc.retrain import StageObserver, retrain
from vmc.schedules import InverseSqrtDecay, Warmup, paper_temperature
from vmc.stage import Stage
from vmc.train import VMC

__all__ = [
    "VMC",
    "Chain",
    "CheckpointError",
    "Checkpoints",
    "Cost",
    "Estimate",
    "Heisenberg",
    "InverseSqrtDecay",
    "Lattice",
    "NaturalGradient",
    "Square",
    "Stage",
    "StageObserver",
    "StepHistory",
    "StopOnNonFinite",
    "Warmup",
    "WorkerLost",
    "configurations",
    "estimate_energy",
    "ground_state",
    "paper_temperature",
    "retrain",
]
