"""What every wave function can do."""

import keras
import numpy as np
from keras import ops

from models import flips
from models.backend import compiled, concrete


class WaveFunction(keras.Model):
    """A normalised wave function of spins one half on a lattice.

    Spins are ints in {0, 1}, 1 is up, of shape `[batch, *lattice shape]`
    in raster order. Calling a wave function gives

        (log_amplitude, phase) = wf(spins)

    float `[batch]` each, with psi = exp(log_amplitude + i phase) and
    sum |psi|^2 = 1. Derived classes define `call` and `draw`;
    `flip_log_ratio` here is brute force, which they may improve on.
    """

    num_axes = None  # 1 for chains, 2 for squares, None for any lattice

    def draw(self, uniforms, *, shape):
        """Configurations from uniform random numbers (see `sample`).

        Args:
            uniforms: float `[num_samples, uniforms_per_sample(shape)]`.
            shape: the lattice's shape.

        Returns:
            int32 `[num_samples, *shape]`.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot be sampled.")

    def uniforms_per_sample(self, shape):
        """How many random numbers `draw` takes for one configuration."""
        return int(np.prod(shape))

    def sample(self, num_samples, shape, seed=None):
        """Exact, independent samples of |psi|^2.

        Args:
            num_samples: how many.
            shape: the lattice's shape, such as `(80,)` or `(6, 6)`.
            seed: an int, which gives the same samples each time, a
                `keras.random.SeedGenerator`, which gives new ones, or None
                for Keras' global seed.

        Returns:
            int32 `[num_samples, *shape]`.

        Raises:
            ValueError: the shape has no or too few axes, or an empty one.
        """
        shape = self.check_shape(shape)
        if int(num_samples) < 1:
            raise ValueError(f"num_samples must be positive, not {num_samples}.")
        uniforms = keras.random.uniform(
            (int(num_samples), self.uniforms_per_sample(shape)), seed=seed
        )
        return self.draw(uniforms, shape=shape)

    def flip_log_ratio(self, spins, sites, wanted=None):
        """log psi of configurations with a few spins flipped, less log psi.

        An exchange of two antiparallel spins is a flip of both.

        Args:
            spins: int `[batch, *shape]`.
            sites: static ints `[num_moves, k]`: the sites that each move
                flips, in raster order.
            wanted: bool `[batch, num_moves]` or None for all: where it is
                False the ratio is not computed, and returned as zero.

        Returns:
            `(d_log, d_phase)`, float `[batch, num_moves]` each. `d_log` is
            -inf where the flip leaves the sector of a conserved S^z.
            Phases are defined up to multiples of 2 pi.

        Raises:
            ValueError: spins or sites of a wrong shape or value.
        """
        spins = self.check_spins(spins)
        moves = flips.as_moves(sites, int(np.prod(spins.shape[1:])))
        if not moves:
            nothing = ops.zeros((spins.shape[0], 0), dtype=self.compute_dtype)
            return nothing, nothing
        return self.compute_flip_log_ratio(spins, wanted, moves=moves)

    @compiled
    def compute_flip_log_ratio(self, spins, wanted, *, moves):
        """By brute force: one whole pass for each flipped configuration."""
        batch, *shape = spins.shape
        flat = ops.reshape(spins, (batch, 1, -1))
        flipped = flips.flip(flat, flips.flip_mask(moves, flat.shape[-1]))
        log_amplitude, phase = self(ops.reshape(flipped, (-1, *shape)))
        base_log_amplitude, base_phase = self(spins)
        d_log = ops.reshape(log_amplitude, (batch, -1)) - base_log_amplitude[:, None]
        d_phase = ops.reshape(phase, (batch, -1)) - base_phase[:, None]
        return flips.discard(d_log, d_phase, wanted)

    def check_shape(self, shape):
        """The lattice shape as a tuple of ints; ValueError if it is none."""
        shape = tuple(int(length) for length in shape)
        if not shape or min(shape) < 1 or self.num_axes not in (None, len(shape)):
            axes = self.num_axes or "one or more"
            raise ValueError(
                f"{type(self).__name__} lives on lattices of {axes} axes "
                f"of positive length, not on {shape}."
            )
        return shape

    def check_spins(self, spins):
        """The spins as an int32 tensor; ValueError if they are none."""
        spins = ops.convert_to_tensor(spins)
        if len(spins.shape) < 2 or self.num_axes not in (None, len(spins.shape) - 1):
            axes = {1: "[batch, sites]", 2: "[batch, rows, columns]"}.get(
                self.num_axes, "[batch, *lattice shape]"
            )
            raise ValueError(f"spins must have the shape {axes}, not {tuple(spins.shape)}.")
        values = concrete(spins)
        if values is not None and not np.isin(values, (0, 1)).all():
            raise ValueError(
                f"spins must be 0 (down) or 1 (up): the array of shape {values.shape} "
                f"holds values from {values.min()} to {values.max()}."
            )
        return ops.cast(spins, "int32")
