"""What the ablation compares: systems, and our training with one thing changed."""

import dataclasses
from collections.abc import Callable

import keras

import models
import vmc
from reproduce.fig3 import recipes as fig3_recipes
from reproduce.fig4 import recipes as fig4_recipes
from reproduce.recipes import adam, by_natural_gradient, falling, from_nothing, ours

POLISH = 0.5  # of the time goes to the natural gradient


@dataclasses.dataclass(frozen=True)
class System:
    """A lattice to learn, and how.

    Attributes:
        lattice: makes a lattice of a size.
        sizes: those that a training grows through; the last is measured.
        wave_function: makes the wave function from its options.
        options: ours.
        group: the lattice's symmetries, see `models.Symmetrized`.
        seconds: processor time of a training.
        samples: of the final energy.
    """

    lattice: Callable
    sizes: tuple[int, ...]
    wave_function: Callable
    options: dict
    group: str
    seconds: float
    samples: int


def _chain(sizes, seconds, samples):
    options = fig3_recipes.OUR_MODEL
    return System(vmc.Chain, sizes, models.GRUChain, options, "reflection", seconds, samples)


def _square(sizes, seconds, samples):
    options = fig4_recipes.OUR_MODEL
    return System(vmc.Square, sizes, models.LSTMLattice, options, "square", seconds, samples)


SYSTEMS = {
    "chain-20": _chain((10, 20), 40, 20_000),
    "chain-80": _chain((10, 20, 40, 80), 160, 4000),
    "square-4": _square((4,), 60, 20_000),
    "square-6": _square((4, 6), 160, 4000),
}


@dataclasses.dataclass(frozen=True)
class Variant:
    """Our training with one thing changed.

    Attributes:
        options: of the wave function, in place of ours.
        stage: fields of every stage, in place of ours.
        last: fields of the last stage.
        polish: fraction of the time for the natural gradient.
        grows: whether small lattices come first.
        optimizer: makes the optimizer of the stages without it.
    """

    options: dict = dataclasses.field(default_factory=dict)
    stage: dict = dataclasses.field(default_factory=dict)
    last: Callable = lambda system: {}
    polish: float = POLISH
    grows: bool = True
    optimizer: Callable = adam

    def shares(self, system):
        """What a training goes through: triples of size, maker and fraction of the time."""
        sizes = system.sizes if self.grows else system.sizes[-1:]
        makers = [from_nothing] + [_by_adam] * (len(sizes) - 1)
        # The cost of a minibatch grows with the lattice, and so does what it has to learn.
        weights = [2.0**k for k in range(len(sizes))]
        adam = [(1 - self.polish) * weight / sum(weights) for weight in weights]
        shares = list(zip(sizes, makers, adam))
        if self.polish:
            shares.append((sizes[-1], by_natural_gradient, self.polish))
        return shares

    def stages(self, system, steps):
        """The stages, with these minibatches each."""
        stages = [
            dataclasses.replace(make(system.lattice(size), n), **self.stage)
            for (size, make, _), n in zip(self.shares(system), steps, strict=True)
        ]
        stages[-1] = dataclasses.replace(stages[-1], **self.last(system))
        return stages


def _by_adam(lattice, steps):
    return ours(lattice, steps, falling(5e-3, steps))


def _averaged_weights():
    return keras.optimizers.Adam(0.0, use_ema=True, ema_momentum=0.99)


VARIANTS = {
    "everything": Variant(),
    "without conserved S^z": Variant(options={"total_sz": None}),
    "without Marshall sign": Variant(options={"marshall_sign": False, "phase": "free"}),
    "without far edges": Variant(options={"edge_distance": 0}),
    "with layer normalisation": Variant(options={"layer_norm": True}),
    "without growth": Variant(grows=False),
    "without first temperature": Variant(stage={"temperature": 0.0}),
    "without clipped energies": Variant(stage={"local_energy_clip": None}),
    "without natural gradient": Variant(polish=0.0),
    "... with averaged weights": Variant(polish=0.0, optimizer=_averaged_weights),
    "average trained": Variant(last=lambda system: {"group": system.group}),
}
