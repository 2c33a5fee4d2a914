"""Trains by a recipe of your own, as figures 3 and 4 train by theirs.

    python -m reproduce.grow --recipe=mine.py
    python -m reproduce.grow --recipe=mine.py --seed=1 --evaluation_samples=10000

The file defines `recipe`: a `reproduce.experiment.Recipe` (network,
Hamiltonian, lattices, stages), or a function of the
`reproduce.experiment.Settings` that makes one. The run has a forecast,
progress, checkpoints, a figure and a table, with exact energies where they
are known. docs/grow.md shows such a file.
"""

import dataclasses
import functools
import pathlib
import runpy

from reproduce.console.command import run
from reproduce.console.errors import RunError
from reproduce.console.options import option
from reproduce.experiment import Experiment, Recipe, Settings
from reproduce.experiment.plots import growth_panels
from reproduce.experiment.verdicts import of_every_run


@dataclasses.dataclass(frozen=True)
class Options(Settings):
    """The settings of a run, whose recipe is a file."""

    recipe: str = option(None, "A Python file that defines `recipe`.", required=True)


def main(options):
    """Runs a recipe from a file; returns the exit status."""
    recipe = read(options.recipe)
    name = pathlib.Path(options.recipe).stem
    experiment = Experiment(
        name=name,
        recipes={options.recipe: functools.partial(made, recipe)},
        draw=functools.partial(growth_panels, size_name="length"),
        judge=of_every_run,
        needs_reference=False,
    )
    return experiment.run(options)


def read(path):
    """What a file calls `recipe`.

    Raises:
        RunError: there is no such file, or it does not define it.
    """
    if not pathlib.Path(path).is_file():
        raise RunError(f"there is no file {path}: --recipe names a Python file")
    names = runpy.run_path(path)
    recipe = names.get("recipe")
    if not (isinstance(recipe, Recipe) or callable(recipe)):
        raise RunError(
            f"{path} does not define `recipe`, a reproduce.experiment.Recipe or a function of "
            "the settings that makes one"
        )
    return recipe


def made(recipe, settings):
    """A recipe from what a file calls so.

    Raises:
        RunError: the settings ask for what a recipe that is fixed cannot
            change; a function that makes something else.
    """
    if isinstance(recipe, Recipe):
        if settings.sizes or settings.steps:
            raise RunError(
                "--sizes and --steps need a recipe that is a function of the settings: "
                "this one names its stages"
            )
        return dataclasses.replace(
            recipe, weights=settings.weights_or(recipe.weights, recipe.model)
        )
    found = recipe(settings)
    if not isinstance(found, Recipe):
        raise RunError(
            f"the function `recipe` returned {found!r}, not a reproduce.experiment.Recipe"
        )
    return found


if __name__ == "__main__":
    run(main, Options)
