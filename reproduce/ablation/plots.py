"""The ablation's figure."""

import matplotlib.pyplot as plt

from reproduce.experiment.results import GOOD
from reproduce.experiment.style import COLOUR, MUTED, STYLE


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
