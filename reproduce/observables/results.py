"""What `reproduce.observables` measured, as arrays and as tables."""

import dataclasses

import numpy as np

import vmc


@dataclasses.dataclass(frozen=True)
class Measured:
    """The observables of a wave function on a lattice.

    Attributes:
        lattice: a `vmc.Lattice`.
        pairs: the middle site with each other one, int `[num_pairs, 2]`.
        correlations: <S_i . S_j> of the pairs, `vmc.Estimates`.
        connected: three times the connected correlations of S^z; where the
            state is no singlet, connected correlations of all components.
        momenta: float `[num_momenta, axes]`.
        structure_factors: S(q) of the momenta.
        squared: the staggered magnetisation squared, a `vmc.Estimate`.
        axes: `"xyz"`, or `"z"` where the last two are of S^z alone: three
            times their S^z parts, or these parts where the state is no
            singlet.
        singlet: whether the state may be a singlet.
    """

    lattice: vmc.Lattice
    pairs: np.ndarray
    correlations: vmc.Estimates
    connected: vmc.Estimates
    momenta: np.ndarray
    structure_factors: vmc.Estimates
    squared: vmc.Estimate
    axes: str
    singlet: bool = True

    @property
    def displacements(self):
        """From the middle site to the others: int `[num_pairs, axes]`."""
        places = np.argwhere(np.ones(self.lattice.shape))
        return places[self.pairs[:, 1]] - places[self.pairs[:, 0]]

    @property
    def signs(self):
        """1 within the middle site's sublattice, -1 to the other: `[num_pairs]`."""
        return 1 - 2 * (self.displacements.sum(axis=1) % 2)

    @property
    def from_singlet(self):
        """The most error bars between a correlation and three times its S^z part."""
        apart = abs(self.correlations.mean - self.connected.mean)
        errors = np.hypot(self.correlations.std_error, self.connected.std_error)
        # Where neither has an error, as in a product state, rounding is none either.
        known = np.where(apart > 1e-6, np.inf, 0.0)
        return float(np.divide(apart, errors, out=known, where=errors > 0).max())

    def correlation_rows(self):
        """A row of a table for each pair."""
        connected_name = "connected_zz_times_3" if self.singlet else "connected"
        return [
            {
                "i": int(i),
                "j": int(j),
                "distance": float(np.linalg.norm(displacement)),
                "correlation": correlation.mean,
                "std_error": correlation.std_error,
                connected_name: connected.mean,
                f"{connected_name}_error": connected.std_error,
            }
            for (i, j), displacement, correlation, connected in zip(
                self.pairs, self.displacements, self.correlations, self.connected
            )
        ]

    def structure_factor_rows(self):
        """A row of a table for each momentum."""
        names = {1: ["q"], 2: ["q_row", "q_column"]}[self.momenta.shape[1]]
        return [
            {
                **dict(zip(names, map(float, momentum))),
                "structure_factor": factor.mean,
                "std_error": factor.std_error,
            }
            for momentum, factor in zip(self.momenta, self.structure_factors)
        ]


def times_three(estimates):
    """Estimates of S^z parts as those of whole spins in a singlet."""
    return scaled(estimates, 3)


def scaled(estimates, factor, which=slice(None)):
    """Some of the estimates, times a factor."""
    return dataclasses.replace(
        estimates,
        mean=factor * estimates.mean[which],
        variance=factor**2 * estimates.variance[which],
    )
