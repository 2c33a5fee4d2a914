"""A recipe: everything that decides a run but the seed."""

import dataclasses
from collections.abc import Callable

import vmc
from vmc.training.description import describe
from vmc.training.retrain import adam

BEFORE_SAMPLES = 1000  # at most, of an energy before a stage's first minibatch


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Everything that decides a run but the seed.

    Attributes:
        name: what it is called.
        network: the wave function's class.
        model: arguments of the class.
        stages: `vmc.Stage`s; zero steps only measure.
        evaluation_samples: samples of each stage's final energy.
        weights: a preset or a file to start from; None starts from random
            weights.
        make_hamiltonian: makes the Hamiltonian of a lattice.
        make_optimizer: makes a Keras optimizer with a float rate.
        evaluation_spins: the most that the samples of an energy have in all,
            or None. A large lattice averages over itself, and needs fewer.

    Example:

    >>> import models
    >>> recipe = Recipe(
    ...     name="critical Ising chain",
    ...     network=models.GRUChain,
    ...     model={"units": 16, "phase": "none"},
    ...     make_hamiltonian=vmc.Ising,
    ...     stages=[vmc.Stage(vmc.Chain(n), steps=200, learning_rate=1e-2) for n in (6, 10)],
    ...     evaluation_samples=1000,
    ... )
    >>> recipe.evaluation(vmc.Chain(10))
    1000
    """

    name: str
    network: type
    model: dict
    stages: tuple
    evaluation_samples: int
    weights: str | None = None
    make_hamiltonian: Callable = vmc.Heisenberg
    make_optimizer: Callable = adam
    evaluation_spins: int | None = None

    def __post_init__(self):
        object.__setattr__(self, "stages", tuple(self.stages))

    def evaluation(self, lattice):
        """Samples of the final energy on a lattice."""
        if self.evaluation_spins is None:
            return self.evaluation_samples
        return min(self.evaluation_samples, max(1, self.evaluation_spins // lattice.num_sites))

    def evaluation_before(self, lattice):
        """Samples of the energy before the first minibatch on a lattice."""
        return min(self.evaluation(lattice), BEFORE_SAMPLES)

    def describe(self):
        """The same, as JSON can hold it."""
        return {
            "name": self.name,
            "network": self.network.__name__,
            "model": self.model,
            "weights": self.weights,
            "hamiltonians": [self.make_hamiltonian(s.lattice).label for s in self.stages],
            "stages": [stage.describe() for stage in self.stages],
            "optimizer": describe(self.make_optimizer()),
            "evaluation_samples": self.evaluation_samples,
            "evaluation_spins": self.evaluation_spins,
        }
