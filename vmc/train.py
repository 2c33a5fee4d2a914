"""Variational Monte Carlo as a Keras model that `fit` trains."""

import itertools

import keras
import numpy as np
from keras import ops

from models.checks import whole_number
from vmc import replicas
from vmc.cost import (
    Cost,
    clip_by_global_norm,
    global_norm,
    magnetization_squared,
    score_coefficients,
    surrogate,
)
from vmc.natural_gradient import centred_rows, split


class VMC(keras.Model):
    """Lowers the energy of a wave function (equations 1 to 3 and 24).

    A step draws samples, computes their local energies and follows the
    gradient of the cost. `fit` needs no data. Each step logs `energy` (the
    total energy's mean), `energy_error` (its standard error), `variance`
    (of the local energy), `magnetization_squared` (<M^2>), `gradient_norm`
    (before clipping; with a natural gradient, of its direction) and
    `skipped`: a step whose energy or gradient is not finite leaves the
    weights as they are, and is counted there. Keras keeps the last minibatch
    of an epoch in `fit`'s history; `vmc.StepHistory` keeps all of them.

    Made, like the wave function and the optimizer, under the scope of a
    `tf.distribute.MirroredStrategy` or `MultiWorkerMirroredStrategy`, it
    trains on all replicas. Each draws its share of the minibatch from a
    random stream of its own; means, baseline, logs and gradient are those
    of the whole, and the gradient is clipped after it has been summed.

    Args:
        wave_function: a `models.WaveFunction`.
        hamiltonian: such as `vmc.Heisenberg`; its lattice is trained on.
        num_samples: minibatch, of all replicas together.
        temperature: T of equation 24, a float or a Keras schedule of the
            minibatch, such as `vmc.paper_temperature()`.
        magnetization_penalty: C of equation 24.
        local_energy_clip: see `vmc.Cost`.
        seed: of the samples.

    Raises:
        ValueError: fewer than two samples, or so many that replicas cannot
            share them evenly; a wave function that does not fit the
            lattice, or was made under the scope of another strategy.

    Example:

    >>> import keras, models, vmc
    >>> wf = models.GRUChain(units=4, total_sz=0)
    >>> model = vmc.VMC(wf, vmc.Heisenberg(vmc.Chain(6)), num_samples=20)
    >>> model.compile(optimizer=keras.optimizers.Adam(1e-3))
    >>> history = model.fit(epochs=2, steps_per_epoch=3, verbose=0)
    >>> len(history.history["energy"])
    2
    """

    def __init__(
        self,
        wave_function,
        hamiltonian,
        num_samples=100,
        temperature=0.0,
        magnetization_penalty=0.0,
        local_energy_clip=None,
        seed=0,
    ):
        super().__init__(dtype=wave_function.dtype_policy)
        self.wave_function = wave_function
        self.hamiltonian = hamiltonian
        self.num_samples = whole_number("num_samples", num_samples, 2)
        self.temperature = temperature
        self.cost = Cost(magnetization_penalty, local_energy_clip)
        self.seed_generator = replicas.ReplicaSeed(seed)
        self.minibatch = self._counter("minibatch")
        self.skipped = self._counter("skipped")
        self.direction = None  # of the last step of a natural gradient
        self.first_step = 0  # of the next `fit`, where a run goes on
        # A first call creates the weights of wave functions that need it,
        # and finds out whether the lattice suits them.
        wave_function(
            np.arange(hamiltonian.lattice.num_sites).reshape(1, *hamiltonian.lattice.shape) % 2
        )
        hamiltonian.check(wave_function)
        replicas.share(self, self.num_samples)  # or an error
        for variable in wave_function.variables[:1]:
            self._check_scope("wave function", variable)
        self.built = True

    def _check_scope(self, name, variable):
        if replicas.is_mirrored(variable) != replicas.is_mirrored(self.minibatch):
            raise ValueError(
                f"The {name} and vmc.VMC must be made under the scope of the same strategy."
            )

    def _counter(self, name):
        return self.add_weight(
            shape=(), dtype="int32", initializer="zeros", trainable=False, name=name
        )

    def compile(
        self,
        optimizer,
        gradient_clip_norm=None,
        learning_rate=None,
        natural_gradient=None,
        **kwargs,
    ):
        """Sets how the gradient is followed.

        Args:
            optimizer: a Keras optimizer. One that has trained the same wave
                function before carries its moments on.
            gradient_clip_norm: scale gradients down to this global norm; 1
                in the paper.
            learning_rate: a schedule of this model's minibatches that sets
                the rate of an optimizer made with a float. (An optimizer
                made with a schedule counts its own steps, and goes on
                counting from one lattice to the next.)
            natural_gradient: a `vmc.NaturalGradient`, whose direction takes
                the gradient's place and has its own bound; the optimizer is
                then best `keras.optimizers.SGD`.
            **kwargs: as of `keras.Model.compile`.
        """
        # XLA makes the gradient through a loop slower on the TensorFlow
        # backend; on JAX everything is XLA.
        kwargs.setdefault("jit_compile", keras.backend.backend() == "jax")
        super().compile(optimizer=optimizer, **kwargs)
        self._check_scope("optimizer", self.optimizer.iterations)
        if not self.optimizer.built:
            self.optimizer.build(self.trainable_variables)
        self.gradient_clip_norm = gradient_clip_norm
        self.learning_rate = learning_rate
        self.natural_gradient = natural_gradient
        if natural_gradient is not None and self.direction is None:
            size = sum(int(np.prod(v.shape)) for v in self.trainable_variables)
            self.direction = self.add_weight(
                shape=(size,), initializer="zeros", trainable=False, name="direction"
            )

    def fit(self, epochs=1, steps_per_epoch=1, **kwargs):
        """Trains for `epochs * steps_per_epoch` minibatches; see `keras.Model.fit`."""
        nothing = ((np.zeros((1, 1), "float32"),) for _ in itertools.count())
        if replicas.is_mirrored(self.minibatch):
            from vmc.tensorflow_step import no_data

            nothing = no_data(replicas.count(self))
        return super().fit(
            nothing, epochs=epochs, steps_per_epoch=steps_per_epoch, shuffle=False, **kwargs
        )

    def train_step(self, *args):
        # Keras calls this with (data) on TensorFlow, with (state, data) on JAX.
        if keras.backend.backend() == "tensorflow":
            from vmc.tensorflow_step import train_step
        elif keras.backend.backend() == "jax":
            from vmc.jax_step import train_step
        return train_step(self, *args[:-1])

    def make_train_function(self, force=False):
        # Keras' own would run a whole step in each replica (see there).
        if not replicas.is_mirrored(self.minibatch):
            return super().make_train_function(force)
        from vmc.tensorflow_step import train_function

        self.train_function = train_function(self)
        return self.train_function

    def draw(self):
        """Samples with their local energies and equal weights.

        Each replica draws and measures its own share, and returns those of
        all replicas.
        """
        share = replicas.share(self, self.num_samples)
        spins = self.wave_function.sample(
            share, self.hamiltonian.lattice.shape, seed=self.seed_generator
        )
        energy = self.hamiltonian.local_energy_parts(self.wave_function, spins)
        spins, *energy = (replicas.gather(x) for x in (spins, *energy))
        weights = ops.full_like(energy[0], 1 / self.num_samples)
        return spins, energy, weights

    def surrogate_loss(self, spins, energy, weights):
        """The surrogate whose gradient is the cost's (equation 24).

        Each replica's is that of its share; they sum to the whole batch's.
        """
        log_amplitude, phase = self.wave_function(replicas.own(spins))
        known = replicas.gather(ops.stop_gradient(log_amplitude))
        coefficients = self._score_coefficients(spins, energy, known, weights)
        return surrogate(log_amplitude, phase, [replicas.own(c) for c in coefficients])

    def natural_direction(self, spins, energy, weights, rows):
        """What takes the gradient's place: the natural gradient's direction.

        Args:
            spins, energy, weights: as `draw` returns them.
            rows: the gradients of each sample's log amplitude and phase,
                lists of float `[samples, *weight shape]`; no phase is None.
                Those of a replica's own share; all replicas then solve for
                the same direction.

        Returns:
            A list like the weights.
        """
        log_amplitude, _ = self.wave_function(replicas.own(spins))
        log_amplitude = replicas.gather(log_amplitude)
        rows = [part and [replicas.gather(g) for g in part] for part in rows]
        scores = self._score_coefficients(spins, energy, log_amplitude, weights)
        # The coefficients carry 2 weight / num_sites; e carries sqrt(weight).
        scale = self.hamiltonian.lattice.num_sites / (2 * ops.sqrt(weights))
        parts = [(gradients, score) for gradients, score in zip(rows, scores) if gradients]
        matrix = ops.concatenate([centred_rows(g, weights) for g, _ in parts])
        residual = ops.concatenate([scale * score for _, score in parts])
        rate = self._rate()
        rate = ops.cast(self.optimizer.learning_rate if rate is None else rate, matrix.dtype)
        direction = self.natural_gradient.direction(
            matrix, residual, ops.convert_to_tensor(self.direction), rate
        )
        return split(direction, self.trainable_variables)

    def remember(self, direction, finite):
        """Keeps a natural gradient's direction, if it is finite, for the next step's momentum."""
        if self.natural_gradient is not None:
            flat = ops.concatenate([ops.reshape(part, (-1,)) for part in direction])
            before = ops.convert_to_tensor(self.direction)
            self.direction.assign(ops.where(finite, flat, before))

    def _score_coefficients(self, spins, energy, log_amplitude, weights):
        temperature = self.temperature
        if callable(temperature):
            temperature = temperature(self.minibatch.value)
        return score_coefficients(
            self.cost,
            energy,
            2 * log_amplitude,
            magnetization_squared(spins),
            temperature,
            self.hamiltonian.lattice.num_sites,
            weights,
        )

    def _rate(self):
        rate = self.learning_rate
        return rate(self.minibatch.value) if callable(rate) else rate

    def prepare_update(self, energy, gradients):
        """Clipped gradients, the rate, and whether all of it is finite.

        Returns:
            `(gradients, rate, finite, norm)`; `rate` is None where the
            optimizer keeps its own.
        """
        norm = global_norm(gradients)
        # A sum is finite only if all its terms are.
        finite = ops.isfinite(norm + ops.sum(energy[0]) + ops.sum(energy[1]))
        if self.gradient_clip_norm is not None and self.natural_gradient is None:
            gradients = clip_by_global_norm(gradients, norm, self.gradient_clip_norm)
        return gradients, self._rate(), finite, norm

    def logs(self, spins, energy, norm, finite):
        """Counts the step and says what it measured."""
        self.seed_generator.advance()
        self.minibatch.assign_add(1)
        self.skipped.assign_add(ops.cast(ops.logical_not(finite), "int32"))
        real, imaginary = energy
        mean = ops.mean(real)
        variance = ops.mean(ops.square(real - mean) + ops.square(imaginary - ops.mean(imaginary)))
        return {
            "energy": mean,
            "energy_error": ops.sqrt(variance / self.num_samples),
            "variance": variance,
            "magnetization_squared": ops.mean(magnetization_squared(spins)),
            "gradient_norm": norm,
            "skipped": self.skipped.value,
        }
