"""The figures."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

from reproduce.results import GOOD, TRAILING

COLOUR = "#1f5fa8"
MUTED = "#8a8f98"
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


def fig3_panels(results):
    """Both panels of figure 3.

    Args:
        results: `StageResult`s, by growing size.

    Returns:
        A matplotlib figure.
    """
    with plt.rc_context(STYLE):
        figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
        error_against_size(left, results)
        left.set_xlabel("number of spins")
        left.set_title("a  After retraining at each size")
        error_against_minibatches(right, [r for r in results[1:] if r.history])
        right.set_title("b  While retraining, 20 spins at a time")
    return figure


def error_against_size(axes, results):
    """Relative error at each size, after retraining and before it."""
    sizes = [result.lattice.num_sites for result in results]
    axes.errorbar(
        sizes,
        [result.relative_error for result in results],
        yerr=[result.relative_std_error for result in results],
        fmt="o-", ms=4, lw=1, capsize=2, color=COLOUR, label="after retraining",
    )  # fmt: skip
    before = [result for result in results if result.before]
    if before:
        axes.errorbar(
            [result.lattice.num_sites for result in before],
            [result.error_before[0] for result in before],
            yerr=[result.error_before[1] for result in before],
            fmt="o", ms=4, mfc="white", lw=1, capsize=2, color=MUTED, label="before the first step",
        )  # fmt: skip
    _error_axis(axes, "relative error against exact")
    axes.legend(fontsize=8)


def error_against_minibatches(axes, results):
    """Relative error during retraining, a trailing mean for each size."""
    colours = plt.colormaps["viridis"](np.linspace(0, 0.9, max(1, len(results))))
    for result, colour in zip(results, colours):
        error, bar = result.trailing()
        steps = np.arange(1, len(error) + 1)
        label = f"{result.lattice.num_sites}"
        axes.plot(steps, error, lw=1.2, color=colour, label=label)
        axes.fill_between(steps, error - bar, error + bar, color=colour, alpha=0.12, lw=0)
    _error_axis(axes, f"trailing mean over {TRAILING} minibatches")
    axes.set_xlabel("minibatches")
    if results:
        axes.legend(fontsize=7, title="spins", title_fontsize=7, ncols=2)


def _error_axis(axes, label):
    # Linear below 1e-4, since noise takes small errors below zero.
    axes.set_yscale("symlog", linthresh=GOOD, linscale=0.5)
    axes.axhline(GOOD, color=MUTED, lw=0.8, ls="--", label="the paper's 10⁻⁴", zorder=0)
    axes.axhline(0, color=MUTED, lw=0.5, zorder=0)
    axes.set_ylabel(label)
