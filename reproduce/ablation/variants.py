"""What the ablation compares: systems, and our training with one thing changed."""

import dataclasses
from collections.abc import Callable

import models
import vmc
from reproduce.recipes import chain, gated_square, square
from reproduce.recipes.ingredients import WARMUP, falling, muon
from vmc.training.retrain import adam

POLISH = 0.5  # of the time goes to the natural gradient, where there is one


@dataclasses.dataclass(frozen=True)
class System:
    """A lattice to learn, and how.

    Attributes:
        lattice: makes a lattice of a size.
        sizes: those that a training grows through; the last is measured.
        wave_function: makes the wave function from its options.
        options: ours.
        start: makes our first stage, of a lattice and its minibatches.
        growth: makes our others.
        group: the lattice's symmetries, see `models.Symmetrized`.
        seconds: processor time of a training.
        samples: of the final energy.
    """

    lattice: Callable
    sizes: tuple[int, ...]
    wave_function: Callable
    options: dict
    start: Callable
    growth: Callable
    group: str
    seconds: float
    samples: int


def _chain(sizes, seconds, samples):
    return System(
        vmc.Chain, sizes, models.GRUChain, chain.MODEL, chain.our_start, chain.our_growth,
        "reflection", seconds, samples,
    )  # fmt: skip


def _square(sizes, seconds, samples, network=models.LSTMLattice, options=square.MODEL):
    return System(
        vmc.Square, sizes, network, options, square.our_start, square.our_growth,
        "square", seconds, samples,
    )  # fmt: skip


SYSTEMS = {
    "chain-20": _chain((10, 20), 15, 20_000),
    "chain-80": _chain((10, 20, 40, 80), 40, 4000),
    "square-4": _square((4,), 30, 20_000),
    "square-6": _square((4, 6), 40, 4000),
    "gated-6": _square((4, 6), 40, 4000, models.GatedLattice, gated_square.MODEL),
    "gated-10": _square((4, 6, 8, 10), 160, 2000, models.GatedLattice, gated_square.MODEL),
    "square-10": _square((4, 6, 8, 10), 160, 2000),
}
DEFAULT = ("chain-20", "chain-80", "square-4", "square-6")


def by_natural_gradient(lattice, steps):
    """A stage that follows the natural gradient, of a network that has learned already.

    One that knows nothing learns faster from a first-order optimizer.
    """
    return vmc.Stage(
        lattice,
        steps,
        learning_rate=falling(0.02, steps),
        warmup=WARMUP,
        num_samples=200,
        direction=vmc.NaturalGradient(),
    )


@dataclasses.dataclass(frozen=True)
class Variant:
    """Our training with one thing changed.

    Attributes:
        options: of the wave function, in place of ours.
        stage: fields of every stage, in place of ours.
        last: fields of the last stage.
        grows: whether small lattices come first.
        first_order: makes the optimizer of the stages without a natural gradient.
        polish: fraction of the time for the natural gradient.
        weights_averaged: over the last hundred minibatches or so, as Keras'
            optimizers do it.
    """

    options: dict = dataclasses.field(default_factory=dict)
    stage: dict = dataclasses.field(default_factory=dict)
    last: Callable = lambda system: {}
    grows: bool = True
    first_order: Callable = muon
    polish: float = 0.0
    weights_averaged: bool = False

    def applies(self, system):
        """Whether it is another training than ours, of a network that has these options."""
        return self._decisions(system) != OURS._decisions(system) and (
            "num_layers" not in self.options or "num_layers" in system.options
        )

    def _decisions(self, system):
        stages = self.stages(system, [1] * len(self.shares(system)))
        return (
            system.options | self.options,
            [stage.describe() for stage in stages],
            self.make_optimizer().get_config() | {"name": None},
        )

    def make_optimizer(self):
        """The optimizer of the stages without a natural gradient."""
        optimizer = self.first_order()
        if not self.weights_averaged:
            return optimizer
        averaging = {"use_ema": True, "ema_momentum": 0.99}
        return type(optimizer).from_config(optimizer.get_config() | averaging)

    def shares(self, system):
        """What a training goes through: triples of size, maker and fraction of the time."""
        sizes = system.sizes if self.grows else system.sizes[-1:]
        makers = [system.start] + [system.growth] * (len(sizes) - 1)
        # The cost of a minibatch grows with the lattice, and so does what it has to learn.
        weights = [2.0**k for k in range(len(sizes))]
        first_order = [(1 - self.polish) * weight / sum(weights) for weight in weights]
        shares = list(zip(sizes, makers, first_order))
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


OURS = Variant()
VARIANTS = {
    "everything": OURS,
    "without conserved S^z": Variant(options={"total_sz": None}),
    "without Marshall sign": Variant(options={"marshall_sign": False, "phase": "free"}),
    "without far edges": Variant(options={"edge_distance": 0}),
    "with layer normalisation": Variant(options={"layer_norm": True}),
    "with a second layer": Variant(options={"num_layers": 2}),
    "without growth": Variant(grows=False),
    "without first temperature": Variant(stage={"temperature": 0.0}),
    "with clipped energies": Variant(stage={"local_energy_clip": 5.0}),
    "Adam instead of Muon": Variant(first_order=adam),
    "Adam, then natural gradient": Variant(first_order=adam, polish=POLISH),
    "Muon, then natural gradient": Variant(polish=POLISH),
    "weights averaged": Variant(weights_averaged=True),
    "average trained": Variant(last=lambda system: {"group": system.group}),
}
