"""How long a run will take: worked out first, and then as the run itself shows."""

import time

from reproduce.console.notation import duration
from reproduce.experiment import cost

TRUSTED = 10.0  # seconds for which the plan still counts when the run has begun


class Forecast:
    """Predicts a run's wall time and corrects itself as the run goes on.

    The plan is the arithmetic of all stages on a nominal machine (see
    `reproduce.experiment.cost`). The run's own pace then says how much
    faster or slower this machine is.

    Args:
        wf: the wave function.
        recipe: a `Recipe`.
    """

    def __init__(self, wf, recipe):
        self.recipe = recipe
        self._planned = [self._seconds(wf, stage) for stage in recipe.stages]
        self._begun = None

    def _seconds(self, wf, stage):
        recipe, lattice = self.recipe, stage.lattice
        hamiltonian = recipe.make_hamiltonian(lattice)
        wf = stage.wave_function(wf, recipe.make_hamiltonian)
        samples = recipe.evaluation(lattice)
        if stage is not recipe.stages[0]:
            samples += recipe.evaluation_before(lattice)
        return (
            cost.GRAPH_SECONDS
            + stage.steps * cost.seconds_per_step(wf, hamiltonian, stage.num_samples)
            + samples * cost.seconds_per_sample(wf, hamiltonian)
        )

    def total(self):
        """Seconds that the whole run is planned to take."""
        return sum(self._planned)

    def left(self, number, fraction):
        """Seconds left, with a fraction of a stage done."""
        done = sum(self._planned[:number]) + fraction * self._planned[number]
        # A run that goes on has part of it done already.
        done_before, start = self._begun = self._begun or (done, time.monotonic())
        elapsed = time.monotonic() - start
        # The plan counts for some seconds, so that the first ones do not
        # make the forecast jump.
        trusted = min(TRUSTED, self.total() / 10)
        pace = (elapsed + trusted) / (done - done_before + trusted)
        return (self.total() - done) * pace

    def __str__(self):
        stages = self.recipe.stages
        steps = sum(stage.steps for stage in stages)
        samples = sorted({self.recipe.evaluation(stage.lattice) for stage in stages})
        said = f"{samples[0]:,}" if len(samples) == 1 else f"{samples[0]:,} to {samples[-1]:,}"
        return (
            f"{len(stages)} stages, {steps:,} minibatches, {said} samples for each energy: "
            f"about {duration(self.total())} on two cores, to be told better as it runs"
        )
