"""Variational Monte Carlo as a Keras model that `fit` trains."""

import functools
import importlib

import keras
import numpy as np
from keras import ops

from models.checks import random_seed, whole_number
from vmc.measurement.statistics import energy_statistics
from vmc.training import replicas
from vmc.training.cost import Cost, magnetization_squared
from vmc.training.direction import Gradient, global_norm
from vmc.training.minibatch import Minibatch


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

    `save_weights`, `load_weights` and Keras' `BackupAndRestore` keep the
    wave function, the optimizer, the counters and the random state, so that
    training goes on as if it had never stopped. `save`, and with it Keras'
    `ModelCheckpoint`, writes the wave function, which `keras.models.load_model`
    reads: no Hamiltonian is part of a Keras file.

    Args:
        wave_function: a `models.WaveFunction`.
        hamiltonian: such as `vmc.Heisenberg`; its lattice is trained on.
        num_samples: minibatch, of all replicas together.
        seed: of the samples.
        **cost: `temperature`, `magnetization_penalty` and whatever else
            `vmc.Cost` takes.

    Raises:
        ValueError: fewer than two samples, or so many that replicas cannot
            share them evenly; a wave function that does not fit the
            lattice, or was made under the scope of another strategy.

    Example:

    >>> import keras, models, vmc
    >>> wf = models.GRUChain(units=4, total_sz=0)
    >>> model = vmc.VMC(wf, vmc.Heisenberg(vmc.Chain(6)), num_samples=20)
    >>> model.compile(keras.optimizers.Adam(1e-3), direction=vmc.Gradient(clip=1.0))
    >>> history = model.fit(epochs=2, steps_per_epoch=3, verbose=0)
    >>> len(history.history["energy"])
    2
    """

    def __init__(self, wave_function, hamiltonian, num_samples=100, seed=0, **cost):
        super().__init__(dtype=wave_function.dtype_policy)
        self.wave_function = wave_function
        self.hamiltonian = hamiltonian
        self.num_samples = whole_number("num_samples", num_samples, 2)
        self.cost = Cost(**cost)
        self.minibatch = self._counter("minibatch")
        self.skipped = self._counter("skipped")
        self.random_state = replicas.seed_state(self, random_seed(seed))
        self.direction = None
        self.first_step = 0  # of the next `fit`, where a run goes on
        first_call(wave_function, hamiltonian.lattice)
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

    @functools.cached_property
    def backend(self):
        """The module that holds what a step needs of Keras' backend."""
        return importlib.import_module(f"vmc.training.{keras.backend.backend()}_step")

    def compile(self, optimizer, direction=None, learning_rate=None, **kwargs):
        """Sets how the cost is lowered.

        Args:
            optimizer: a Keras optimizer. One that has trained the same wave
                function before carries its moments on.
            direction: `vmc.Gradient(clip=1.0)`, `vmc.NaturalGradient()` or
                another `vmc.Direction`; the plain gradient by default.
            learning_rate: a schedule of this model's minibatches that sets
                the rate of an optimizer made with a float. (An optimizer
                made with a schedule counts its own steps, and goes on
                counting from one lattice to the next.)
            **kwargs: `run_eagerly`, `jit_compile` and `steps_per_execution`
                of `keras.Model.compile`.

        Raises:
            ValueError: a loss or metrics, which have no place here; a
                `learning_rate` for an optimizer that has a schedule.
        """
        for name in ("loss", "loss_weights", "metrics", "weighted_metrics"):
            if kwargs.get(name) is not None:
                raise ValueError(
                    f"vmc.VMC lowers an energy and takes no {name}: every step logs the energy, "
                    "its error and its variance."
                )
        # XLA makes the gradient through a loop slower on the TensorFlow
        # backend; on JAX everything is XLA.
        kwargs.setdefault("jit_compile", keras.backend.backend() == "jax")
        super().compile(optimizer=optimizer, **kwargs)
        self._check_scope("optimizer", self.optimizer.variables[0])
        if learning_rate is not None and _has_schedule(self.optimizer):
            raise ValueError(
                "The optimizer was made with a schedule: make it with a float, or leave out "
                "learning_rate."
            )
        if not self.optimizer.built:
            self.optimizer.build(self.trainable_variables)
        self.learning_rate = learning_rate
        self._follow(direction or Gradient())

    def _follow(self, direction):
        """Makes room for what a direction remembers."""
        if direction == self.direction:
            return
        for name in [] if self.direction is None else self.memory:
            delattr(self, f"memory_{name}")
        self.direction = direction
        size = sum(int(np.prod(v.shape)) for v in self.trainable_variables)
        self._remembered = tuple(direction.memory(size))
        for name, shape in direction.memory(size).items():
            weight = self.add_weight(
                shape=shape, initializer="zeros", trainable=False, name=f"memory_{name}"
            )
            setattr(self, f"memory_{name}", weight)

    @property
    def memory(self):
        """What the direction remembers: a dict of name to variable."""
        return {name: getattr(self, f"memory_{name}") for name in self._remembered}

    @property
    def seed_generator(self):
        """The seeds of the next step, whose `state` is kept wherever weights are."""
        return replicas.ReplicaSeed(self.random_state)

    @property
    def state(self):
        """The variables that training goes on from, besides the weights and the optimizer's."""
        return [self.random_state, self.minibatch, self.skipped, *self.memory.values()]

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        validation_split=0.0,
        validation_data=None,
        shuffle=True,
        class_weight=None,
        sample_weight=None,
        initial_epoch=0,
        steps_per_epoch=1,
        **validation,
    ):
        """Trains for `epochs * steps_per_epoch` minibatches; see `keras.Model.fit`.

        Raises:
            ValueError: data of any kind: samples are drawn inside the step;
                no whole number of steps above 0.
            TypeError: a callback that sets a rate which `compile` has given
                to a schedule.
        """
        data = {
            "x": x, "y": y, "batch_size": batch_size, "class_weight": class_weight,
            "sample_weight": sample_weight, "validation_split": validation_split or None,
            "validation_data": validation_data, **validation,
        }  # fmt: skip
        for name, value in data.items():
            if value is not None:
                raise ValueError(
                    f"vmc.VMC.fit takes no {name}: samples are drawn inside the step. "
                    "vmc.estimate_energy measures what was trained."
                )
        self._check_rate_is_free(callbacks)
        return super().fit(
            self.backend.no_data(self),
            epochs=whole_number("epochs", epochs, 0),
            verbose=verbose,
            callbacks=callbacks,
            shuffle=False,
            initial_epoch=initial_epoch,
            steps_per_epoch=whole_number("steps_per_epoch", steps_per_epoch, 1),
        )

    def _check_rate_is_free(self, callbacks):
        setters = (keras.callbacks.ReduceLROnPlateau, keras.callbacks.LearningRateScheduler)
        group = getattr(callbacks, "callbacks", callbacks) or []
        for callback in group if isinstance(group, (list, tuple)) else [group]:
            if isinstance(callback, setters) and self.learning_rate is not None:
                raise TypeError(
                    f"keras.callbacks.{type(callback).__name__} cannot set the learning rate: "
                    "compile(learning_rate=...) sets it at every step. Leave one of them out."
                )

    def evaluate(self, *args, **kwargs):
        """Refused: `vmc.estimate_energy(model.wave_function, model.hamiltonian, 1000)` measures."""
        raise ValueError(
            "vmc.VMC has no data to evaluate: measure with "
            "vmc.estimate_energy(model.wave_function, model.hamiltonian, num_samples)."
        )

    def predict(self, *args, **kwargs):
        """Refused: `model.wave_function.predict(spins)` gives amplitudes and phases."""
        raise ValueError("vmc.VMC predicts nothing: use model.wave_function.predict(spins).")

    def save(self, filepath, overwrite=True, **kwargs):
        """Writes the wave function to a `.keras` file; see `keras.Model.save`."""
        self.wave_function.save(filepath, overwrite=overwrite, **kwargs)

    def train_step(self, *args):
        # Keras calls this with (data) on TensorFlow, with (state, data) on JAX.
        return self.backend.train_step(self, *args)

    def make_train_function(self, force=False):
        # Keras' own would run a whole step in each replica (see tensorflow_step).
        if not replicas.is_mirrored(self.minibatch):
            return super().make_train_function(force)
        if self.train_function is None or force:
            self.train_function = self.backend.train_function(self)
        return self.train_function

    def step(self):
        """One step of training: sample, local energies, direction, apply, finish."""
        spins, energy, direction, memory, logs = self.backend.on_replicas(self, self.measure)
        # A sum is finite only if all its terms are.
        finite = ops.isfinite(global_norm(direction) + ops.sum(energy[0]) + ops.sum(energy[1]))

        def update():
            rate = self.scheduled_rate()
            if rate is not None:
                self.optimizer.learning_rate = rate
            self.backend.on_replicas(self, self.apply, direction)

        self.backend.update_if(finite, self, update)
        for name, variable in self.memory.items():
            variable.assign(ops.where(finite, memory[name], ops.convert_to_tensor(variable)))
        return self.finish(spins, energy, logs, finite)

    def measure(self):
        """A replica's part of a step: samples, their local energies, the direction.

        Returns:
            `(spins, energy, direction, memory, logs)`, of all replicas.
        """
        spins = self.sample()
        energy = self.local_energies(spins)
        weights = ops.full_like(energy[0], 1 / self.num_samples)
        spins, *energy = (replicas.gather(x) for x in (spins, *energy))
        weights = replicas.gather(weights)
        memory = {name: ops.convert_to_tensor(v) for name, v in self.memory.items()}
        found = self.direction.find(Minibatch(self, spins, energy, weights), memory)
        return spins, energy, *found

    def sample(self):
        """A replica's share of a minibatch: int32 `[share, *shape]`."""
        share = replicas.share(self, self.num_samples)
        shape = self.hamiltonian.lattice.shape
        return self.wave_function.sample(share, shape, seed=self.seed_generator)

    def local_energies(self, spins):
        """Real and imaginary part of the local energies, float `[share]` each."""
        return self.hamiltonian.local_energy_parts(self.wave_function, spins)

    def scheduled_rate(self):
        """The rate of this step that `compile` was given; None for the optimizer's own."""
        rate = self.learning_rate
        return rate(self.minibatch.value) if callable(rate) else rate

    def optimizer_rate(self):
        """The optimizer's own rate at this step."""
        return ops.convert_to_tensor(self.optimizer.learning_rate)

    def apply(self, direction):
        """A replica's part of the update of the weights."""
        # The optimizer sums over the replicas what has been summed already,
        # and divides by the scale of a loss, which a gradient here is not of.
        direction = [self.optimizer.scale_loss(d) for d in replicas.once(direction)]
        self.backend.apply(self.optimizer, direction, self.trainable_variables)

    def finish(self, spins, energy, logs, finite):
        """Counts the step and says what it measured."""
        self.random_state.assign(replicas.advanced(self.random_state))
        self.minibatch.assign_add(1)
        self.skipped.assign_add(ops.cast(ops.logical_not(finite), "int32"))
        mean, std_error, variance = energy_statistics(*energy)
        return {
            "energy": mean,
            "energy_error": std_error,
            "variance": variance,
            "magnetization_squared": ops.mean(magnetization_squared(spins)),
            **logs,
            "skipped": ops.convert_to_tensor(self.skipped),
        }


def first_call(wave_function, lattice):
    """Creates the weights of wave functions that need a call for it.

    It also finds out whether the lattice suits them.
    """
    wave_function(np.arange(lattice.num_sites).reshape(1, *lattice.shape) % 2)


def _has_schedule(optimizer):
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    schedule = keras.optimizers.schedules.LearningRateSchedule
    return isinstance(optimizer.get_config()["learning_rate"], (dict, schedule))
