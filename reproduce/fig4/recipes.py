"""How figure 4 is trained: the paper's recipe, a quick one, and ours."""

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
from reproduce.runs import RunError

PAPER_SIDES = tuple(range(6, 31, 2))
OUR_MODEL = {
    "units": 32,
    "num_layers": 1,
    "feedforward_units": 64,
    "edge_distance": 4,
} | POSITIVE
PRESET = "lstm-lattice-6"
FIRST_STEPS = 1000  # of a small square from scratch
QUICK_STEPS = {8: 200, 10: 100, 12: 50, 14: 30}
OUR_STEPS = {6: 8000, 8: 1500, 10: 1000, 12: 150, 14: 60, 16: 40}  # many where they are cheap
MINIBATCH_SPINS = 100 * 16**2  # of large squares, which average over themselves


def quick(sizes=None, steps=None, from_scratch=False):
    """From trained weights to 16x16 in half an hour."""
    sizes = sizes or tuple(range(6, 17, 2))
    steps = steps or (
        FIRST_STEPS if from_scratch else 0,
        *(QUICK_STEPS.get(side, 20) for side in sizes[1:]),
    )
    return Recipe(
        name="quick",
        model=OUR_MODEL,
        weights=None if from_scratch else PRESET,
        stages=growth(
            vmc.Square,
            sizes,
            steps,
            first=our_start,
            then=lambda lattice, n: vmc.Stage(
                lattice, n, learning_rate=falling(5e-3, n, to=0.02), warmup=10
            ),
        ),
        evaluation_samples=1000,
        optimizer="muon",
    )


def paper(sizes=None, steps=None, from_scratch=True):
    """The paper's recipe to the letter (section III B and appendix V C).

    Where it is silent: 128 units, a feed-forward network four times as
    wide, minibatches of 100 and a fresh optimiser at each size, as in its
    released code.
    """
    sizes = sizes or PAPER_SIDES
    steps = steps or (
        10_000 if from_scratch else 0,
        *(1000 if side <= 12 else 100 for side in sizes[1:]),
    )
    return Recipe(
        name="paper",
        model={"units": 128, "num_layers": 5},
        weights=None,
        stages=growth(
            vmc.Square,
            sizes,
            steps,
            first=lambda *at: paper_start(*at, 1e-4),
            then=lambda lattice, n: paper_growth(
                lattice, n, 1e-4 if lattice.shape[0] <= 12 else 1e-5
            ),
        ),
        evaluation_samples=2500,
    )


def best(sizes=None, steps=None, from_scratch=True):
    """What made the shipped weights: from 4x4, with all that helps."""
    sizes = sizes or (4, *PAPER_SIDES)
    steps = steps or (
        FIRST_STEPS if from_scratch else 0,
        *(OUR_STEPS.get(side, 10) for side in sizes[1:]),
    )
    return Recipe(
        name="best",
        model=OUR_MODEL,
        weights=None,
        stages=growth(vmc.Square, sizes, steps, our_start, our_growth),
        evaluation_samples=2000,
        evaluation_spins=200_000,
        optimizer="muon",
    )


def our_start(lattice, steps):
    """Our first stage of a square."""
    return from_nothing(lattice, steps, rate=2e-2, temperature=0.05)


def our_growth(lattice, steps):
    """Our stage of a square that has grown."""
    return vmc.Stage(
        lattice,
        steps,
        learning_rate=falling(1e-2 if lattice.shape[0] <= 6 else 5e-3, steps, to=0.02),
        warmup=min(WARMUP, max(1, steps // 2)),
        num_samples=min(100, MINIBATCH_SPINS // lattice.num_sites),
    )


def sides_up_to(largest, recipe):
    """Side lengths by two from a recipe's first to the largest asked for."""
    first = recipe.stages[0].lattice.shape[0]
    sides = tuple(range(first, largest + 1, 2))
    if not sides or sides[-1] != largest:
        raise RunError(f"--max_side must be {first}, {first + 2}, ..., not {largest}")
    return sides


RECIPES = {"quick": quick, "paper": paper, "best": best}
