"""One stage of iterative retraining."""

import dataclasses

import keras

import models
from models.symmetry import permutations
from vmc.heisenberg import Heisenberg
from vmc.lattice import Lattice
from vmc.natural_gradient import NaturalGradient
from vmc.schedules import Warmup
from vmc.train import VMC


@dataclasses.dataclass(frozen=True)
class Stage:
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
        temperature: T of equation 24, a float or a Keras schedule.
        magnetization_penalty: C of equation 24.
        gradient_clip_norm: largest global norm of a gradient, or None.
        local_energy_clip: see `vmc.Cost`.
        natural_gradient: a `vmc.NaturalGradient` instead of the optimizer,
            or None.
        group: train the average over this symmetry group, in the
            Hamiltonian's frame (see `models.Symmetrized`); None trains the
            wave function as it is.
        spin_flip: average over the flip of all spins too.
        name: what the stage is called; the lattice's size by default.

    Raises:
        TypeError: `lattice` is none.
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
    temperature: float | keras.optimizers.schedules.LearningRateSchedule = 0.0
    magnetization_penalty: float = 0.0
    gradient_clip_norm: float | None = 1.0
    local_energy_clip: float | None = None
    natural_gradient: NaturalGradient | None = None
    group: str | None = None
    spin_flip: bool = False
    name: str | None = None

    def __post_init__(self):
        if not isinstance(self.lattice, Lattice):
            raise TypeError(f"lattice must be one, such as vmc.Chain(20), not {self.lattice!r}.")
        if self.steps < 0:
            raise ValueError(f"A stage cannot have {self.steps} minibatches.")
        if self.optimizer not in ("carry", "fresh"):
            raise ValueError(f'optimizer must be "carry" or "fresh", not {self.optimizer!r}.')
        if self.warmup < 0:
            raise ValueError(f"warmup must not be negative, not {self.warmup}.")
        if self.spin_flip and not self.group:
            raise ValueError("spin_flip needs a group to average over.")

    @property
    def label(self):
        """The stage's name, or its lattice's size, such as 80 or 6x6."""
        return self.name or "x".join(map(str, self.lattice.shape))

    @property
    def num_images(self):
        """Configurations that are averaged over for each one; 1 without a group."""
        if not self.group:
            return 1
        return len(permutations(self.group, self.lattice.shape)) * (1 + self.spin_flip)

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
        return models.Symmetrized(wf, self.group, spin_flip=self.spin_flip, marshall_frame=frame)

    def trainer(self, wf, hamiltonian, seed=0):
        """The `VMC` of this stage, not yet compiled."""
        return VMC(
            wf,
            hamiltonian(self.lattice),
            num_samples=self.num_samples,
            temperature=self.temperature,
            magnetization_penalty=self.magnetization_penalty,
            local_energy_clip=self.local_energy_clip,
            seed=seed,
        )

    def compile(self, model, optimizer):
        """Compiles this stage's `VMC` with an optimizer made with a float rate."""
        model.compile(
            optimizer=optimizer,
            gradient_clip_norm=self.gradient_clip_norm,
            learning_rate=Warmup(self.learning_rate, self.warmup),
            natural_gradient=self.natural_gradient,
        )

    def describe(self):
        """Everything that decides the stage, as JSON can hold it."""

        def plain(value):
            if hasattr(value, "get_config"):
                return {type(value).__name__: value.get_config()}
            if dataclasses.is_dataclass(value):
                return {type(value).__name__: dataclasses.asdict(value)}
            return value

        fields = {f.name: plain(getattr(self, f.name)) for f in dataclasses.fields(self)}
        return fields | {"lattice": repr(self.lattice)}
