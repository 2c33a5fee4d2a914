"""The figures of a run: energies against size and against minibatches."""

import dataclasses

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from reproduce.experiment.results import GOOD, TRAILING
from reproduce.experiment.style import COLOUR, MUTED, OTHER, STYLE

FEWEST = 10  # minibatches of a trailing mean that is drawn


@dataclasses.dataclass(frozen=True)
class Quantity:
    """What the axes show: the relative error, or the energy per site where it is not known.

    Attributes:
        label: of the axis.
        relative: whether it is the relative error.
        paper_error: a relative error of the paper's, for a line across; or None.
    """

    label: str
    relative: bool
    paper_error: float | None = None

    def of(self, estimate, result):
        """An estimate's value with its error bar."""
        if self.relative:
            bar = np.hypot(estimate.std_error, result.reference_error) / abs(result.reference)
            return estimate.relative_error(result.reference), bar
        return estimate.per_site.mean, estimate.per_site.std_error

    def trailing(self, result):
        """A stage's trailing mean over minibatches, with its error bars."""
        if self.relative:
            return result.trailing()
        return tuple(x / result.lattice.num_sites for x in result.trailing_energy())

    def axis(self, axes, label):
        """Sets the vertical axis."""
        axes.set_ylabel(label)
        if not self.relative:
            return
        # Linear below 1e-4, since noise takes small errors below zero.
        axes.set_yscale("symlog", linthresh=GOOD, linscale=0.5)
        if self.paper_error:
            axes.axhline(
                self.paper_error, color=MUTED, lw=0.8, ls="--", label="the paper's", zorder=0
            )
        axes.axhline(0, color=MUTED, lw=0.5, zorder=0)


def quantity(results, paper_error=None):
    """What is shown of some `StageResult`s."""
    if all(result.reference is not None for result in results):
        return Quantity("relative error against exact", True, paper_error)
    return Quantity("energy per site", False)


def growth_panels(results, scratch, size_name, paper_error=None):
    """Panels of a growth: energy against size, and against minibatches.

    Args:
        results: `StageResult`s, by growing size.
        scratch: the `StageResult` of a training from scratch at one of the
            sizes, for a third panel; or None.
        size_name: what the sizes are, such as "number of spins".
        paper_error: a relative error of the paper's, for a line across.

    Returns:
        A matplotlib figure.
    """
    shown = quantity(results, paper_error)
    with plt.rc_context(STYLE):
        columns = 3 if scratch else 2
        figure, panels = plt.subplots(
            1, columns, figsize=(4.75 * columns, 3.6), layout="constrained"
        )
        against_size(panels[0], results, shown)
        panels[0].set_xlabel(size_name)
        panels[0].set_title("a  After retraining at each size")
        against_minibatches(panels[1], [r for r in results[1:] if r.history], shown)
        panels[1].set_title("b  While retraining")
        if scratch:
            grown = [result for result in results if result.lattice == scratch.lattice]
            pair = [(grown[0], "grown", COLOUR), (scratch, "from scratch", OTHER)]
            for result, label, colour in pair:
                trailing_curve(panels[2], result, shown, label, colour)
            shown.axis(panels[2], f"trailing mean over {TRAILING} minibatches")
            panels[2].set_xlabel("minibatches")
            panels[2].set_title(f"c  At {scratch.label}")
            panels[2].legend(fontsize=8)
    return figure


def training_panel(results, paper_error):
    """The energy over the stages of a training on one lattice.

    Args:
        results: `StageResult`s.
        paper_error: the relative error of the paper's result.

    Returns:
        A matplotlib figure.
    """
    shown = quantity(results, paper_error)
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
        start = 0
        colours = plt.colormaps["viridis"](np.linspace(0, 0.8, len(results)))
        for result, colour in zip(results, colours):
            trailing_curve(axes, result, shown, result.label, colour, start)
            start += result.minibatches
            value, bar = shown.of(result.after, result)
            axes.errorbar([start], [value], yerr=[bar], fmt="o", ms=5, capsize=2, color=colour)
        shown.axis(axes, shown.label)
        axes.set_xlabel(f"minibatches (lines: trailing mean over {TRAILING}; dots: measured)")
        axes.legend(fontsize=8)
    return figure


def against_size(axes, results, shown):
    """The energy at each size, after retraining and before it."""
    before = [result for result in results if result.before]
    sets = [(results, "after", "after retraining", {"fmt": "o-", "color": COLOUR})]
    if before:
        style = {"fmt": "o", "mfc": "white", "color": MUTED}
        sets.append((before, "before", "before the first step", style))
    for some, moment, label, style in sets:
        values, bars = zip(*(shown.of(getattr(result, moment), result) for result in some))
        sizes = [result.lattice.shape[0] for result in some]
        axes.errorbar(sizes, values, yerr=bars, ms=4, lw=1, capsize=2, label=label, **style)
    shown.axis(axes, shown.label)
    axes.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
    axes.legend(fontsize=8)


def against_minibatches(axes, results, shown):
    """The energy during retraining, a trailing mean for each size."""
    colours = plt.colormaps["viridis"](np.linspace(0, 0.9, max(1, len(results))))
    for result, colour in zip(results, colours):
        trailing_curve(axes, result, shown, result.label, colour)
    shown.axis(axes, f"trailing mean over {TRAILING} minibatches")
    axes.set_xlabel("minibatches")
    if results:
        # Beside the curves, which fill the panel where all sizes do equally well.
        axes.legend(
            fontsize=7, title="size", title_fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5)
        )


def trailing_curve(axes, result, shown, label, colour, start=0):
    """A stage's trailing mean with its error band."""
    value, bar = shown.trailing(result)
    steps = start + np.arange(1, len(value) + 1)
    # A mean over fewer says nothing, and its error bar hides the rest.
    value, bar, steps = (x[min(FEWEST, len(value)) - 1 :] for x in (value, bar, steps))
    axes.plot(steps, value, lw=1.2, color=colour, label=label)
    axes.fill_between(steps, value - bar, value + bar, color=colour, alpha=0.12, lw=0)
