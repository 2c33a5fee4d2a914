"""Other people's recurrent networks, grown side by side: their energies and what they cost."""

import dataclasses

import numpy as np

import vmc
from reproduce.reference import read, reference_energy


@dataclasses.dataclass(frozen=True)
class Curve:
    """A published growth.

    Attributes:
        name: whose it is, with its settings.
        sides: of the squares.
        errors: relative errors against quantum Monte Carlo.
        bars: their standard errors.
        hours: GPU hours up to each side.
    """

    name: str
    sides: tuple
    errors: tuple
    bars: tuple
    hours: tuple

    @property
    def gpu_hours(self):
        """GPU hours up to the last side."""
        return self.hours[-1]


def curves():
    """The published growths, with relative errors against our references.

    Example:

    >>> [round(curve.gpu_hours) for curve in curves()][:2]
    [1232, 35]
    """
    return [_curve(series) for series in read("published_growth")["series"]]


def _curve(series):
    sides, errors, bars, hours = [], [], [], []
    for row in series["rows"]:
        lattice = vmc.Square(row["side"])
        try:
            reference = reference_energy(vmc.Heisenberg(lattice))
        except KeyError:
            continue
        scale = abs(reference.energy) / lattice.num_sites
        error = np.hypot(row.get("std_error") or 0, reference.std_error / lattice.num_sites)
        sides.append(row["side"])
        errors.append(row["energy_per_site"] / scale + 1)
        bars.append(error / scale)
        hours.append(row["gpu_hours_so_far"])
    return Curve(series["name"], tuple(sides), tuple(errors), tuple(bars), tuple(hours))


def best(side):
    """The published growth that is nearest to exact at a side.

    Args:
        side: of the square.

    Returns:
        Its relative error, the standard error of that and its GPU hours up
        to this side; None where nobody published one.

    Example:

    >>> error, bar, hours = best(6)
    >>> round(error * 1e5, 1), round(hours)
    (0.5, 10)
    """
    found = [
        (error, bar, hours)
        for curve in curves()
        for s, error, bar, hours in zip(curve.sides, curve.errors, curve.bars, curve.hours)
        if s == side
    ]
    return min(found, default=None)
