"""How long a run will take, from a few timed steps."""

import time

import keras
import numpy as np

import vmc
from reproduce.clock import StepClock
from reproduce.runs import duration

TIMED_STEPS = 3
POWERS = (2, 2)  # of the number of sites, in a minibatch and in an estimate, unless measured
TELLING = 2  # times as many sites, from which a power can be told
BUDGET = 30  # seconds that the timed steps of a size may be expected to take


class Forecast:
    """Predicts a run's wall time and corrects itself as the run goes on.

    A few steps and a small estimate are timed at the smallest size and at
    the largest that does not take too long, if it is at least twice as
    large, on a copy of the wave function; the cost is taken to be a power of
    the number of sites, and a stage to compile as long as these did.

    Args:
        wf: the wave function.
        recipe: see `reproduce.recipes.Recipe`.
    """

    def __init__(self, wf, recipe):
        self.recipe = recipe
        ends, times = _timed_stages(wf.copy(), recipe.stages)
        sizes = np.log([stage.lattice.num_sites for stage in ends])
        self._compiling = max(compiling for *_, compiling in times)
        times = np.log([running for *running, _ in times])
        if len(ends) > 1:
            self._powers = np.polyfit(sizes, times, 1)
        else:
            self._powers = np.stack([POWERS, times[0] - sizes[0] * np.array(POWERS)])
        self._planned = [self._stage_seconds(stage) for stage in recipe.stages]
        self._begun = None

    def _stage_seconds(self, stage):
        step, sample = np.exp(
            [np.polyval(power, np.log(stage.lattice.num_sites)) for power in self._powers.T]
        )
        samples = self.recipe.evaluation(stage.lattice)
        if stage is not self.recipe.stages[0]:
            samples += self.recipe.evaluation_before(stage.lattice)
        work = stage.steps * stage.num_samples * step + samples * sample
        return self._compiling + stage.num_images * work

    def total(self):
        """Seconds that the whole run is planned to take."""
        return sum(self._planned)

    def left(self, number, fraction):
        """Seconds left, with a fraction of a stage done."""
        done = sum(self._planned[:number]) + fraction * self._planned[number]
        # A run that goes on has part of it done already.
        done_before, start = self._begun = self._begun or (done, time.monotonic())
        elapsed = time.monotonic() - start
        # The plan counts for a tenth of itself, so that the first seconds
        # do not make the forecast jump.
        pace = (elapsed + 0.1 * self.total()) / (done - done_before + 0.1 * self.total())
        return (self.total() - done) * pace

    def __str__(self):
        stages = self.recipe.stages
        steps = sum(stage.steps for stage in stages)
        return (
            f"{len(stages)} stages, {steps:,} minibatches, "
            f"{_range(self.recipe.evaluation(stage.lattice) for stage in stages)} samples "
            f"for each energy: "
            f"about {duration(self.total())} on this machine"
        )


def _range(numbers):
    numbers = list(numbers)
    least, most = min(numbers), max(numbers)
    return f"{most:,}" if least == most else f"{least:,} to {most:,}"


def _timed_stages(wf, stages):
    """One or two stages, of the sizes that are timed, with their seconds."""
    stages = sorted(stages, key=lambda stage: stage.lattice.num_sites)
    ends, times = stages[:1], [_seconds(wf, stages[0])]

    def ratio(stage):
        return stage.lattice.num_sites / stages[0].lattice.num_sites

    def expected(stage):
        a_step = times[0][0] * stage.num_samples * stage.num_images
        return (TIMED_STEPS + 1) * a_step * ratio(stage) ** POWERS[0]

    larger = [stage for stage in stages if ratio(stage) >= TELLING]
    affordable = [stage for stage in larger if expected(stage) <= BUDGET]
    if affordable:
        ends.append(affordable[-1])
        times.append(_seconds(wf, affordable[-1]))
    return ends, times


def _seconds(wf, stage):
    """Seconds of a sample in a minibatch and in an estimate, for each image; and to compile."""
    wf = stage.wave_function(wf)
    model = stage.trainer(wf, vmc.Heisenberg)
    model.compile(optimizer=keras.optimizers.Adam(0.0), learning_rate=0.0)
    clock = StepClock()
    model.fit(steps_per_epoch=TIMED_STEPS + 1, callbacks=[clock], verbose=0)
    # An estimate in chunks as large as the minibatch reuses its graphs.
    measuring = []
    for _ in range(2):
        start = time.monotonic()
        vmc.estimate_energy(wf, model.hamiltonian, stage.num_samples)
        measuring.append(time.monotonic() - start)
    first, second = measuring
    compiling = max(0.0, clock.seconds[0] - clock.median()) + max(0.0, first - second)
    work = stage.num_samples * stage.num_images
    return clock.median() / work, second / work, compiling
