"""How Table I's averaged square is trained: the paper's recipe, a quick one, and ours."""

import dataclasses

import models
import vmc
from reproduce.experiment.recipe import Recipe
from reproduce.recipes.ingredients import falling, muon, paper_stage, paper_start
from reproduce.recipes.square import MODEL, PAPER_MODEL, PRESET, our_start
from reproduce.reference import paper as numbers

SIDE = 6
WIDE_PRESET = "lstm-lattice-wide-6-symmetrised"
WIDE_MODEL = MODEL | {"units": 64, "feedforward_units": 128}
NAMES = ("unsymmetrised", "symmetrised", "fine-tuned")


def quick(settings):
    """On from trained weights of an average, within ten minutes."""
    return _ours(
        "quick",
        settings,
        start=(WIDE_PRESET, WIDE_MODEL),
        steps=(1500, 10),
        rates=(1e-4,),
        num_samples=(100,),
        evaluation_samples=10_000,
    )


def best(settings):
    """What made `lstm-lattice-6-symmetrised`, from `lstm-lattice-6`."""
    return _ours(
        "best",
        settings,
        start=(PRESET, MODEL),
        steps=(8000, 300, 20),
        rates=(3e-3, 5e-4),
        num_samples=(50, 200),
        evaluation_samples=10_000,
    )


def paper(settings):
    """The paper's recipe to the letter (appendix V C).

    Where it is silent: 128 units, a feed-forward network four times as
    wide, and minibatches of 100 before the fine tuning. The temperature
    goes on falling from stage to stage.
    """
    rows = numbers()["table1_training"]
    weights = settings.weights_or(None, PAPER_MODEL)
    steps = settings.steps_or(
        0 if weights else rows[0]["minibatches"], *(row["minibatches"] for row in rows[1:])
    )
    lattice = vmc.Square(*(settings.sizes or (SIDE,)))
    first = paper_start(lattice, steps[0], rows[0]["learning_rate"])
    averaged = (
        paper_stage(
            lattice,
            steps[number],
            rows[number]["learning_rate"],
            name=NAMES[number],
            num_samples=rows[number]["minibatch"],
            temperature=vmc.paper_temperature(sum(steps[:number])),
            group="square",
        )
        for number in (1, 2)
    )
    return Recipe(
        name="paper",
        network=models.LSTMLattice,
        model=PAPER_MODEL,
        weights=weights,
        stages=(dataclasses.replace(first, name=NAMES[0]), *averaged),
        evaluation_samples=10_000,
    )


def _ours(name, settings, start, steps, rates, num_samples, evaluation_samples):
    """A recipe of ours.

    Args:
        name: of the recipe.
        settings: a `Settings`.
        start: a preset, and the arguments of its network.
        steps: minibatches of each stage; of the first only for random weights.
        rates: of each stage that trains the average.
        num_samples: of a minibatch of each of these.
        evaluation_samples: of each stage's energy.
    """
    preset, model = start
    weights = settings.weights_or(preset, model)
    steps = settings.steps_or(0 if weights else steps[0], *steps[1:])
    lattice = vmc.Square(*(settings.sizes or (SIDE,)))
    first = dataclasses.replace(our_start(lattice, steps[0]), name=NAMES[0])
    averaged = (
        vmc.Stage(
            lattice,
            n,
            learning_rate=falling(rate, n),
            warmup=10,
            num_samples=samples,
            name=label,
            group="square",
            spin_flip=True,
        )
        for label, n, rate, samples in zip(NAMES[1:], steps[1:], rates, num_samples)
    )
    return Recipe(
        name=name,
        network=models.LSTMLattice,
        model=model,
        weights=weights,
        stages=(first, *averaged),
        evaluation_samples=evaluation_samples,
        make_optimizer=muon,
    )


RECIPES = {"quick": quick, "paper": paper, "best": best}
