"""Figure 3: the Heisenberg chain, grown from 80 to 300 spins.

    python -m reproduce.fig3                    # from trained weights, a quarter of an hour
    python -m reproduce.fig3 --recipe=paper     # the paper's recipe to the letter

Panel a is the relative error against DMRG after training at each size,
panel b the error during the minibatches after each growth. The run ends
with a table and a verdict for each of the paper's claims.
"""

import functools

from reproduce.console.command import run
from reproduce.experiment.experiment import Experiment
from reproduce.experiment.plots import growth_panels
from reproduce.experiment.results import GOOD
from reproduce.experiment.settings import Settings as Options
from reproduce.fig3.claims import verdicts
from reproduce.recipes.chain import RECIPES

EXPERIMENT = Experiment(
    name="fig3",
    recipes=RECIPES,
    draw=functools.partial(growth_panels, size_name="number of spins", paper_error=GOOD),
    judge=verdicts,
    scratch_size=100,
)
main = EXPERIMENT.run

if __name__ == "__main__":
    run(main, Options)
