"""The figures."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import MaxNLocator

from reproduce.results import GOOD, TRAILING

COLOUR = "#1f5fa8"
OTHER = "#c2571a"
MUTED = "#8a8f98"
FEWEST = 10  # minibatches of a trailing mean that is drawn
STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "legend.frameon": False,
    "savefig.dpi": 200,
}


def save(figure, folder, name):
    """Saves a figure as PNG and PDF, and closes it."""
    for suffix in ("png", "pdf"):
        figure.savefig(folder / f"{name}.{suffix}", bbox_inches="tight")
    plt.close(figure)


def growth_panels(results, scratch, size_name, paper_error=None):
    """Panels of a growth: error against size, and against minibatches.

    Args:
        results: `StageResult`s, by growing size.
        scratch: the `StageResult` of a training from scratch at one of the
            sizes, for a third panel; or None.
        size_name: what the sizes are, such as "number of spins".
        paper_error: a relative error of the paper's, for a line across.

    Returns:
        A matplotlib figure.
    """
    with plt.rc_context(STYLE):
        columns = 3 if scratch else 2
        figure, panels = plt.subplots(
            1, columns, figsize=(4.75 * columns, 3.6), layout="constrained"
        )
        error_against_size(panels[0], results, paper_error)
        panels[0].set_xlabel(size_name)
        panels[0].set_title("a  After retraining at each size")
        error_against_minibatches(panels[1], [r for r in results[1:] if r.history], paper_error)
        panels[1].set_title("b  While retraining")
        if scratch:
            grown = [result for result in results if result.lattice == scratch.lattice]
            pair = [(grown[0], "grown", COLOUR), (scratch, "from scratch", OTHER)]
            for result, label, colour in pair:
                trailing_error(panels[2], result, label, colour)
            _error_axis(panels[2], f"trailing mean over {TRAILING} minibatches", paper_error)
            panels[2].set_xlabel("minibatches")
            panels[2].set_title(f"c  At {scratch.label}")
            panels[2].legend(fontsize=8)
    return figure


def training_panel(results, paper_error):
    """Relative error over the stages of a training on one lattice.

    Args:
        results: `StageResult`s.
        paper_error: the relative error of the paper's result.

    Returns:
        A matplotlib figure.
    """
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
        start = 0
        colours = plt.colormaps["viridis"](np.linspace(0, 0.8, len(results)))
        for result, colour in zip(results, colours):
            trailing_error(axes, result, result.label, colour, start)
            start += result.minibatches
            axes.errorbar(
                [start], [result.relative_error], yerr=[result.relative_std_error],
                fmt="o", ms=5, capsize=2, color=colour,
            )  # fmt: skip
        _error_axis(axes, "relative error against exact", paper_error)
        axes.set_xlabel(f"minibatches (lines: trailing mean over {TRAILING}; dots: measured)")
        axes.legend(fontsize=8)
    return figure


def error_against_size(axes, results, paper_error=None):
    """Relative error at each size, after retraining and before it."""
    axes.errorbar(
        [result.lattice.shape[0] for result in results],
        [result.relative_error for result in results],
        yerr=[result.relative_std_error for result in results],
        fmt="o-", ms=4, lw=1, capsize=2, color=COLOUR, label="after retraining",
    )  # fmt: skip
    before = [result for result in results if result.before]
    if before:
        axes.errorbar(
            [result.lattice.shape[0] for result in before],
            [result.error_before[0] for result in before],
            yerr=[result.error_before[1] for result in before],
            fmt="o", ms=4, mfc="white", lw=1, capsize=2, color=MUTED, label="before the first step",
        )  # fmt: skip
    _error_axis(axes, "relative error against exact", paper_error)
    axes.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True))
    axes.legend(fontsize=8)


def error_against_minibatches(axes, results, paper_error=None):
    """Relative error during retraining, a trailing mean for each size."""
    colours = plt.colormaps["viridis"](np.linspace(0, 0.9, max(1, len(results))))
    for result, colour in zip(results, colours):
        trailing_error(axes, result, result.label, colour)
    _error_axis(axes, f"trailing mean over {TRAILING} minibatches", paper_error)
    axes.set_xlabel("minibatches")
    if results:
        # Beside the curves, which fill the panel where all sizes do equally well.
        axes.legend(
            fontsize=7, title="size", title_fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5)
        )


def trailing_error(axes, result, label, colour, start=0):
    """A stage's relative error as a trailing mean with its error band."""
    error, bar = result.trailing()
    steps = start + np.arange(1, len(error) + 1)
    # A mean over fewer says nothing, and its error bar hides the rest.
    error, bar, steps = (x[min(FEWEST, len(error)) - 1 :] for x in (error, bar, steps))
    axes.plot(steps, error, lw=1.2, color=colour, label=label)
    axes.fill_between(steps, error - bar, error + bar, color=colour, alpha=0.12, lw=0)


def _error_axis(axes, label, paper_error):
    # Linear below 1e-4, since noise takes small errors below zero.
    axes.set_yscale("symlog", linthresh=GOOD, linscale=0.5)
    if paper_error:
        axes.axhline(paper_error, color=MUTED, lw=0.8, ls="--", label="the paper's", zorder=0)
    axes.axhline(0, color=MUTED, lw=0.5, zorder=0)
    axes.set_ylabel(label)


def ablation_panels(rows, order):
    """The relative error of each variant of a training, a panel a system.

    Args:
        rows: as `reproduce.ablation` makes them.
        order: names of all variants, the first of them what the others are
            compared with.

    Returns:
        A matplotlib figure.
    """
    systems = list(dict.fromkeys(row["system"] for row in rows))
    made = {row["variant"] for row in rows}
    variants = [variant for variant in order if variant in made]
    with plt.rc_context(STYLE):
        figure, panels = plt.subplots(
            1, max(1, len(systems)), figsize=(2.2 + 2.2 * len(systems), 0.8 + 0.28 * len(variants)),
            layout="constrained", sharey=True, squeeze=False,
        )  # fmt: skip
        for axes, system in zip(panels[0], systems):
            for row in (row for row in rows if row["system"] == system):
                place = variants.index(row["variant"])
                for prefix, colour, face in (("", COLOUR, COLOUR), ("averaged_", MUTED, "white")):
                    axes.errorbar(
                        [row[f"{prefix}relative_error"]], [place],
                        xerr=[row[f"{prefix}std_error"]], fmt="o", ms=4, capsize=2,
                        color=colour, mfc=face, zorder=2 if face == COLOUR else 1,
                    )  # fmt: skip
                if row["variant"] == order[0]:
                    axes.axvline(row["relative_error"], color=COLOUR, lw=0.6, ls=":", zorder=0)
            axes.set_xscale("symlog", linthresh=GOOD, linscale=0.5)
            axes.set_xticks([tick for tick in axes.get_xticks() if tick >= 0])
            axes.set_title(system)
            axes.set_xlabel("relative error")
        if systems:
            axes.set_yticks(range(len(variants)), variants)
            axes.invert_yaxis()
    return figure
