"""Trains averages of grown squares: over the symmetries of each and the flip of all spins.

    python -m reproduce.grow --recipe=reproduce/recipes/average.py --weights=16.keras --sizes=16

An average costs sixteen passes for each sample, so that few minibatches are
affordable. They pay: the average that was trained lies about twice as near
to exact as that of the same network untrained.
"""

import models
import vmc
from reproduce.console.errors import RunError
from reproduce.experiment import Recipe
from reproduce.recipes.ingredients import falling, muon
from reproduce.recipes.square import MODEL

STEPS = 100
RATE = 1e-3
WARMUP = 5


def recipe(settings):
    """Trains the average at each of `--sizes`, from `--weights`."""
    if not (settings.sizes and settings.weights):
        raise RunError("the average needs --weights to start from, and --sizes to train it at")
    steps = settings.steps_or(*[STEPS] * len(settings.sizes))
    stages = [
        vmc.Stage(
            vmc.Square(side),
            n,
            learning_rate=falling(RATE, n, to=0.02),
            warmup=WARMUP,
            group="square",
            spin_flip=True,
        )
        for side, n in zip(settings.sizes, steps)
    ]
    return Recipe(
        name="average",
        network=models.LSTMLattice,
        model=MODEL,
        weights=settings.weights,
        stages=stages,
        evaluation_samples=1000,
        make_optimizer=muon,
    )
