"""The train step on the JAX backend, a pure function of Keras' state."""

import jax
import jax.numpy as jnp
import keras


def train_step(model, state):
    """One step; returns the logs and the new state."""
    trainable, non_trainable, optimizer_state, metrics = state
    frozen = list(zip(model.non_trainable_variables, non_trainable))
    of_optimizer = list(zip(model.optimizer.variables, optimizer_state))

    def with_weights(values):
        return keras.StatelessScope(
            state_mapping=frozen + of_optimizer + list(zip(model.trainable_variables, values))
        )

    with with_weights(trainable) as scope:
        spins, energy, weights = model.draw()

    if model.natural_gradient is None:

        def loss(values):
            with with_weights(values):
                return model.surrogate_loss(spins, energy, weights)

        gradients = jax.grad(loss)(trainable)
    else:
        rows = per_sample_gradients(model, trainable, spins)
        with with_weights(trainable):
            gradients = model.natural_direction(spins, energy, weights, rows)
    with scope:
        gradients, rate, finite, norm = model.prepare_update(energy, gradients)
        model.remember(gradients, finite)
        logs = model.logs(spins, energy, norm, finite)
        non_trainable = [
            scope.get_current_value(v) if scope.get_current_value(v) is not None else value
            for v, value in frozen
        ]
    if rate is not None:
        index = [v is model.optimizer.learning_rate for v in model.optimizer.variables]
        optimizer_state = [
            jnp.asarray(rate, value.dtype) if is_rate else value
            for is_rate, value in zip(index, optimizer_state)
        ]
    updated = model.optimizer.stateless_apply(optimizer_state, gradients, trainable)
    trainable, optimizer_state = jax.tree.map(
        lambda new, old: jnp.where(finite, new, old), updated, (trainable, optimizer_state)
    )
    return logs, (trainable, non_trainable, optimizer_state, metrics)


def per_sample_gradients(model, trainable, spins):
    """As `vmc.tensorflow_step.per_sample_gradients`, with the weights as arguments."""

    def gradients(part):
        def of_one(values, configuration):
            mapping = list(zip(model.trainable_variables, values))
            with keras.StatelessScope(state_mapping=mapping):
                return model.wave_function(configuration[None])[part][0]

        return jax.vmap(jax.grad(of_one), in_axes=(None, 0))(trainable, spins)

    return gradients(0), gradients(1) if model.wave_function.phase != "none" else None
