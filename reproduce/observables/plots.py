"""Figures of spin correlations, of chains and of squares."""

import matplotlib.colors
import matplotlib.pyplot as plt
import numpy as np

from reproduce.experiment.style import COLOUR, MUTED, OTHER, STYLE
from vmc.measurement.estimate import plus_minus


def draw(measured):
    """The figure of a lattice's observables.

    Args:
        measured: a `reproduce.observables.results.Measured`.

    Returns:
        A matplotlib figure.
    """
    with plt.rc_context(STYLE):
        return chain(measured) if len(measured.lattice.shape) == 1 else square(measured)


def chain(measured):
    """Correlations against distance, and the structure factor against momentum."""
    figure, panels = plt.subplots(1, 2, figsize=(9.5, 3.6), layout="constrained")
    # To the right of the middle site, which has as many or one more there.
    right = measured.displacements[:, 0] > 0
    distance = measured.displacements[right, 0]
    decay(panels[0], measured, right, distance)
    panels[0].set_xscale("log")
    panels[0].set_yscale("log", nonpositive="clip")
    # Below its error bar a correlation says nothing.
    panels[0].set_ylim(bottom=measured.correlations.std_error.min() / 2)
    ticks = [r for r in (1, 2, 3, 5, 10, 20, 30, 50, 100, 200) if r <= distance.max()]
    panels[0].set_xticks(ticks, map(str, ticks))
    panels[0].tick_params(axis="x", which="minor", bottom=False)
    panels[0].set_xlabel("distance $r$ from the middle, in sites")
    panels[0].set_ylabel(r"$(-1)^r\,\langle \mathbf{S}_0\cdot\mathbf{S}_r\rangle$")
    panels[0].set_title(f"a  Correlations in a chain of {measured.lattice.num_sites}")

    momentum = measured.momenta[:, 0] / np.pi
    half = momentum < 1 + 1e-9  # the rest is its mirror image
    panels[1].errorbar(
        momentum[half], measured.structure_factors.mean[half],
        yerr=measured.structure_factors.std_error[half],
        fmt="o-", ms=3, lw=1, capsize=2, color=COLOUR,
    )  # fmt: skip
    panels[1].set_xlabel(r"momentum $q/\pi$, per site")
    panels[1].set_ylabel(_factor(measured))
    panels[1].set_ylim(bottom=0)
    panels[1].set_title(f"b  Structure factor;  {_order(measured)}")
    return figure


def square(measured):
    """A map of correlations, their decay, and a map of the structure factor."""
    figure, panels = plt.subplots(1, 3, figsize=(13, 3.8), layout="constrained")
    rows, columns = measured.lattice.shape
    values = np.full(rows * columns, np.nan)
    values[measured.pairs[:, 1]] = measured.correlations.mean
    largest = np.nanmax(abs(values))
    colours = plt.colormaps["RdBu_r"].with_extremes(bad=MUTED)
    image = panels[0].imshow(
        values.reshape(rows, columns), cmap=colours, vmin=-largest, vmax=largest
    )
    label = r"$\langle \mathbf{S}_0\cdot\mathbf{S}_j\rangle$"
    figure.colorbar(image, ax=panels[0], label=label)
    panels[0].set_xlabel("column")
    panels[0].set_ylabel("row")
    panels[0].set_title(f"a  Correlations with the grey site, {rows}x{columns}")
    for axis in (panels[0].xaxis, panels[0].yaxis):
        axis.get_major_locator().set_params(integer=True)

    decay(panels[1], measured, slice(None), np.linalg.norm(measured.displacements, axis=1))
    panels[1].set_ylim(bottom=0)
    panels[1].set_xlabel("distance $|r|$ from that site, in sites")
    panels[1].set_ylabel(r"$(-1)^{r_x+r_y}\,\langle \mathbf{S}_0\cdot\mathbf{S}_r\rangle$")
    panels[1].set_title(f"b  Decay;  {_order(measured)}")

    # Once more at 2 pi, where it is what it is at 0.
    factors = np.pad(measured.structure_factors.mean.reshape(rows, columns), (0, 1), mode="wrap")
    momenta = [np.linspace(0, 2, n + 1) for n in (columns, rows)]
    mesh = panels[2].pcolormesh(
        *momenta, factors, norm=matplotlib.colors.PowerNorm(0.5, vmin=0), shading="nearest"
    )
    panels[2].set_aspect("equal")
    figure.colorbar(mesh, ax=panels[2], label=_factor(measured))
    panels[2].set_xlabel(r"$q_x/\pi$, per site")
    panels[2].set_ylabel(r"$q_y/\pi$, per site")
    panels[2].set_title("c  Structure factor")
    return figure


def decay(axes, measured, which, distance):
    """Correlations without their alternating sign, and connected ones to compare with."""
    connected = "3 times $S^z$, connected" if measured.singlet else "all components, connected"
    for estimates, label, style in (
        (measured.correlations, "all components", {"color": COLOUR, "ms": 3, "zorder": 3}),
        (measured.connected, connected, {"color": OTHER, "ms": 5, "mfc": "none"}),
    ):
        axes.errorbar(
            distance, (measured.signs * estimates.mean)[which], yerr=estimates.std_error[which],
            fmt="o", lw=1, capsize=2, label=label, **style,
        )  # fmt: skip
    axes.legend(fontsize=8)


def _factor(measured):
    return f"${_part(measured, 'S', '^{zz}')}(q)$"


def _order(measured):
    name = f"${_part(measured, 'm', '_z')}^2$"
    return f"{name} = {plus_minus(measured.squared.mean, measured.squared.std_error)}"


def _part(measured, whole, of_z):
    """The symbol of what was measured: whole, or from its S^z part."""
    if measured.axes == "xyz":
        return whole
    return rf"{'3' if measured.singlet else ''}\,{whole}{of_z}"
