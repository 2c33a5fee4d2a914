"""Figure 3: the Heisenberg chain, grown from 80 to 300 spins.

    python -m reproduce.fig3                    # from trained weights, a quarter of an hour
    python -m reproduce.fig3 --recipe=paper     # the paper's recipe to the letter

Panel a is the relative error against DMRG after training at each size,
panel b the error during the minibatches after each growth. The run ends
with a table and a verdict for each of the paper's claims.
"""

import functools

from absl import flags

import models
from reproduce import figure, settings
from reproduce.fig3.claims import verdicts
from reproduce.fig3.recipes import RECIPES
from reproduce.plots import growth_panels
from reproduce.results import GOOD
from reproduce.runs import run

SCRATCH_SIZE = 100


def define_flags():
    """Defines the flags."""
    settings.define_flags(RECIPES)
    settings.define_growth_flags("Numbers of spins, growing, such as 80,100,120.", SCRATCH_SIZE)
    flags.adopt_module_key_flags(settings)  # so that --help has them


def main():
    """Runs figure 3; returns the exit status."""
    return figure.make(
        "fig3",
        RECIPES,
        models.GRUChain,
        draw=functools.partial(growth_panels, size_name="number of spins", paper_error=GOOD),
        judge=verdicts,
        sizes=settings.sizes(),
        scratch_size=SCRATCH_SIZE,
    )


if __name__ == "__main__":
    define_flags()
    run(main)
