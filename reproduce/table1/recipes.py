"""How Table I's 6x6 model is trained: the paper's recipe, a quick one, and ours."""

import dataclasses

import vmc
from reproduce.fig4.recipes import OUR_MODEL, PRESET, our_start
from reproduce.recipes import Recipe, falling, paper_start

NAMES = ("unsymmetrised", "symmetrised", "fine-tuned")


def quick(sizes=(6,), steps=None, from_scratch=False):
    """From trained weights, in some minutes."""
    steps = steps or (1500 if from_scratch else 0, 60, 15)
    return _ours("quick", sizes, steps, from_scratch, (1e-3, 5e-4), (50, 200), 4000)


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
            dataclasses.replace(paper_start(lattice, steps[0], 1e-4), name=NAMES[0]),
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
    steps = steps or (8000 if from_scratch else 0, 300, 20)
    return _ours("best", sizes, steps, from_scratch, (3e-3, 5e-4), (50, 200), 10_000)


def _ours(name, sizes, steps, from_scratch, rates, num_samples, evaluation_samples):
    """A recipe with these rates and minibatches where the average is trained."""
    lattice = vmc.Square(*sizes)
    first = dataclasses.replace(our_start(lattice, steps[0]), name=NAMES[0])
    averaged = (
        vmc.Stage(
            lattice,
            n,
            learning_rate=falling(rate, n),
            warmup=10,
            num_samples=b,
            name=label,
            group="square",
            spin_flip=True,
        )
        for label, n, rate, b in zip(NAMES[1:], steps[1:], rates, num_samples, strict=True)
    )
    return Recipe(
        name=name,
        model=OUR_MODEL,
        weights=None if from_scratch else PRESET,
        stages=(first, *averaged),
        evaluation_samples=evaluation_samples,
        optimizer="muon",
    )


RECIPES = {"quick": quick, "paper": paper, "best": best}
