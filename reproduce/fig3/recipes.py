"""How figure 3 is trained: the paper's recipe, a quick one, and ours."""

import vmc
from reproduce.recipes import (
    POSITIVE,
    WARMUP,
    Recipe,
    falling,
    from_nothing,
    growth,
    paper_growth,
    paper_start,
)

PAPER_SIZES = tuple(range(80, 301, 20))
OUR_MODEL = {"units": 64, "edge_distance": 20} | POSITIVE
FIRST_STEPS = 600  # of a small chain from scratch
OUR_STEPS = {20: 2000, 40: 3000, 60: 3000, 80: 8000}  # up to here; what grows on takes few


def quick(sizes=None, steps=None, from_scratch=False):
    """From trained weights through all sizes in a quarter of an hour."""
    sizes = sizes or PAPER_SIZES
    steps = steps or (FIRST_STEPS if from_scratch else 0, *(50 for _ in sizes[1:]))
    return Recipe(
        name="quick",
        model=OUR_MODEL,
        weights=None if from_scratch else "gru-chain-80",
        stages=growth(
            vmc.Chain,
            sizes,
            steps,
            first=our_start,
            then=our_growth,
        ),
        evaluation_samples=2000,
        optimizer="muon",
    )


def paper(sizes=None, steps=None, from_scratch=True):
    """The paper's recipe to the letter (section III A and appendix V C).

    Where it is silent: 128 units and a fresh optimiser at each size, as in
    its released code.
    """
    sizes = sizes or PAPER_SIZES
    steps = steps or (500_000 if from_scratch else 0, *(1000 for _ in sizes[1:]))
    return Recipe(
        name="paper",
        model={"units": 128},
        weights=None,
        stages=growth(
            vmc.Chain,
            sizes,
            steps,
            first=lambda *at: paper_start(*at, vmc.InverseSqrtDecay(1e-3)),
            then=lambda *at: paper_growth(*at, 1e-4),
        ),
        evaluation_samples=100_000,
    )


def best(sizes=None, steps=None, from_scratch=True):
    """What made the shipped weights: from 10 spins, with all that helps."""
    sizes = sizes or (10, 20, 40, 60, *PAPER_SIZES)
    steps = steps or (
        FIRST_STEPS if from_scratch else 0,
        *(OUR_STEPS.get(size, 100) for size in sizes[1:]),
    )
    return Recipe(
        name="best",
        model=OUR_MODEL,
        weights=None,
        stages=growth(vmc.Chain, sizes, steps, our_start, our_growth),
        evaluation_samples=20_000,
        evaluation_spins=1_600_000,
        optimizer="muon",
    )


def our_start(lattice, steps):
    """Our first stage of a chain."""
    return from_nothing(lattice, steps, rate=1e-2, temperature=0.5)


def our_growth(lattice, steps):
    """Our stage of a chain that has grown.

    Muon's steps are as long as the rate says, however small the gradient: where
    little is left to learn they must be no longer than the last ones before.
    """
    rate = 5e-3 if lattice.num_sites <= max(OUR_STEPS) else 1e-4
    return vmc.Stage(lattice, steps, learning_rate=falling(rate, steps, to=0.02), warmup=WARMUP)


RECIPES = {"quick": quick, "paper": paper, "best": best}
