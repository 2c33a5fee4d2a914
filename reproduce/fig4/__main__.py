"""Figure 4: the Heisenberg square, grown from 6x6 to 30x30.

    python -m reproduce.fig4                     # from trained weights to 16x16, half an hour
    python -m reproduce.fig4 --max_side=12       # not so far
    python -m reproduce.fig4 --recipe=paper      # the paper's recipe to the letter

Draws the relative error against quantum Monte Carlo after training at each
side length, and during it, and ends with a table and verdicts.
"""

import functools

from absl import flags

import models
from reproduce import figure, settings
from reproduce.fig4.claims import verdicts
from reproduce.fig4.recipes import RECIPES, sides_up_to
from reproduce.plots import growth_panels
from reproduce.runs import RunError, run

FLAGS = flags.FLAGS
SCRATCH_SIDE = 10


def define_flags():
    """Defines the flags."""
    settings.define_flags(RECIPES)
    settings.define_growth_flags("Side lengths, growing, such as 6,8,10.", SCRATCH_SIDE)
    flags.DEFINE_integer("max_side", None, "Go on by two from the recipe's first side to this.")
    flags.adopt_module_key_flags(settings)  # so that --help has them


def main():
    """Runs figure 4; returns the exit status."""
    sizes = settings.sizes()
    if FLAGS.max_side is not None:
        if sizes:
            raise RunError("--max_side and --sizes both say where to stop: give one")
        settings.check_ranges({"max_side": (2, settings.MAX_SIZE)})
        sizes = sides_up_to(FLAGS.max_side, RECIPES[FLAGS.recipe]())
    return figure.make(
        "fig4",
        RECIPES,
        models.LSTMLattice,
        draw=functools.partial(growth_panels, size_name="side length"),
        judge=verdicts,
        sizes=sizes,
        scratch_size=SCRATCH_SIDE,
    )


if __name__ == "__main__":
    define_flags()
    run(main)
