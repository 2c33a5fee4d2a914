"""How figure 3 is trained: the paper's recipe, a quick one, and ours."""

import dataclasses

import keras

import vmc

PAPER_SIZES = tuple(range(80, 301, 20))
FIRST_STEPS = 600  # of a small chain from scratch


@dataclasses.dataclass(frozen=True)
class Recipe:
    """Everything that decides a run but the seed.

    Attributes:
        name: as the flag `--recipe` has it.
        model: arguments of `models.GRUChain`.
        weights: a preset or a file to start from; None starts from scratch.
        stages: one `vmc.Stage` a size; zero steps only measure.
        evaluation_samples: samples of each size's final energy.
    """

    name: str
    model: dict
    weights: str | None
    stages: tuple
    evaluation_samples: int


def quick(sizes=None, steps=None, from_scratch=False):
    """From trained weights through all sizes in a quarter of an hour."""
    sizes = sizes or PAPER_SIZES
    steps = steps or (FIRST_STEPS if from_scratch else 0, *(60 for _ in sizes[1:]))
    grown = {"learning_rate": 1e-4, "warmup": 20, "local_energy_clip": 5.0}
    return Recipe(
        name="quick",
        model=OUR_MODEL,
        weights=None if from_scratch else "gru-chain-80",
        stages=(
            _our_first_stage(sizes[0], steps[0]),
            *(vmc.Stage(vmc.Chain(size), n, **grown) for size, n in _rest(sizes, steps)),
        ),
        evaluation_samples=2000,
    )


def paper(sizes=None, steps=None, from_scratch=True):
    """The paper's recipe to the letter (section III A and appendix V C).

    Where it is silent: 128 units and a fresh optimiser at each size, as in
    its released code.
    """
    sizes = sizes or PAPER_SIZES
    steps = steps or (500_000 if from_scratch else 0, *(1000 for _ in sizes[1:]))
    start = vmc.Stage(
        vmc.Chain(sizes[0]),
        steps[0],
        learning_rate=vmc.InverseSqrtDecay(1e-3),
        temperature=vmc.paper_temperature(),
        magnetization_penalty=10.0,
    )
    grown = {"learning_rate": 1e-4, "optimizer": "fresh", "magnetization_penalty": 10.0}
    return Recipe(
        name="paper",
        model={"units": 128},
        weights=None,
        stages=(
            start,
            *(vmc.Stage(vmc.Chain(size), n, **grown) for size, n in _rest(sizes, steps)),
        ),
        evaluation_samples=100_000,
    )


def best(sizes=None, steps=None, from_scratch=True):
    """What made the shipped weights: from 10 spins, with all that helps."""
    sizes = sizes or (10, 20, 40, 60, *PAPER_SIZES)
    steps = steps or (
        FIRST_STEPS if from_scratch else 0,
        *(800 if size < 80 else 8000 if size == 80 else 200 for size in sizes[1:]),
    )
    return Recipe(
        name="best",
        model=OUR_MODEL,
        weights=None,
        stages=(
            _our_first_stage(sizes[0], steps[0]),
            *(_our_growth_stage(size, n) for size, n in _rest(sizes, steps)),
        ),
        evaluation_samples=20_000,
    )


def _rest(sizes, steps):
    return zip(sizes[1:], steps[1:])


def _our_first_stage(size, steps):
    # Without a temperature the rare beginnings of a configuration die out
    # in the first steps and never come back.
    return vmc.Stage(
        vmc.Chain(size),
        steps,
        learning_rate=_falling(1e-2, steps),
        warmup=20,
        temperature=keras.optimizers.schedules.PolynomialDecay(0.5, max(1, steps * 2 // 3), 0.0),
        local_energy_clip=5.0,
    )


def _our_growth_stage(size, steps):
    return vmc.Stage(
        vmc.Chain(size),
        steps,
        learning_rate=(
            _falling(5e-3, steps)
            if size < 80
            else _falling(1.5e-3, steps, to=0.01)
            if size == 80
            else _falling(1e-4, steps)
        ),
        warmup=20,
        local_energy_clip=5.0,
    )


def _falling(rate, steps, to=0.1):
    return keras.optimizers.schedules.CosineDecay(rate, max(1, steps), alpha=to)


RECIPES = {"quick": quick, "paper": paper, "best": best}

# Conserved S^z and the Marshall sign leave a positive function to learn;
# the far edge is seen.
OUR_MODEL = {
    "units": 64,
    "phase": "none",
    "marshall_sign": True,
    "total_sz": 0,
    "edge_distance": 20,
}
