"""Spin correlations and what is made of them, S = sigma / 2."""

import itertools

import numpy as np
from keras import ops

from models.backend import matmul
from vmc.physics.spins import moved, on_lattice, pair_products, sigma_z

AXES = ("xyz", "z")


class Observable:
    """Something whose expectation values `vmc.estimate_observable` estimates.

    A derived class defines `local_values`, whose means are those of
    operators, and `combine`, if a value is a function of several of them.

    Args:
        lattice: a `vmc.Lattice`.
        axes: `"xyz"` for all components of the spins, whose x and y parts
            need ratios of amplitudes; `"z"` for S^z alone, which needs the
            samples only.

    Raises:
        ValueError: other axes.
    """

    def __init__(self, lattice, axes="xyz"):
        if axes not in AXES:
            raise ValueError(f'axes must be "xyz" or "z", not {axes!r}.')
        self.lattice = lattice
        self.axes = axes

    @property
    def num_terms(self):
        """Numbers that a sample takes, see `vmc.measurement.estimate.chunk_size`."""
        raise NotImplementedError

    def local_values(self, wf, spins):
        """Numbers of each sample whose mean over |psi|^2 is an expectation value.

        They are real parts: the imaginary parts of Hermitian operators'
        local values have the mean zero.

        Args:
            wf: a wave function.
            spins: int `[batch, *lattice.shape]`.

        Returns:
            float `[batch, num_values, parts]`.
        """
        raise NotImplementedError

    def combine(self, means):
        """The values, from the means of all parts.

        Args:
            means: float `[num_values, parts]`.

        Returns:
            `(values, gradients)`, float `[num_values]` and their
            derivatives by the parts, `[num_values, parts]`.
        """
        return means[:, 0], np.ones_like(means)

    def exchange(self, wf, spins, z, pairs):
        """Local values of S^x_i S^x_j + S^y_i S^y_j: float `[batch, num_pairs]`."""
        # Half an exchange of the two spins, where they are antiparallel.
        return moved(wf, spins, pairs, (1 - pair_products(z, pairs)) / 4)[0]


class SpinCorrelation(Observable):
    """<S_i . S_j> for pairs of sites, or the connected <S_i . S_j> - <S_i> . <S_j>.

    Args:
        lattice: a `vmc.Lattice`.
        pairs: ints `[num_pairs, 2]`: different sites in raster order.
        axes: `"xyz"`, or `"z"` for <S^z_i S^z_j>.
        connected: take the product of the means off.

    Raises:
        ValueError: pairs that are none of this lattice; other axes.

    Example:

    >>> import models, vmc
    >>> wf = models.load("gru-chain-80")
    >>> neighbours = vmc.SpinCorrelation(vmc.Chain(12), [(5, 6), (5, 7)])
    >>> estimates = vmc.estimate_observable(wf, neighbours, 500, seed=0)
    >>> bool(estimates[0].mean < -0.2), bool(estimates[1].mean > 0.1)
    (True, True)
    """

    def __init__(self, lattice, pairs, axes="xyz", connected=False):
        super().__init__(lattice, axes)
        self.pairs = np.asarray(pairs)
        if (
            self.pairs.ndim != 2
            or self.pairs.shape[1] != 2
            or not np.issubdtype(self.pairs.dtype, np.integer)
            or not ((self.pairs >= 0) & (self.pairs < lattice.num_sites)).all()
            or (self.pairs[:, 0] == self.pairs[:, 1]).any()
        ):
            raise ValueError(
                "pairs must be integers of shape [num_pairs, 2], two different sites "
                f"from 0 to {lattice.num_sites - 1} each, not {self.pairs.tolist()}."
            )
        self.connected = bool(connected)

    @property
    def num_terms(self):
        return len(self.pairs) * (1 + 2 * len(self.axes) * self.connected)

    def local_values(self, wf, spins):
        spins = on_lattice(self.lattice, wf, spins)
        z = sigma_z(spins, wf.compute_dtype)
        product = pair_products(z, self.pairs) / 4
        if self.axes == "xyz":
            product = product + self.exchange(wf, spins, z, self.pairs)
        if not self.connected:
            return product[..., None]
        vectors = self._vectors(wf, spins, z)
        ends = [ops.take(vectors, self.pairs[:, end], axis=1) for end in (0, 1)]
        return ops.concatenate([product[..., None], *ends], axis=2)

    def _vectors(self, wf, spins, z):
        """Local values of each spin's components: float `[batch, sites, axes]`."""
        if self.axes == "z":
            return z[..., None] / 2
        sites = np.arange(self.lattice.num_sites)[:, None]
        # S^x flips with the element 1/2, S^y with -i/2 from up and i/2 from down.
        real, imaginary = moved(wf, spins, sites, ops.full_like(z, 0.5))
        return ops.stack([real, z * imaginary, z / 2], axis=2)

    def combine(self, means):
        if not self.connected:
            return super().combine(means)
        first, second = np.split(means[:, 1:], 2, axis=1)
        gradients = np.concatenate([np.ones_like(means[:, :1]), -second, -first], axis=1)
        return means[:, 0] - (first * second).sum(axis=1), gradients


