"""What a recipe is, and the parts that ours share."""

import dataclasses

import keras

import vmc
from vmc.training.retrain import adam

WARMUP = 20  # minibatches of rising rates, in stages of ours
BEFORE_SAMPLES = 1000  # at most, of an energy before a stage's first minibatch

# Conserved S^z and the Marshall sign leave a positive function to learn.
POSITIVE = {"phase": "none", "marshall_sign": True, "total_sz": 0}


def muon():
    """Steps of matrices that change all their directions alike (arXiv:2502.16982).

    Vectors, such as biases, follow Adam at a third of the rate. Nothing
    decays: a wave function's weights have no reason to be small.
    """
    return keras.optimizers.Muon(0.0, weight_decay=0.0, adam_weight_decay=0.0, adam_lr_ratio=0.3)


OPTIMIZERS = {"adam": adam, "muon": muon}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Everything that decides a run but the seed.

    Attributes:
        name: as the flag `--recipe` has it.
        model: arguments of the wave function's class.
        weights: a preset or a file to start from; None starts from scratch.
        stages: `vmc.Stage`s; zero steps only measure.
        evaluation_samples: samples of each stage's final energy.
        optimizer: one of `OPTIMIZERS`.
        evaluation_spins: the most that these samples have in all, or None.
            A large lattice averages over itself, and needs fewer.
    """

    name: str
    model: dict
    weights: str | None
    stages: tuple
    evaluation_samples: int
    optimizer: str = "adam"
    evaluation_spins: int | None = None

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
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return fields | {"stages": [stage.describe() for stage in self.stages]}


def falling(rate, steps, to=0.1):
    """A learning rate that falls along a cosine, to a fraction of its start."""
    return keras.optimizers.schedules.CosineDecay(rate, max(1, steps), alpha=to)


def from_nothing(lattice, steps, rate, temperature):
    """Our first stage, of a network that knows nothing.

    Its temperature falls to zero over two thirds of the minibatches, and
    keeps rare configurations alive until then. In the ablation's seconds
    that makes no difference; but of the whole recipe for chains, run
    without it, the 80 spins ended several times as far above DMRG.
    """
    return vmc.Stage(
        lattice,
        steps,
        learning_rate=falling(rate, steps),
        warmup=WARMUP,
        temperature=keras.optimizers.schedules.PolynomialDecay(
            temperature, max(1, steps * 2 // 3), 0.0
        ),
    )


def paper_start(lattice, steps, learning_rate):
    """The paper's first stage, of a network that knows nothing (appendix V C)."""
    return vmc.Stage(
        lattice,
        steps,
        learning_rate=learning_rate,
        temperature=vmc.paper_temperature(),
        magnetization_penalty=10.0,
    )


def paper_growth(lattice, steps, learning_rate):
    """The paper's stage of a network that has grown (appendix V C)."""
    return vmc.Stage(
        lattice,
        steps,
        learning_rate=learning_rate,
        optimizer="fresh",
        magnetization_penalty=10.0,
    )


def growth(lattice, sizes, steps, first, then):
    """The stages of a growth from size to size.

    Args:
        lattice: makes the lattice of a size.
        sizes: where to train.
        steps: minibatches at each of them.
        first: makes the stage of the first lattice and its minibatches.
        then: makes the others.
    """
    makers = [first] + [then] * (len(sizes) - 1)
    return tuple(make(lattice(s), n) for make, s, n in zip(makers, sizes, steps, strict=True))
