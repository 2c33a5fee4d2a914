"""How the chain of figure 3 is trained: the paper's recipe, a quick one, and ours."""

import models
import vmc
from reproduce.experiment.recipe import Recipe
from reproduce.recipes.ingredients import (
    POSITIVE,
    WARMUP,
    falling,
    from_nothing,
    growth,
    muon,
    paper_growth,
    paper_start,
)
from reproduce.reference import paper as numbers

MODEL = {"units": 64, "edge_distance": 20} | POSITIVE
PRESET = "gru-chain-80"
SIZES = tuple(numbers()["fig3"]["sizes"])
FIRST_STEPS = 600  # of a small chain from random weights
STEPS = {20: 2000, 40: 3000, 60: 3000, 80: 8000}  # up to here; what grows on takes few
PAPER_UNITS = 128  # as in its released code


def quick(settings):
    """From trained weights through all sizes in a quarter of an hour."""
    sizes = settings.sizes or SIZES
    weights = settings.weights_or(PRESET, MODEL)
    first = 0 if weights else FIRST_STEPS
    steps = settings.steps_or(first, *(50 for _ in sizes[1:]))
    return _ours("quick", weights, sizes, steps, evaluation_samples=2000)


def best(settings):
    """What made the shipped weights: from 10 spins, with all that helps."""
    sizes = settings.sizes or (10, 20, 40, 60, *SIZES)
    weights = settings.weights_or(None, MODEL)
    first = 0 if weights else FIRST_STEPS
    steps = settings.steps_or(first, *(STEPS.get(size, 100) for size in sizes[1:]))
    return _ours(
        "best", weights, sizes, steps, evaluation_samples=20_000, evaluation_spins=1_600_000
    )


def paper(settings):
    """The paper's recipe to the letter (section III A and appendix V C).

    Where it is silent: 128 units and a fresh optimizer at each size, as in
    its released code.
    """
    asked = numbers()["fig3"]
    start, grow = asked["start"], asked["growth"]
    sizes = settings.sizes or SIZES
    model = {"units": PAPER_UNITS}
    weights = settings.weights_or(None, model)
    first = 0 if weights else start["minibatches"]
    steps = settings.steps_or(first, *(grow["minibatches"] for _ in sizes[1:]))
    return Recipe(
        name="paper",
        network=models.GRUChain,
        model=model,
        weights=weights,
        stages=growth(
            vmc.Chain,
            sizes,
            steps,
            first=lambda *at: paper_start(*at, vmc.InverseSqrtDecay(start["learning_rate"])),
            then=lambda *at: paper_growth(*at, grow["learning_rate"]),
        ),
        evaluation_samples=asked["evaluation_samples"],
    )


def our_start(lattice, steps):
    """Our first stage of a chain."""
    return from_nothing(lattice, steps, rate=1e-2, temperature=0.5)


def our_growth(lattice, steps):
    """Our stage of a chain that has grown.

    Muon's steps are as long as the rate says, however small the gradient.
    Where little is left to learn, they must not be longer than the last
    ones before.
    """
    rate = 5e-3 if lattice.num_sites <= max(STEPS) else 1e-4
    return vmc.Stage(lattice, steps, learning_rate=falling(rate, steps, to=0.02), warmup=WARMUP)


def _ours(name, weights, sizes, steps, **evaluation):
    return Recipe(
        name=name,
        network=models.GRUChain,
        model=MODEL,
        weights=weights,
        stages=growth(vmc.Chain, sizes, steps, our_start, our_growth),
        make_optimizer=muon,
        **evaluation,
    )


RECIPES = {"quick": quick, "paper": paper, "best": best}
