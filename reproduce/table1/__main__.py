"""Table I: the symmetrised 6x6 square.

    python -m reproduce.table1                     # from trained weights, in ten minutes
    python -m reproduce.table1 --recipe=paper      # the paper's recipe to the letter

Trains a wave function unsymmetrised, then averaged over the eight
symmetries of the square (and, but for the paper's recipe, over the flip of
all spins), then, by the recipes best and paper, with larger minibatches. Prints
the table with its row, the energy by exact diagonalisation and a verdict.
"""

import dataclasses

from reproduce.console.command import run
from reproduce.console.options import option
from reproduce.experiment.experiment import Experiment
from reproduce.experiment.plots import training_panel
from reproduce.experiment.settings import MAX_SIZE, Settings
from reproduce.recipes.averaged_square import RECIPES
from reproduce.reference.paper_numbers import SIDE, paper_error
from reproduce.table1.claims import published, verdicts

EXPERIMENT = Experiment(
    name="table1",
    recipes=RECIPES,
    draw=lambda results, scratch: training_panel(results, paper_error()),
    judge=verdicts,
    summarise=published,
)


@dataclasses.dataclass(frozen=True)
class Options(Settings):
    """The settings of a run, and its square."""

    side: int = option(
        SIDE, "Side of the square; the paper's table is about 6.", least=2, largest=MAX_SIZE
    )


def main(options):
    """Runs table I; returns the exit status."""
    return EXPERIMENT.run(options.replace(sizes=(options.side,)))


if __name__ == "__main__":
    run(main, Options)
