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
        connected: three times the connected correlations of S^z.
        momenta: float `[num_momenta, axes]`.
        structure_factors: S(q) of the momenta.
        squared: the staggered magnetisation squared, a `vmc.Estimate`.
        axes: `"z"` where the last two are three times their S^z parts.
    """

    lattice: vmc.Lattice
    pairs: np.ndarray
    correlations: vmc.Estimates
    connected: vmc.Estimates
    momenta: np.ndarray
    structure_factors: vmc.Estimates
    squared: vmc.Estimate
    axes: str

    @property
    def displacements(self):
        """From the middle site to the others: int `[num_pairs, axes]`."""
        places = np.argwhere(np.ones(self.lattice.shape))
        return places[self.pairs[:, 1]] - places[self.pairs[:, 0]]

    @property
    def signs(self):
        """1 within the middle site's sublattice, -1 to the other: `[num_pairs]`."""
        return 1 - 2 * (self.displacements.sum(axis=1) % 2)

    def correlation_rows(self):
        """A row of a table for each pair."""
        return [
            {
                "i": int(i),
                "j": int(j),
                "distance": float(np.linalg.norm(displacement)),
                "correlation": correlation.mean,
                "std_error": correlation.std_error,
                "connected_zz_times_3": connected.mean,
                "connected_zz_times_3_error": connected.std_error,
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
    return dataclasses.replace(estimates, mean=3 * estimates.mean, variance=9 * estimates.variance)
