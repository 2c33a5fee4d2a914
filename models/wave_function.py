"""What every wave function can do."""

import keras
import numpy as np
from keras import ops

from models import flips
from models.backend import check_known, compiled, concrete
from models.checks import random_seed, whole_number
from models.magnetization import num_up_spins
from models.options import ReadOnlyOptions
from models.shared import Shared
from models.uniforms import uniforms
from models.version import KEY, VERSION, made_by


class WaveFunction(Shared, ReadOnlyOptions, keras.Model):
    """A normalised wave function of spins one half on a lattice.

    Spins are ints in {0, 1}, 1 is up, of shape `[batch, *lattice shape]`
    in raster order. Calling a wave function gives

        (log_amplitude, phase) = wf(spins)

    float `[batch]` each, with psi = exp(log_amplitude + i phase) and
    sum |psi|^2 = 1 (equation 5), phases in radians. The batch may be
    unknown, as it is in Keras' `predict` and `export`, in `tf.data` and for
    a `keras.Input`; samples and flip ratios need to know it. Derived classes define
    `call` and `draw`; `flip_log_ratio` here is brute force, which they may
    improve on. What their `__init__` takes is read-only from then on
    (AttributeError): `copy` makes another one with other options.

    Raises:
        ValueError: a dtype of half precision, in which probabilities do
            not sum to 1 and ratios of amplitudes are noise.

    Example:

    All spins along x, a product state:

    >>> class AlongX(WaveFunction):
    ...     def call(self, spins):
    ...         num_sites = int(np.prod(spins.shape[1:]))
    ...         zeros = ops.zeros(ops.shape(spins)[:1], dtype=self.compute_dtype)
    ...         return zeros - num_sites * np.log(2) / 2, zeros
    ...     def draw(self, uniforms, *, shape):
    ...         spins = ops.cast(uniforms < 0.5, "int32")
    ...         return ops.reshape(spins, (-1, *shape))
    >>> wf = AlongX()
    >>> spins = wf.sample(100, shape=(2, 2), seed=0)
    >>> d_log, d_phase = wf.flip_log_ratio(spins, [[0], [3]])
    >>> tuple(d_log.shape), float(ops.max(ops.abs(d_log)))
    ((100, 2), 0.0)
    """

    num_axes = None  # 1 for chains, 2 for squares, None for any lattice
    total_sz = None  # the conserved total S^z, if any
    marshall_sign = False  # whether phases hold the Marshall sign
    phase = "free"  # "none" where no network makes one
    card = None  # of one that `models.load` made; files do not keep it

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        if self.compute_dtype not in ("float32", "float64"):
            raise ValueError(
                f"A wave function needs the dtype float32 or float64, not {self.dtype_policy.name}."
            )

    def astype(self, dtype):
        """The same wave function in another precision.

        Args:
            dtype: `"float32"` or `"float64"`.

        Returns:
            A wave function with the same weights; itself, if this is its
            precision already.
        """
        if self.dtype_policy.name == dtype:
            return self
        return self.copy(dtype=dtype)

    def copy(self, **options):
        """Another one with the same weights, that can be trained by itself.

        Args:
            **options: of the class, in place of this one's.
        """
        twin = type(self).from_config({**self.get_config(), **options})
        twin.set_weights(self.get_weights())
        return twin

    @property
    def state_width(self):
        """Numbers that a pass over whole configurations holds for each site.

        It decides how many samples a chunk of an estimate has (see
        `vmc.estimate_energy`). The default is a guess on the safe side, for
        those who do not know.
        """
        return 128

    def __call__(self, spins, *args, **kwargs):
        # Before Keras sees the spins: it takes no lists, and would wrap the
        # message of an error in others.
        spins = self.check_spins(spins)
        vars(self)["_called_on"] = tuple(spins.shape[1:])
        if spins.shape[0] == 0:
            nothing = ops.zeros((0,), dtype=self.compute_dtype)
            return nothing, nothing
        return super().__call__(spins, *args, **kwargs)

    def export(self, filepath, *args, input_signature=None, **kwargs):
        """As of `keras.Model.export`, for lattices of one shape and batches of any size.

        Args:
            filepath: where to.
            *args, **kwargs: as of `keras.Model.export`.
            input_signature: such as `[keras.InputSpec((None, 6, 6), "int32")]`
                for 6x6; by default the lattice of the last call.

        Raises:
            ValueError: there was no call, and `input_signature` is not given.
        """
        if input_signature is None:
            shape = getattr(self, "_called_on", None)
            if shape is None:
                raise ValueError(
                    "export needs the lattice's shape: call the wave function first, or give "
                    "input_signature, such as [keras.InputSpec(shape=(None, 80), dtype='int32')]."
                )
            input_signature = [keras.InputSpec(shape=(None, *shape), dtype="int32")]
        super().export(filepath, *args, input_signature=input_signature, **kwargs)

    def draw(self, uniforms, *, shape):
        """Configurations from uniform random numbers (see `sample`).

        Args:
            uniforms: float `[num_samples, uniforms_per_sample(shape)]`, as
                `models.uniforms.uniforms` makes them: fine near 0 and not
                near 1, so that what has a probability p above one half is
                best drawn where they are not below 1 - p.
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
            ValueError: the shape has no or too few axes, or an empty one;
                no whole number of samples above 0; an unsound seed.
        """
        shape = self.check_shape(shape)
        num_samples = whole_number("num_samples", num_samples, 1)
        numbers = uniforms((num_samples, self.uniforms_per_sample(shape)), random_seed(seed))
        return self.draw(numbers, shape=shape)

    def flip_log_ratio(self, spins, sites, wanted=None):
        """log psi of configurations with a few spins flipped, less log psi.

        An exchange of two antiparallel spins is a flip of both.

        Args:
            spins: int `[batch, *shape]`.
            sites: static ints `[num_moves, k]`: the sites that each move
                flips, in raster order.
            wanted: bool `[batch, num_moves]` or None for all: where it is
                False the ratio is not computed, and returned as zero, which
                is `d_log` = -inf and `d_phase` = 0.

        Returns:
            `(d_log, d_phase)`, float `[batch, num_moves]` each. `d_log` is
            -inf where the flip leaves the sector of a conserved S^z.
            Phases are defined up to multiples of 2 pi. There is no ratio
            to an amplitude of zero.

        Raises:
            ValueError: spins, sites or `wanted` of a wrong shape or value;
                spins outside the sector of a conserved S^z, where psi is
                zero and there is no ratio. (In the middle of a graph, such
                as a train step, values are not known and not checked.)
        """
        spins = self.check_spins(spins)
        self.check_sector(spins)
        moves = flips.as_moves(sites, int(np.prod(spins.shape[1:])))
        check_known("flip_log_ratio", spins.shape)
        shape = (spins.shape[0], len(moves))
        if wanted is not None and np.shape(wanted) != shape:
            raise ValueError(f"wanted must have the shape {shape}, not {tuple(np.shape(wanted))}.")
        if 0 in shape:
            nothing = ops.zeros(shape, dtype=self.compute_dtype)
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
        """The lattice shape as a tuple of ints; ValueError if it is invalid."""
        lengths = tuple(np.atleast_1d(shape))
        if not lengths or self.num_axes not in (None, len(lengths)):
            axes = {1: "one axis", 2: "two axes"}.get(self.num_axes, "one or more axes")
            raise ValueError(f"{type(self).__name__} lives on lattices of {axes}, not on {shape}.")
        return tuple(whole_number("A length", length, 1) for length in lengths)

    def check_spins(self, spins):
        """The spins as an int32 tensor; ValueError if they are invalid."""
        try:
            spins = ops.convert_to_tensor(spins)
        except (TypeError, ValueError) as error:
            raise ValueError(f"spins must be an array of 0 and 1: {error}") from error
        if len(spins.shape) < 2 or self.num_axes not in (None, len(spins.shape) - 1):
            axes = {1: "[batch, sites]", 2: "[batch, rows, columns]"}.get(
                self.num_axes, "[batch, *lattice shape]"
            )
            raise ValueError(f"spins must have the shape {axes}, not {tuple(spins.shape)}.")
        if None in spins.shape[1:]:
            raise ValueError(f"spins of the shape {tuple(spins.shape)} are on no known lattice.")
        if 0 in spins.shape[1:]:
            raise ValueError(f"spins of the shape {tuple(spins.shape)} have no sites.")
        values = concrete(spins)
        if values is not None and not np.isin(values, (0, 1)).all():
            raise ValueError(
                f"spins must be 0 (down) or 1 (up): the array of shape {values.shape} "
                f"holds values from {values.min()} to {values.max()}."
            )
        return ops.cast(spins, "int32")

    def check_sector(self, spins):
        """ValueError if a configuration does not have the conserved S^z."""
        values = concrete(spins)
        if self.total_sz is None or values is None:
            return
        flat = values.reshape(len(values), np.prod(values.shape[1:]))
        num_up = num_up_spins(flat.shape[1], self.total_sz)
        outside = np.flatnonzero(flat.sum(axis=1) != num_up)
        if len(outside):
            raise ValueError(
                f"psi is zero and has no ratios where total_sz is not {self.total_sz}: "
                f"{len(outside)} of the {len(flat)} configurations do not have {num_up} "
                f"up spins, the first of them number {outside[0]}."
            )

    def get_config(self):
        return {**super().get_config(), KEY: VERSION}

    @classmethod
    def from_config(cls, config):
        """From what `get_config` returned, in this version of the package or another.

        Warns:
            OtherVersion: in another one.

        Raises:
            ValueError: in another one, which has other options.
        """
        config = dict(config)
        with made_by(config.pop(KEY, None)):
            return super().from_config(config)
