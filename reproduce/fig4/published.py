"""Other people's recurrent networks, grown side by side: their curves and what they cost."""

import dataclasses

import numpy as np

import vmc
from reproduce.experiment.style import OTHER
from reproduce.reference import read, reference_energy

MARKERS = "v^s*"
CAPTION = (
    "Coloured: other recurrent networks, by GPU hours up to their last side. "
    "Moss et al., arXiv:2502.17144 (256 units, averaged); PSR-NQS, arXiv:2605.13807."
)


@dataclasses.dataclass(frozen=True)
class Curve:
    """A published growth.

    Attributes:
        name: whose it is, with its settings.
        sides: of the squares.
        errors: relative errors against quantum Monte Carlo.
        bars: their standard errors.
        gpu_hours: up to the last side.
    """

    name: str
    sides: tuple
    errors: tuple
    bars: tuple
    gpu_hours: float


def curves():
    """The published growths, with relative errors against our references.

    Example:

    >>> [round(curve.gpu_hours) for curve in curves()][:2]
    [1232, 35]
    """
    return [_curve(series) for series in read("published_growth")["series"]]


def _curve(series):
    sides, errors, bars = [], [], []
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
    hours = series["rows"][-1]["gpu_hours_so_far"]
    return Curve(series["name"], tuple(sides), tuple(errors), tuple(bars), hours)


def draw(figure):
    """Draws them into the first panel of figure 4, with a caption."""
    axes = figure.axes[0]
    for curve, marker in zip(curves(), MARKERS):
        axes.errorbar(
            curve.sides, curve.errors, yerr=curve.bars, fmt=f"{marker}-", ms=3, lw=0.7,
            capsize=1, color=OTHER, alpha=0.7, label=f"{curve.name}: {curve.gpu_hours:,.0f} h",
        )  # fmt: skip
    # Below the panel: inside it the curves leave no room.
    axes.legend(fontsize=6.5, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.16))
    figure.supxlabel(CAPTION, fontsize=7, x=0.01, ha="left")
    return figure
