"""Variational Monte Carlo and iterative retraining of wave functions of spins."""

from vmc import beside  # noqa: F401, first of all
from vmc.callbacks import StepHistory, StopOnNonFinite
from vmc.checkpoint import CheckpointError, Checkpoints
from vmc.cost import Cost
from vmc.direction import Direction, Gradient
from vmc.estimate import Estimate, estimate_energy
from vmc.exact import configurations, ground_state
from vmc.expectation import Estimates, estimate_observable
from vmc.hamiltonian import Hamiltonian
from vmc.heisenberg import Heisenberg
from vmc.ising import Ising
from vmc.lattice import Chain, Lattice, Square
from vmc.natural_gradient import NaturalGradient
from vmc.observables import (
    Observable,
    SpinCorrelation,
    StaggeredMagnetizationSquared,
    StructureFactor,
)
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
    "Direction",
    "Estimate",
    "Estimates",
    "Gradient",
    "Hamiltonian",
    "Heisenberg",
    "InverseSqrtDecay",
    "Ising",
    "Lattice",
    "NaturalGradient",
    "Observable",
    "SpinCorrelation",
    "Square",
    "Stage",
    "StageObserver",
    "StaggeredMagnetizationSquared",
    "StepHistory",
    "StopOnNonFinite",
    "StructureFactor",
    "Warmup",
    "WorkerLost",
    "configurations",
    "estimate_energy",
    "estimate_observable",
    "ground_state",
    "paper_temperature",
    "retrain",
]
