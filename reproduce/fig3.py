"""Figure 3: the Heisenberg chain, grown from 80 to 300 spins.

    python -m reproduce.fig3                    # from trained weights, a quarter of an hour
    python -m reproduce.fig3 --recipe=paper     # the paper's recipe to the letter

Panel a is the relative error against DMRG after training at each size,
panel b the error during the minibatches after each growth. The run ends
with a table and a verdict for each of the paper's claims.
"""

import models
from reproduce import figure, settings
from reproduce.fig3_claims import verdicts
from reproduce.fig3_recipes import RECIPES
from reproduce.plots import fig3_panels
from reproduce.runs import run


def define_flags():
    """Defines the flags."""
    settings.define_flags(RECIPES, sizes_help="Numbers of spins, growing, such as 80,100,120.")


def main():
    """Runs figure 3; returns the exit status."""
    return figure.make("fig3", RECIPES, models.GRUChain, fig3_panels, verdicts)


if __name__ == "__main__":
    define_flags()
    run(main)
