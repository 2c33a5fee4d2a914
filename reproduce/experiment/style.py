"""The style that all figures share."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt

from vmc.training.whole_files import written_whole

COLOUR = "#1f5fa8"
OTHER = "#c2571a"
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
        with written_whole(folder / f"{name}.{suffix}") as partial:
            figure.savefig(partial, bbox_inches="tight")
    plt.close(figure)
