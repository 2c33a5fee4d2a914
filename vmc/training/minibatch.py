"""The samples of a training step, and the derivatives that a direction is made of."""

from keras import ops

from vmc.training import replicas


class Minibatch:
    """Samples with their local energies, of all replicas together.

    Args:
        model: the `vmc.VMC` that drew them.
        spins: int32 `[batch, *shape]`.
        energy: real and imaginary part of the local energies, float `[batch]` each.
        weights: float `[batch]`, summing to 1; 1 / batch each for samples,
            |psi|^2 for enumerated configurations.

    Attributes:
        spins, energy, weights: as given.
        num_sites: sites of the lattice.
        number: how many minibatches came before.
        learning_rate: of this step.
    """

    def __init__(self, model, spins, energy, weights):
        self._model = model
        self.spins = spins
        self.energy = energy
        self.weights = weights
        self.num_sites = model.hamiltonian.lattice.num_sites
        self.number = model.minibatch.value
        rate = model.scheduled_rate()
        self.learning_rate = model.optimizer_rate() if rate is None else rate

    def gradient(self):
        """The cost's gradient (equation 24): a list of floats like the trainable weights."""
        return replicas.total(self._model.backend.gradient(self._model, self.surrogate))

    def surrogate(self):
        """A scalar whose gradient is the cost's; its value means nothing.

        Each replica's is that of its share; they sum to the whole batch's.
        """
        log_amplitude, phase = self._model.wave_function(replicas.own(self.spins))
        known = replicas.gather(ops.stop_gradient(log_amplitude))
        a, c = (
            replicas.own(ops.stop_gradient(x))
            for x in self._model.cost.coefficients(self, 2 * known)
        )
        return ops.sum(a * log_amplitude + c * phase)

    def coefficients(self):
        """The cost's coefficients of each sample's d log|psi| and d phase: float `[batch]` each."""
        log_amplitude, _ = self._model.wave_function(replicas.own(self.spins))
        return self._model.cost.coefficients(self, 2 * replicas.gather(log_amplitude))

    def per_sample_gradients(self):
        """Gradients of each sample's log amplitude and phase.

        Returns:
            `(log_amplitude, phase)`: lists of float `[batch, *weight shape]`;
            `phase` is None where no network makes one.
        """
        rows = self._model.backend.per_sample_gradients(self._model, replicas.own(self.spins))
        return [part and [replicas.gather(g) for g in part] for part in rows]
