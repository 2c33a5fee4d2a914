"""How figure 3 is trained: the paper's recipe, a quick one, and ours."""

import vmc
from reproduce.recipes import POSITIVE, Recipe, falling, from_nothing, rest

PAPER_SIZES = tuple(range(80, 301, 20))
OUR_MODEL = {"units": 64, "edge_distance": 20} | POSITIVE
FIRST_STEPS = 600  # of a small chain from scratch


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
            from_nothing(vmc.Chain(sizes[0]), steps[0], rate=1e-2),
            *(vmc.Stage(vmc.Chain(size), n, **grown) for size, n in rest(sizes, steps)),
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
            *(vmc.Stage(vmc.Chain(size), n, **grown) for size, n in rest(sizes, steps)),
        ),
        evaluation_samples=100_000,
    )


def best(sizes=None, steps=None, from_scratch=True):
    """What made the shipped weights: from 10 spins, with all that helps."""
    sizes = sizes or (10, 20, 40, 60, *PAPER_SIZES)
    steps = steps or (
        FIRST_STEPS if from_scratch else 0,
        *(800 if size < 80 else 4000 if size == 80 else 200 for size in sizes[1:]),
    )
    return Recipe(
        name="best",
        model=OUR_MODEL,
        weights=None,
        stages=(
            from_nothing(vmc.Chain(sizes[0]), steps[0], rate=1e-2),
            *(_our_growth_stage(size, n) for size, n in rest(sizes, steps)),
        ),
        evaluation_samples=20_000,
    )


def _our_growth_stage(size, steps):
    return vmc.Stage(
        vmc.Chain(size),
        steps,
        learning_rate=falling(5e-3 if size < 80 else 2e-3 if size == 80 else 1e-4, steps),
        warmup=20,
        local_energy_clip=5.0,
    )


RECIPES = {"quick": quick, "paper": paper, "best": best}
