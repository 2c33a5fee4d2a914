"""Draws a lattice: its sites, its bonds and the order in which a network visits them."""

import numpy as np


def plot(lattice, order=None, ax=None):
    """As of `vmc.Lattice.plot`."""
    import matplotlib.pyplot as plt
    from matplotlib.patches import FancyArrowPatch

    if ax is None:
        _, ax = plt.subplots(figsize=(4, 4 if len(lattice.shape) > 1 else 1.5))
    at = lattice.positions()
    order = np.arange(lattice.num_sites) if order is None else np.asarray(order)
    if sorted(order.tolist()) != list(range(lattice.num_sites)):
        raise ValueError(f"order must name each of the {lattice.num_sites} sites once.")
    for bond, long in zip(lattice.bonds(), _around(lattice)):
        ax.add_patch(
            FancyArrowPatch(
                *at[bond], arrowstyle="-", shrinkA=0, shrinkB=0, color="0.55", lw=1.2,
                linestyle="--" if long else "-",
                connectionstyle=f"arc3,rad={0.25 if long else 0}", zorder=1,
            )
        )  # fmt: skip
    path = at[order]
    ax.plot(*path.T, color="tab:orange", lw=3, alpha=0.35, zorder=0, label="visited in this order")
    ax.scatter(*at.T, s=220, color="white", edgecolors="tab:blue", zorder=2)
    for number, place in enumerate(order):
        ax.text(*at[place], str(number), ha="center", va="center", fontsize=8, zorder=3)
    ax.set_title(repr(lattice) if len(repr(lattice)) < 60 else type(lattice).__name__, fontsize=9)
    ax.set_aspect("equal")
    ax.set_xlim(at[:, 0].min() - 0.6, at[:, 0].max() + 0.6)
    ax.set_ylim(at[:, 1].min() - 0.6, at[:, 1].max() + 0.6)
    low = 0.15 * np.ptp(at[:, 0]) if len(lattice.shape) == 1 and lattice.periodic else 0
    ax.set_ylim(ax.get_ylim()[0] - low)
    ax.axis("off")
    return ax


def _around(lattice):
    """Whether each bond leads across an edge that is joined, or jumps over sites: bools."""
    places = np.stack(np.unravel_index(np.arange(lattice.num_sites), lattice.shape), axis=1)
    first, second = lattice.bonds().T
    return abs(places[first] - places[second]).max(axis=1, initial=0) > 1
