"""Table I: the symmetrised 6x6 square.

    python -m reproduce.table1                     # from trained weights, some minutes
    python -m reproduce.table1 --recipe=paper      # the paper's recipe to the letter

Trains a wave function unsymmetrised, then averaged over the eight
symmetries of the square (and, but for the paper's recipe, over the flip of
all spins), then with larger minibatches, and prints the table with its row,
the energy by exact diagonalisation and a verdict.
"""

from absl import flags

import models
from reproduce import figure, settings
from reproduce.plots import training_panel
from reproduce.runs import run
from reproduce.table1.claims import paper_error, published, verdicts
from reproduce.table1.recipes import RECIPES

FLAGS = flags.FLAGS


def define_flags():
    """Defines the flags."""
    settings.define_flags(RECIPES)
    flags.DEFINE_integer("side", 6, "Side of the square; the paper's table is about 6.")
    flags.adopt_module_key_flags(settings)  # so that --help has them


def main():
    """Runs table 1; returns the exit status."""
    settings.check_ranges({"side": (2, settings.MAX_SIZE)})
    return figure.make(
        "table1",
        RECIPES,
        models.LSTMLattice,
        draw=lambda results, scratch: training_panel(results, paper_error()),
        judge=verdicts,
        sizes=(FLAGS.side,),
        summarise=published,
    )


if __name__ == "__main__":
    define_flags()
    run(main)
