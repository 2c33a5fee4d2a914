"""What a run measured at each of its stages."""

import dataclasses

import numpy as np

import vmc

TRAILING = 50  # minibatches of the trailing mean, wherever one is shown
SIGMAS = 4  # an energy so many standard errors below the exact one is an error
GOOD = 1e-4  # the relative error that the paper counts minibatches to


@dataclasses.dataclass(frozen=True)
class StageResult:
    """One stage of a run, such as a size of a growth.

    Attributes:
        label: what the stage is called, such as 80 or 6x6.
        lattice: its lattice.
        reference: the ground state's total energy; None where it is not
            known, and then neither are relative errors.
        reference_error: its own error.
        before: estimate before the first minibatch of this stage, or None.
        after: estimate after the last one.
        history: what each minibatch logged (see `vmc.VMC`).
        seconds: wall time.
    """

    label: str
    lattice: vmc.Lattice
    reference: float | None
    reference_error: float | None
    before: vmc.Estimate | None
    after: vmc.Estimate
    history: dict
    seconds: float

    @property
    def minibatches(self):
        """How many it was trained for."""
        return len(self.history.get("energy", ()))

    @property
    def relative_error(self):
        """Of the energy after training; or None."""
        return None if self.reference is None else self.after.relative_error(self.reference)

    @property
    def std_error(self):
        """Standard error of the difference from the reference; or None."""
        return self._std_error(self.after)

    @property
    def relative_std_error(self):
        """Standard error of the relative error; or None."""
        return None if self.reference is None else self.std_error / abs(self.reference)

    @property
    def error_before(self):
        """Relative error before the first minibatch, and its error bar; or None."""
        if self.before is None or self.reference is None:
            return None
        bar = self._std_error(self.before) / abs(self.reference)
        return self.before.relative_error(self.reference), bar

    @property
    def below_exact(self):
        """Whether the energy is impossibly low; False where nobody knows."""
        if self.reference is None:
            return False
        return self.after.mean < self.reference - SIGMAS * self.std_error

    def _std_error(self, estimate):
        if self.reference is None:
            return None
        return float(np.hypot(estimate.std_error, self.reference_error))

    def trailing(self, window=TRAILING):
        """Relative error as a trailing mean over the minibatches; needs a reference.

        Returns:
            `(error, std_error)`, float arrays `[steps]`; the first
            `window - 1` average over what there is.
        """
        mean, error = self.trailing_energy(window)
        scale = abs(self.reference)
        return (mean - self.reference) / scale, error / scale

    def trailing_energy(self, window=TRAILING):
        """Total energy as a trailing mean, in the same form."""
        energy = self.history.get("energy", np.zeros(0))
        std_error = self.history.get("energy_error", np.zeros(0))
        return trailing_mean(energy, std_error, window)

    def minibatches_until(self, threshold, window=TRAILING):
        """The first minibatch whose full trailing mean is within a threshold.

        Returns:
            Its number, counted from 1, or None.
        """
        if self.reference is None:
            return None
        error, _ = self.trailing(window)
        hits = np.flatnonzero(np.abs(error[window - 1 :]) <= threshold)
        return int(hits[0]) + window if len(hits) else None


def trailing_mean(energy, std_error, window=TRAILING):
    """Trailing means of energies, and their standard errors.

    Args:
        energy, std_error: of each minibatch, floats `[steps]`; what is not
            finite is passed over.
        window: minibatches of a mean; the first `window - 1` means are over
            what there is.

    Returns:
        `(mean, std_error)`, floats `[steps]`.

    Example:

    >>> trailing_mean(np.array([1.0, 3.0, 5.0]), np.array([0.3, 0.4, 0.3]), window=2)
    (array([1., 2., 4.]), array([0.3 , 0.25, 0.25]))
    """
    good = np.isfinite(energy) & np.isfinite(std_error)
    counts = np.maximum(_trailing_sum(good.astype(float), window), 1)
    mean = _trailing_sum(np.where(good, energy, 0.0), window) / counts
    return mean, np.sqrt(_trailing_sum(np.where(good, std_error, 0.0) ** 2, window)) / counts


def _trailing_sum(values, window):
    total = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    return total[ends] - total[np.maximum(ends - window, 0)]
