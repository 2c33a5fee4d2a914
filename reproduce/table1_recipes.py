"""How Table I's 6x6 model is trained: the paper's recipe, a quick one, and ours."""

import dataclasses

import vmc
from reproduce.fig4_recipes import OUR_MODEL, PRESET, unsymmetrised_paper_stage
from reproduce.recipes import Recipe, falling, from_nothing

NAMES = ("unsymmetrised", "symmetrised", "fine-tuned")


def quick(sizes=(6,), steps=None, from_scratch=False):
    """From trained weights, in some minutes."""
    unsymmetrised, symmetrised, tuned = steps or (1500 if from_scratch else 0, 60, 15)
    lattice = vmc.Square(*sizes)
    return Recipe(
        name="quick",
        model=OUR_MODEL,
        weights=None if from_scratch else PRESET,
        stages=(
            _first(lattice, unsymmetrised),
            _averaged(1, lattice, symmetrised, 5e-4, num_samples=50),
            _averaged(2, lattice, tuned, 2e-4, num_samples=200),
        ),
        evaluation_samples=2000,
    )


def paper(sizes=(6,), steps=None, from_scratch=True):
    """The paper's recipe to the letter (appendix V C).

    Where it is silent: 128 units, a feed-forward network four times as
    wide, and minibatches of 100 before the fine tuning. The temperature
    goes on falling from stage to stage.
    """
    steps = steps or (10_000 if from_scratch else 0, 10_000, 2000)
    lattice = vmc.Square(*sizes)
    averaged = {"learning_rate": 1e-5, "magnetization_penalty": 10.0, "group": "square"}
    return Recipe(
        name="paper",
        model={"units": 128, "num_layers": 5},
        weights=None,
        stages=(
            dataclasses.replace(unsymmetrised_paper_stage(lattice, steps[0]), name=NAMES[0]),
            vmc.Stage(
                lattice, steps[1], name=NAMES[1], temperature=vmc.paper_temperature(steps[0]),
                **averaged,
            ),
            vmc.Stage(
                lattice, steps[2], name=NAMES[2], num_samples=1000,
                temperature=vmc.paper_temperature(steps[0] + steps[1]), **averaged,
            ),
        ),
        evaluation_samples=10_000,
    )  # fmt: skip


def best(sizes=(6,), steps=None, from_scratch=False):
    """What made the shipped symmetrised weights, from the shipped unsymmetrised ones."""
    unsymmetrised, symmetrised, tuned = steps or (4000 if from_scratch else 0, 1000, 100)
    lattice = vmc.Square(*sizes)
    return Recipe(
        name="best",
        model=OUR_MODEL,
        weights=None if from_scratch else PRESET,
        stages=(
            _first(lattice, unsymmetrised),
            _averaged(1, lattice, symmetrised, 1e-3, num_samples=50),
            _averaged(2, lattice, tuned, 3e-4, num_samples=400),
        ),
        evaluation_samples=10_000,
    )


def _first(lattice, steps):
    return dataclasses.replace(from_nothing(lattice, steps, rate=5e-3), name=NAMES[0])


def _averaged(number, lattice, steps, rate, num_samples):
    return vmc.Stage(
        lattice,
        steps,
        name=NAMES[number],
        group="square",
        num_samples=num_samples,
        learning_rate=falling(rate, steps),
        warmup=10,
        local_energy_clip=5.0,
    )


RECIPES = {"quick": quick, "paper": paper, "best": best}
