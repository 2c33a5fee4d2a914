"""How long a run will take, from a few timed steps."""

import dataclasses
import time

import keras
import numpy as np

import vmc
from reproduce.clock import StepClock
from reproduce.runs import duration

TIMED_STEPS = 3


class Forecast:
    """Predicts a run's wall time and corrects itself as the run goes on.

    A few steps and a small estimate are timed at the smallest and the
    largest size, on a copy of the wave function; between them the cost is
    taken to be a power of the number of sites.

    Args:
        wf: the wave function.
        recipe: see `reproduce.recipes.Recipe`.
    """

    def __init__(self, wf, recipe):
        self.recipe = recipe
        copy = type(wf).from_config(wf.get_config())
        copy.set_weights(wf.get_weights())
        stages = sorted(recipe.stages, key=lambda stage: stage.lattice.num_sites)
        ends = stages[:: max(1, len(stages) - 1)][:2]
        sizes = np.array([stage.lattice.num_sites for stage in ends], float)
        times = np.array([_seconds(copy, stage) for stage in ends])
        exponents = np.polyfit(np.log(sizes), np.log(times), len(ends) - 1)
        self._powers = np.atleast_2d(exponents)
        self._planned = [self._stage_seconds(stage) for stage in recipe.stages]
        self._start = time.monotonic()

    def _stage_seconds(self, stage):
        step, sample = np.exp(
            [np.polyval(power, np.log(stage.lattice.num_sites)) for power in self._powers.T]
        )
        return stage.steps * step + self.recipe.evaluation_samples * sample

    def total(self):
        """Seconds that the whole run is planned to take."""
        return sum(self._planned)

    def left(self, number, fraction):
        """Seconds left, with a fraction of a stage done."""
        done = sum(self._planned[:number]) + fraction * self._planned[number]
        elapsed = time.monotonic() - self._start
        # The plan counts for a tenth of itself, so that the first seconds
        # do not make the forecast jump.
        pace = (elapsed + 0.1 * self.total()) / (done + 0.1 * self.total())
        return (self.total() - done) * pace

    def __str__(self):
        stages = self.recipe.stages
        steps = sum(stage.steps for stage in stages)
        return (
            f"{len(stages)} sizes, {steps:,} minibatches, "
            f"{self.recipe.evaluation_samples:,} samples for each energy: "
            f"about {duration(self.total())} on this machine"
        )


def _seconds(wf, stage):
    """Seconds of a minibatch, and of a sample in an estimate."""
    model = dataclasses.replace(stage, steps=1, learning_rate=0.0).trainer(wf)
    model.compile(optimizer=keras.optimizers.Adam(0.0), learning_rate=0.0)
    clock = StepClock()
    model.fit(steps_per_epoch=TIMED_STEPS + 1, callbacks=[clock], verbose=0)
    # An estimate in chunks as large as the minibatch reuses its graphs.
    vmc.estimate_energy(wf, model.hamiltonian, stage.num_samples)
    start = time.monotonic()
    vmc.estimate_energy(wf, model.hamiltonian, stage.num_samples)
    return clock.median(), (time.monotonic() - start) / stage.num_samples
