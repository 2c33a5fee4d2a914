"""Figure 4: the Heisenberg square, grown from 6x6 to 30x30.

    python -m reproduce.fig4                     # from trained weights to 16x16, half an hour
    python -m reproduce.fig4 --max_side=12       # not so far
    python -m reproduce.fig4 --recipe=paper      # the paper's recipe to the letter

Draws the relative error against quantum Monte Carlo after training at each
side length, and during it, and ends with a table and verdicts.
"""

import dataclasses
import functools

from reproduce.console.command import run
from reproduce.console.errors import RunError
from reproduce.console.options import option
from reproduce.experiment.experiment import Experiment
from reproduce.experiment.plots import growth_panels
from reproduce.experiment.settings import MAX_SIZE, Settings
from reproduce.fig4.claims import verdicts
from reproduce.recipes.square import RECIPES

EXPERIMENT = Experiment(
    name="fig4",
    recipes=RECIPES,
    draw=functools.partial(growth_panels, size_name="side length"),
    judge=verdicts,
    scratch_size=10,
)


@dataclasses.dataclass(frozen=True)
class Options(Settings):
    """The settings of a run, and how far it goes."""

    max_side: int | None = option(
        None, "Go on by two from the recipe's first side to this.", least=2, largest=MAX_SIZE
    )


def main(options):
    """Runs figure 4; returns the exit status."""
    if options.max_side is None:
        return EXPERIMENT.run(options)
    if options.sizes:
        raise RunError("--max_side and --sizes both say where to stop: give one")
    first = RECIPES[options.recipe](options.replace(steps=None)).stages[0].lattice.shape[0]
    sides = tuple(range(first, options.max_side + 1, 2))
    if not sides or sides[-1] != options.max_side:
        raise RunError(f"--max_side must be {first}, {first + 2}, ..., not {options.max_side}")
    return EXPERIMENT.run(options.replace(sizes=sides))


if __name__ == "__main__":
    run(main, Options)