class StructureFactor(Observable):
    """S(q) = 1/N sum_ij exp(i q . (r_i - r_j)) <S_i . S_j>.

    Args:
        lattice: a `vmc.Lattice`; r are its sites' integer coordinates.
        momenta: floats `[num_momenta, lattice axes]`, in radians per site;
            by default 2 pi k / length along each axis, k = 0, 1, ..., one
            for each site, in raster order.
        axes: `"xyz"`, which needs the exchange of every pair of sites, or
            `"z"` for the S^z part, a third of it in a singlet.

    Attributes:
        momenta: as given.

    Raises:
        ValueError: momenta of another lattice; other axes.

    Example:

    >>> import models, vmc
    >>> wf = models.load("gru-chain-80")
    >>> factor = vmc.StructureFactor(vmc.Chain(12), axes="z")
    >>> estimates = vmc.estimate_observable(wf, factor, 500, seed=0)
    >>> int(np.argmax(estimates.mean))  # at q = pi
    6
    """

    def __init__(self, lattice, momenta=None, axes="xyz"):
        super().__init__(lattice, axes)
        shape = lattice.shape
        if momenta is None:
            momenta = 2 * np.pi * np.argwhere(np.ones(shape)) / shape
        self.momenta = np.asarray(momenta, float)
        if self.momenta.ndim != 2 or self.momenta.shape[1] != len(shape):
            raise ValueError(
                f"momenta must have the shape [num_momenta, {len(shape)}], "
                f"not {self.momenta.shape}."
            )
        self._angles = np.argwhere(np.ones(shape)) @ self.momenta.T  # [sites, momenta]
        pairs = itertools.combinations(range(lattice.num_sites if axes == "xyz" else 0), 2)
        self._pairs = np.array(list(pairs), int).reshape(-1, 2)

    @property
    def num_terms(self):
        return len(self._pairs) + len(self.momenta)

    def local_values(self, wf, spins):
        spins = on_lattice(self.lattice, wf, spins)
        z = sigma_z(spins, wf.compute_dtype)
        waves = (ops.cast(wave(self._angles), z.dtype) for wave in (np.cos, np.sin))
        total = sum(ops.square(matmul(z, wave)) for wave in waves) / 4
        if self.axes == "xyz":
            exchange = self.exchange(wf, spins, z, self._pairs)
            angles = self._angles[self._pairs[:, 0]] - self._angles[self._pairs[:, 1]]
            # Each pair stands for two; a site with itself gives 1/4 for x and y each.
            total = total + 2 * matmul(exchange, ops.cast(np.cos(angles), z.dtype))
            total = total + self.lattice.num_sites / 2
        return total[..., None] / self.lattice.num_sites


class StaggeredMagnetizationSquared(StructureFactor):
    """m^2 = 1/N^2 sum_ij (-1)^(r_i - r_j) <S_i . S_j>, the square of the order parameter.

    It is S(pi, pi, ...) / N; the sign is that of the sum of coordinates.

    Args:
        lattice: a `vmc.Lattice`.
        axes: `"xyz"`, which needs the exchange of every pair of sites, or
            `"z"` for the S^z part, a third of it in a singlet.

    Example:

    >>> import models, vmc
    >>> wf = models.load("gru-chain-80")
    >>> squared = vmc.StaggeredMagnetizationSquared(vmc.Chain(12), axes="z")
    >>> (estimate,) = vmc.estimate_observable(wf, squared, 500, seed=0)
    >>> bool(0.03 < estimate.mean < 0.08)
    True
    """

    def __init__(self, lattice, axes="xyz"):
        super().__init__(lattice, np.full((1, len(lattice.shape)), np.pi), axes)

    def local_values(self, wf, spins):
        return super().local_values(wf, spins) / self.lattice.num_sites


class TotalSpin(StructureFactor):
    """<S^2>, S being the sum of all spins: S (S + 1) where the total spin is S.

    It is N S(q = 0), and needs the exchange of every pair of sites. It is
    zero for singlets alone. Of a state with one total spin, each sample has
    the same value, so that the error shows how far a state is from that.

    Args:
        lattice: a `vmc.Lattice`.

    Example:

    >>> import models, vmc
    >>> wf = models.load("gru-chain-80")
    >>> (squared,) = vmc.estimate_observable(wf, vmc.TotalSpin(vmc.Chain(12)), 500, seed=0)
    >>> bool(-0.1 < squared.mean < 0.1)
    True
    """

    def __init__(self, lattice):
        super().__init__(lattice, np.zeros((1, len(lattice.shape))))

    def local_values(self, wf, spins):
        return super().local_values(wf, spins) * self.lattice.num_sites
