"""How figure 4 is trained: the paper's recipe, a quick one, and ours."""

import vmc
from reproduce.recipes import POSITIVE, Recipe, falling, from_nothing, rest
from reproduce.runs import RunError

PAPER_SIDES = tuple(range(6, 31, 2))
OUR_MODEL = {
    "units": 32,
    "num_layers": 2,
    "feedforward_units": 64,
    "edge_distance": 4,
} | POSITIVE
PRESET = "lstm-lattice-6"
FIRST_STEPS = 1000  # of a small square from scratch


def quick(sizes=None, steps=None, from_scratch=False):
    """From trained weights to 16x16 in half an hour."""
    sizes = sizes or tuple(range(6, 17, 2))
    steps = steps or (
        FIRST_STEPS if from_scratch else 0,
        *(max(20, 120 - 6 * side) for side in sizes[1:]),
    )
    grown = {"learning_rate": 3e-4, "warmup": 10, "local_energy_clip": 5.0, "num_samples": 50}
    return Recipe(
        name="quick",
        model=OUR_MODEL,
        weights=None if from_scratch else PRESET,
        stages=(
            from_nothing(vmc.Square(sizes[0]), steps[0], rate=1e-2),
            *(vmc.Stage(vmc.Square(side), n, **grown) for side, n in rest(sizes, steps)),
        ),
        evaluation_samples=400,
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
        stages=(
            unsymmetrised_paper_stage(vmc.Square(sizes[0]), steps[0]),
            *(
                vmc.Stage(
                    vmc.Square(side),
                    n,
                    learning_rate=1e-4 if side <= 12 else 1e-5,
                    optimizer="fresh",
                    magnetization_penalty=10.0,
                )
                for side, n in rest(sizes, steps)
            ),
        ),
        evaluation_samples=2500,
    )


def unsymmetrised_paper_stage(lattice, steps):
    """The paper's first training of the 6x6 model, from scratch."""
    return vmc.Stage(
        lattice,
        steps,
        learning_rate=1e-4,
        temperature=vmc.paper_temperature(),
        magnetization_penalty=10.0,
    )


def best(sizes=None, steps=None, from_scratch=True):
    """What made the shipped weights: from 4x4, with all that helps."""
    sizes = sizes or (4, *PAPER_SIDES[:6])
    steps = steps or (
        FIRST_STEPS if from_scratch else 0,
        *(3000 if side <= 6 else 200 if side <= 10 else 60 for side in sizes[1:]),
    )
    return Recipe(
        name="best",
        model=OUR_MODEL,
        weights=None,
        stages=(
            from_nothing(vmc.Square(sizes[0]), steps[0], rate=1e-2),
            *(_our_growth_stage(side, n) for side, n in rest(sizes, steps)),
        ),
        evaluation_samples=2000,
    )


def _our_growth_stage(side, steps):
    return vmc.Stage(
        vmc.Square(side),
        steps,
        learning_rate=falling(5e-3 if side <= 6 else 1e-3, steps, to=0.02),
        warmup=20,
        local_energy_clip=5.0,
    )


def sides_up_to(largest, recipe):
    """Side lengths by two from a recipe's first to the largest asked for."""
    first = recipe.stages[0].lattice.shape[0]
    sides = tuple(range(first, largest + 1, 2))
    if not sides or sides[-1] != largest:
        raise RunError(f"--max_side must be {first}, {first + 2}, ..., not {largest}")
    return sides


RECIPES = {"quick": quick, "paper": paper, "best": best}
