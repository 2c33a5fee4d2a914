"""Variational Monte Carlo and iterative retraining of wave functions of spins."""

from vmc import beside  # noqa: F401, first of all
from vmc.measurement.counting import FullCounting
from vmc.measurement.entropy import RenyiEntropy, renyi2
from vmc.measurement.estimate import Estimate, estimate_energy
from vmc.measurement.expectation import Estimates, estimate_observable
from vmc.measurement.fidelity import Fidelity, fidelity
from vmc.measurement.observables import (
    Observable,
    SpinCorrelation,
    StaggeredMagnetizationSquared,
    StructureFactor,
    TotalSpin,
)
from vmc.physics.exact import configurations, ground_state
from vmc.physics.hamiltonian import Hamiltonian
from vmc.physics.heisenberg import XXZ, Heisenberg
from vmc.physics.ising import Ising
from vmc.physics.lattice import Chain, Lattice, Square
from vmc.physics.lattice_names import named_lattice
from vmc.physics.lattices import Graph, Honeycomb, Triangular
from vmc.physics.pauli import PauliSum
from vmc.training.callbacks import StepHistory, StopOnNonFinite
from vmc.training.checkpoint import CheckpointError, Checkpoints
from vmc.training.cost import Cost
from vmc.training.direction import Direction, Gradient
from vmc.training.model import VMC
from vmc.training.natural_gradient import NaturalGradient
from vmc.training.replicas import WorkerLost
from vmc.training.retrain import StageObserver, retrain
from vmc.training.schedules import InverseSqrtDecay, Warmup, paper_temperature
from vmc.training.stage import Stage

__all__ = [
    "VMC",
    "XXZ",
    "Chain",
    "CheckpointError",
    "Checkpoints",
    "Cost",
    "Direction",
    "Estimate",
    "Estimates",
    "Fidelity",
    "FullCounting",
    "Gradient",
    "Graph",
    "Hamiltonian",
    "Heisenberg",
    "Honeycomb",
    "InverseSqrtDecay",
    "Ising",
    "Lattice",
    "NaturalGradient",
    "Observable",
    "PauliSum",
    "RenyiEntropy",
    "SpinCorrelation",
    "Square",
    "Stage",
    "StageObserver",
    "StaggeredMagnetizationSquared",
    "StepHistory",
    "StopOnNonFinite",
    "StructureFactor",
    "TotalSpin",
    "Triangular",
    "Warmup",
    "WorkerLost",
    "configurations",
    "estimate_energy",
    "estimate_observable",
    "fidelity",
    "ground_state",
    "named_lattice",
    "paper_temperature",
    "renyi2",
    "retrain",
]
