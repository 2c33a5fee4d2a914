"""What a run shows while it works."""

import keras
import numpy as np

from reproduce.console.live_line import LiveLine
from reproduce.console.notation import compared, duration
from reproduce.experiment.results import TRAILING, trailing_mean
from vmc.measurement.estimate import Estimate


class Progress(keras.callbacks.Callback):
    """The progress of a run's stages, in a `LiveLine`.

    Args:
        recipe: see `reproduce.recipes.Recipe`.
        forecast: a `Forecast` of the run.
        stream: where to write.
    """

    def __init__(self, recipe, forecast, stream=None):
        super().__init__()
        self.recipe = recipe
        self.forecast = forecast
        self.stream = stream

    def begin(self, number, reference):
        """Starts to follow a stage.

        Args:
            number: which of the recipe's.
            reference: the ground state's total energy, or None.
        """
        self.number = number
        self.stage = self.recipe.stages[number]
        self.reference = reference
        self._evaluation = self.recipe.evaluation(self.stage.lattice)
        self._recent = []
        self._live = LiveLine(self.stream)

    @property
    def title(self):
        return f"{self.stage.label:>3} ({self.number + 1}/{len(self.recipe.stages)})"

    def on_train_batch_end(self, batch, logs=None):
        self._recent = [*self._recent[1 - TRAILING :], logs]
        step = self.model.first_step + batch + 1
        if not self._live.due(step == self.stage.steps):
            return
        energy, error, variance = (
            np.array([float(log[name]) for log in self._recent])
            for name in ("energy", "energy_error", "variance")
        )
        mean, std_error = (float(trailing[-1]) for trailing in trailing_mean(energy, error))
        count = len(energy) * self.stage.num_samples
        estimate = Estimate(
            mean, std_error, variance.mean(), 0.0, self.stage.lattice.num_sites, count
        )
        magnetization = np.mean([float(log["magnetization_squared"]) for log in self._recent])
        skipped = int(logs["skipped"])
        work = self.stage.steps * self.stage.num_samples + self._evaluation
        done = step * self.stage.num_samples / work
        self._show(
            f"step {step:,}/{self.stage.steps:,}  E = {self.measured(estimate)}  "
            f"<M²> = {magnetization:.1e}"
            + (f"  skipped {skipped}" if skipped else "")
            + f"  {duration(self.forecast.left(self.number, done))} left"
        )

    def measuring(self, estimate):
        """Shows an estimate while it is being made."""
        if self._live.due():
            total = self._evaluation
            work = self.stage.steps * self.stage.num_samples + total
            done = 1 - (total - estimate.num_samples) / work
            self._show(
                f"measuring {estimate.num_samples:,}/{total:,}  E = {self.measured(estimate)}  "
                f"{duration(self.forecast.left(self.number, done))} left"
            )

    def measured(self, estimate):
        """An estimate with its relative error against this stage's reference, if there is one."""
        return compared(estimate, self.reference)

    def line(self, text):
        """A line that stays."""
        self._live.stay(f"{self.title}  {text}")

    def _show(self, text):
        self._live.show(f"{self.title}  {text}")
