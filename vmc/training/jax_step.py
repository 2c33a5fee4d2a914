"""What a train step needs of JAX, where it is a pure function of Keras' state."""

import itertools

import jax
import jax.numpy as jnp
import keras
import numpy as np

from vmc.training import replicas


def train_step(model, state, data):
    """What Keras calls for each step; returns the logs and the new state."""
    *parts, metrics = state
    groups = (model.trainable_variables, model.non_trainable_variables, model.optimizer.variables)
    mapping = [pair for group, values in zip(groups, parts) for pair in zip(group, values)]
    with keras.StatelessScope(state_mapping=mapping):
        logs = model.step()
        parts = [[variable.value for variable in group] for group in groups]
    return logs, (*parts, metrics)


def no_data(model):
    """What `fit` iterates over: nothing, a row for each device."""
    rows = np.zeros((replicas.count(model), 1), "float32")
    return ((rows,) for _ in itertools.count())


def on_replicas(model, function, *args):
    """What a function returns on all devices, where it is the same on all."""
    devices = replicas.devices()
    if len(devices) == 1 or function != model.measure:
        return function(*args)
    variables = [*model.variables, *model.optimizer.variables]

    def on_each(values):
        with (
            replicas.OnJax(len(devices)),
            keras.StatelessScope(state_mapping=list(zip(variables, values))),
        ):
            return function()

    everywhere = jax.sharding.PartitionSpec()
    mapped = jax.shard_map(
        on_each,
        mesh=jax.sharding.Mesh(np.array(devices), (replicas.OnJax.axis,)),
        in_specs=everywhere,
        out_specs=everywhere,
        check_vma=False,
    )
    return mapped([variable.value for variable in variables])


def update_if(finite, model, update):
    """Runs a function that updates variables, and takes it back if a scalar is false."""
    variables = [*model.variables, *model.optimizer.variables]
    before = [variable.value for variable in variables]
    update()
    for variable, old in zip(variables, before):
        if variable.value is not old:
            variable.assign(jnp.where(finite, variable.value, old))


def apply(optimizer, gradients, variables):
    """Lets an optimizer update variables."""
    values = ([v.value for v in optimizer.variables], gradients, [v.value for v in variables])
    new_values, new_state = optimizer.stateless_apply(*values)
    for variable, value in zip([*variables, *optimizer.variables], [*new_values, *new_state]):
        variable.assign(value)


def gradient(model, function):
    """The gradient of a scalar function by the trainable weights."""
    return jax.grad(_of_weights(model, function))([v.value for v in model.trainable_variables])


def per_sample_gradients(model, spins):
    """As `vmc.training.tensorflow_step.per_sample_gradients`."""
    values = [v.value for v in model.trainable_variables]

    def gradients(part):
        def of_one(values, configuration):
            amplitude = _of_weights(
                model, lambda: model.wave_function(configuration[None])[part][0]
            )
            return amplitude(values)

        return jax.vmap(jax.grad(of_one), in_axes=(None, 0))(values, spins)

    return gradients(0), gradients(1) if model.wave_function.phase != "none" else None


def _of_weights(model, function):
    """A function that reads the model's variables, as one of the trainable weights' values."""
    others = [(v, v.value) for v in model.non_trainable_variables]
    others += [(v, v.value) for v in model.optimizer.variables] if model.optimizer else []

    def call(values):
        mapping = others + list(zip(model.trainable_variables, values))
        with keras.StatelessScope(state_mapping=mapping):
            return function()

    return call
