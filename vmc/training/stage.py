"""One stage of iterative retraining."""

import dataclasses

import keras

import models
from models.characters import check_characters
from models.checks import real_number, whole_number
from models.symmetry import TRANSLATIONS, permutations
from vmc.physics.heisenberg import Heisenberg
from vmc.physics.lattice import Lattice
from vmc.training.cost import Cost
from vmc.training.description import describe
from vmc.training.direction import Direction, Gradient
from vmc.training.model import VMC
from vmc.training.schedules import Warmup


@dataclasses.dataclass(frozen=True)
class Stage(Cost):
    """Training on one lattice.

    Attributes:
        lattice: where to train.
        steps: minibatches; 0 leaves the weights as they are.
        learning_rate: a float or a Keras schedule of the stage's minibatch.
        optimizer: `"carry"` goes on with the moments of the stage before,
            `"fresh"` starts with none.
        warmup: minibatches over which the rate rises to its value. A fresh
            optimizer without one can throw a grown model away.
        num_samples: minibatch.
        direction: a `vmc.Direction`. One with an optimizer of its own, such
            as `vmc.NaturalGradient`, leaves the run's as it is.
        group: train the average over this symmetry group, in the
            Hamiltonian's frame (see `models.Symmetrized`); None trains the
            wave function as it is.
        spin_flip: average over the flip of all spins too; the int 1 or -1
            is its eigenvalue.
        characters: the sector of the group, in place of the frame's, such
            as -1 for odd parity (see `models.Symmetrized`).
        name: what the stage is called; the lattice's size by default.
        temperature, magnetization_penalty, local_energy_clip: see `vmc.Cost`.

    Raises:
        TypeError: `lattice` is not a `vmc.Lattice`.
        ValueError: values that make no sense.

    Example:

    >>> import vmc
    >>> growth = [vmc.Stage(vmc.Chain(n), steps=100, warmup=10) for n in (20, 24, 30)]
    >>> [stage.label for stage in growth]
    ['20', '24', '30']
    """

    lattice: Lattice
    steps: int
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule = 1e-4
    optimizer: str = "carry"
    warmup: int = 0
    num_samples: int = 100
    direction: Direction = dataclasses.field(default_factory=lambda: Gradient(clip=1.0))
    group: str | None = None
    spin_flip: bool | int = False
    characters: int | str | tuple | None = None
    name: str | None = None

    def __post_init__(self):
        super().__post_init__()
        if not isinstance(self.lattice, Lattice):
            raise TypeError(
                f"lattice must be a vmc.Lattice such as vmc.Chain(20), not {self.lattice!r}."
            )
        if not isinstance(self.direction, Direction):
            raise TypeError(
                f"direction must be a vmc.Direction such as vmc.Gradient(), not {self.direction!r}."
            )
        counts = {"steps": 0, "warmup": 0, "num_samples": 2}
        numbers = {name: whole_number(name, getattr(self, name), n) for name, n in counts.items()}
        if not callable(self.learning_rate):
            numbers["learning_rate"] = real_number("learning_rate", self.learning_rate)
        for name, value in numbers.items():
            object.__setattr__(self, name, value)
        if self.optimizer not in ("carry", "fresh"):
            raise ValueError(f'optimizer must be "carry" or "fresh", not {self.optimizer!r}.')
        if self.spin_flip and not self.group:
            raise ValueError("spin_flip needs a group to average over.")
        if self.characters is not None and not self.group:
            raise ValueError("characters need a group to which they belong.")
        check_characters(self.group, self.characters)
        if self.group == TRANSLATIONS and not self.lattice.periodic:
            raise ValueError(
                f"Translations and a momentum need a periodic lattice, unlike {self.lattice}."
            )

    @property
    def label(self):
        """The stage's name, or its lattice's size, such as 80 or 6x6."""
        return self.name or "x".join(map(str, self.lattice.shape))

    @property
    def num_images(self):
        """Configurations that are averaged over for each one; 1 without a group."""
        if not self.group:
            return 1
        return len(permutations(self.group, self.lattice.shape)) * (2 if self.spin_flip else 1)

    def wave_function(self, wf, hamiltonian=Heisenberg):
        """The wave function that this stage trains: `wf` or its average.

        Args:
            wf: a wave function.
            hamiltonian: makes the Hamiltonian of a lattice, in whose frame
                an average is made; where it does not know, in that of the
                wave function's own signs.
        """
        if not self.group:
            return wf
        frame = hamiltonian(self.lattice).marshall_frame
        if frame is None:
            frame = wf.marshall_sign
        return models.Symmetrized(
            wf,
            self.group,
            spin_flip=self.spin_flip,
            marshall_frame=frame,
            characters=self.characters,
        )

    def trainer(self, wf, hamiltonian, seed=0):
        """The `VMC` of this stage, not yet compiled."""
        cost = {field.name: getattr(self, field.name) for field in dataclasses.fields(Cost)}
        return VMC(wf, hamiltonian(self.lattice), num_samples=self.num_samples, seed=seed, **cost)

    def compile(self, model, optimizer):
        """Compiles this stage's `VMC`.

        Args:
            model: as `trainer` makes it.
            optimizer: the run's, made with a float rate; a direction that
                has its own takes that.
        """
        model.compile(
            optimizer=self.direction.optimizer() or optimizer,
            direction=self.direction,
            learning_rate=Warmup(self.learning_rate, self.warmup),
        )

    def describe(self):
        """Everything that decides the stage, as JSON can hold it and people can read it."""
        (fields,) = describe(self).values()
        return fields | {"lattice": repr(self.lattice), "name": self.name}
