"""Draws other people's growths beside figure 4's."""

from reproduce.experiment.style import OTHER
from reproduce.reference.growths import curves

MARKERS = "v^s*"
CAPTION = (
    "Coloured: other recurrent networks, by GPU hours up to their last side. "
    "Moss et al., arXiv:2502.17144 (256 units, averaged); PSR-NQS, arXiv:2605.13807."
)


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
