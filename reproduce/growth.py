"""Grows a wave function size by size, measuring it on the way."""

import dataclasses

import keras
import numpy as np

import vmc
from reproduce.forecast import Forecast
from reproduce.progress import Progress
from reproduce.reference import ground_state
from reproduce.runs import RunError, Stopwatch

TRAILING = 50  # minibatches of the trailing mean, as in the verdicts
SIGMAS = 4  # an energy so many standard errors below the exact one is an error


@dataclasses.dataclass(frozen=True)
class SizeResult:
    """One size of a run.

    Attributes:
        lattice: its lattice.
        reference: exact total energy.
        reference_error: its own error.
        before: estimate before the first minibatch at this size, or None.
        after: estimate after the last one.
        history: what each minibatch logged (see `vmc.VMC`).
        seconds: wall time.
    """

    lattice: vmc.Chain
    reference: float
    reference_error: float
    before: vmc.Estimate | None
    after: vmc.Estimate
    history: dict
    seconds: float

    @property
    def label(self):
        """The lattice's size, such as 80 or 6x6."""
        return label(self.lattice)

    @property
    def relative_error(self):
        """Of the energy after training."""
        return self.after.relative_error(self.reference)

    @property
    def std_error(self):
        """Standard error of the difference from the reference."""
        return float(np.hypot(self.after.std_error, self.reference_error))

    @property
    def relative_std_error(self):
        """Standard error of the relative error."""
        return self.std_error / abs(self.reference)

    @property
    def below_exact(self):
        """Whether the energy is impossibly low."""
        return self.after.mean < self.reference - SIGMAS * self.std_error

    def trailing(self, window=TRAILING):
        """Relative error as a trailing mean over the minibatches.

        Returns:
            `(error, std_error)`, float arrays `[steps]`; the first
            `window - 1` average over what there is.
        """
        energy = self.history.get("energy", np.zeros(0))
        std_error = self.history.get("energy_error", np.zeros(0))
        good = np.isfinite(energy) & np.isfinite(std_error)
        energy = np.where(good, energy, 0.0)
        variance = np.where(good, std_error, 0.0) ** 2
        counts = np.maximum(_trailing_sum(good.astype(float), window), 1)
        mean = _trailing_sum(energy, window) / counts
        error = np.sqrt(_trailing_sum(variance, window)) / counts
        scale = abs(self.reference)
        return (mean - self.reference) / scale, error / scale

    def minibatches_until(self, threshold, window=TRAILING):
        """The first minibatch whose full trailing mean is within a threshold.

        Returns:
            Its number, counted from 1, or None.
        """
        error, _ = self.trailing(window)
        hits = np.flatnonzero(np.abs(error[window - 1 :]) <= threshold)
        return int(hits[0]) + window if len(hits) else None


def _trailing_sum(values, window):
    total = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    return total[ends] - total[np.maximum(ends - window, 0)]


def label(lattice):
    """A lattice's size, such as 80 or 6x6."""
    return "x".join(map(str, lattice.shape))


def grow(wf, recipe, seed, on_result):
    """Trains and measures stage after stage.

    Args:
        wf: a wave function, trained in place.
        recipe: see `reproduce.recipes.Recipe`.
        seed: of all samples.
        on_result: called with the list of `SizeResult`s after each size.

    Returns:
        The list of `SizeResult`s.

    Raises:
        RunError: too many steps in a row were not finite; the wave function
            holds the last good weights.
    """
    forecast = Forecast(wf, recipe)
    print(forecast, flush=True)
    optimizer = keras.optimizers.Adam(0.0)
    results = []
    for number, stage in enumerate(recipe.stages):
        if stage.optimizer == "fresh":
            optimizer = keras.optimizers.Adam(0.0)
        watch = Stopwatch()
        reference = ground_state(stage.lattice)
        progress = Progress(recipe, number, reference.energy, forecast)
        hamiltonian = vmc.Heisenberg(stage.lattice)
        sample_seed = seed + 1000 * (number + 1)
        before, history = None, {}
        if stage.steps:
            if results:
                samples = min(recipe.evaluation_samples, 1000)
                before = vmc.estimate_energy(wf, hamiltonian, samples, seed=sample_seed)
                progress.line(f"before the first minibatch: {progress.measured(before)}")
            guard = vmc.StopOnNonFinite()
            (history,) = vmc.retrain(
                wf, [stage], optimizer=optimizer, callbacks=[progress, guard],
                seed=sample_seed + 1, verbose=0,
            )  # fmt: skip
            if guard.stopped:
                raise RunError(
                    f"{guard.patience} steps in a row at {stage.lattice} were not finite: "
                    "stopped; try a lower --learning_rate"
                )
        after = vmc.estimate_energy(
            wf, hamiltonian, recipe.evaluation_samples, seed=sample_seed + 2,
            on_chunk=progress.measuring,
        )  # fmt: skip
        progress.line(f"energy {progress.measured(after)}")
        results.append(
            SizeResult(
                stage.lattice,
                reference.energy,
                reference.std_error,
                before,
                after,
                history,
                watch.seconds(),
            )
        )
        on_result(results)
    return results
