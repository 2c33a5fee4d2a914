"""How the square of figure 4 is trained: the paper's recipe, a quick one, and ours."""

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

MODEL = {
    "units": 32,
    "num_layers": 1,
    "feedforward_units": 64,
    "edge_distance": 4,
} | POSITIVE
PRESET = "lstm-lattice-6"
SIDES = tuple(numbers()["fig4"]["sides"])
FIRST_STEPS = 1000  # of a small square from random weights
QUICK_STEPS = {8: 200, 10: 100, 12: 50, 14: 30}
STEPS = {6: 8000, 8: 1500, 10: 1000, 12: 150, 14: 60, 16: 40}  # many where they are cheap
MINIBATCH_SPINS = 100 * 16**2  # of large squares, which average over themselves
PAPER_MODEL = {"units": 128, "num_layers": 5}  # the units as in its released code


def quick(settings):
    """From trained weights to 16x16 in half an hour."""
    sides = settings.sizes or tuple(range(6, 17, 2))
    weights = settings.weights_or(PRESET, MODEL)
    first = 0 if weights else FIRST_STEPS
    steps = settings.steps_or(first, *(QUICK_STEPS.get(side, 20) for side in sides[1:]))
    return Recipe(
        name="quick",
        network=models.LSTMLattice,
        model=MODEL,
        weights=weights,
        stages=growth(vmc.Square, sides, steps, our_start, quick_growth),
        evaluation_samples=1000,
        make_optimizer=muon,
    )


def best(settings):
    """What made the shipped weights: from 4x4, with all that helps."""
    sides = settings.sizes or (4, *SIDES)
    weights = settings.weights_or(None, MODEL)
    first = 0 if weights else FIRST_STEPS
    steps = settings.steps_or(first, *(STEPS.get(side, 10) for side in sides[1:]))
    return Recipe(
        name="best",
        network=models.LSTMLattice,
        model=MODEL,
        weights=weights,
        stages=growth(vmc.Square, sides, steps, our_start, our_growth),
        evaluation_samples=2000,
        evaluation_spins=200_000,
        make_optimizer=muon,
    )


def paper(settings):
    """The paper's recipe to the letter (section III B and appendix V C).

    Where it is silent: 128 units, a feed-forward network four times as
    wide, minibatches of 100 and a fresh optimizer at each size, as in its
    released code.
    """
    asked = numbers()["fig4"]
    start = numbers()["table1_training"][0]
    sides = settings.sizes or SIDES
    weights = settings.weights_or(None, PAPER_MODEL)
    first = 0 if weights else start["minibatches"]
    steps = settings.steps_or(first, *(_growth_at(side)["minibatches"] for side in sides[1:]))
    return Recipe(
        name="paper",
        network=models.LSTMLattice,
        model=PAPER_MODEL,
        weights=weights,
        stages=growth(
            vmc.Square,
            sides,
            steps,
            first=lambda *at: paper_start(*at, start["learning_rate"]),
            then=lambda lattice, n: paper_growth(
                lattice, n, _growth_at(lattice.shape[0])["learning_rate"]
            ),
        ),
        evaluation_samples=asked["evaluation_samples"],
    )


def _growth_at(side):
    """How the paper trains at a side: of its rows the last that is not for larger ones."""
    rows = numbers()["fig4"]["growth"]
    return next((row for row in rows if side <= max(row["sides"])), rows[-1])


def our_start(lattice, steps):
    """Our first stage of a square."""
    return from_nothing(lattice, steps, rate=2e-2, temperature=0.05)


def quick_growth(lattice, steps):
    """A short stage of a square that has grown."""
    return vmc.Stage(lattice, steps, learning_rate=falling(5e-3, steps, to=0.02), warmup=10)


def our_growth(lattice, steps):
    """Our stage of a square that has grown."""
    return vmc.Stage(
        lattice,
        steps,
        learning_rate=falling(1e-2 if lattice.shape[0] <= 6 else 5e-3, steps, to=0.02),
        warmup=min(WARMUP, max(1, steps // 2)),
        num_samples=min(100, MINIBATCH_SPINS // lattice.num_sites),
    )


RECIPES = {"quick": quick, "paper": paper, "best": best}
