"""The train step on the TensorFlow backend, on one replica or on many.

A step has two parts. Every replica *measures*: it draws samples, and sums
gradients with the others, but changes no variable. Then the weights, the
optimizer and the counters are *updated*, all of them or none: if a worker
is lost, the step that it was needed for has left no trace on the others.

Keras' own step would not do where there are replicas. In the context of a
replica no variable can be updated under a condition (a step whose gradient
is not finite is skipped); Keras clips gradients before it sums them over
the replicas; and under `MultiWorkerMirroredStrategy`, `fit` averages what
`train_step` returns over an axis, which scalars have not got.
"""

import tensorflow as tf
from keras import tree

from models.recurrence import written_out
from vmc import replicas


def no_data(num_replicas):
    """What `fit` shares out among replicas: a row for each, of nothing.

    Not a tuple, such as any data for Keras' own step would be: under
    `MultiWorkerMirroredStrategy`, `fit` takes the mean of a batch before
    the first step, which of a tuple there is none.
    """
    return tf.data.Dataset.from_tensors(tf.zeros((num_replicas, 1))).repeat()


def train_function(model):
    """What `fit` calls for each step where there are replicas."""

    def step():
        for _ in range(model.steps_per_execution):
            logs = train_step(model)
        return logs

    if not model.run_eagerly:
        step = tf.function(step, autograph=False, jit_compile=model.jit_compile)
    return lambda iterator: step()


def train_step(model):
    """One step; updates the model's variables and returns its logs."""
    everywhere = _on_replicas(model, measure)
    # All replicas have come to the same, and know it where they are.
    first = model.distribute_strategy.experimental_local_results
    spins, energy, gradients, rate, finite, norm = tree.map_structure(
        lambda x: first(x)[0], everywhere
    )

    def update():
        if rate is not None:
            model.optimizer.learning_rate = rate
        _on_replicas(model, apply, everywhere[2])
        return True

    tf.cond(finite, update, lambda: False)
    model.remember(gradients, finite)
    return model.logs(spins, energy, norm, finite)


def _on_replicas(model, function, *args):
    """A function's results on all replicas; where there are none, Keras runs this on the one."""
    if not replicas.is_mirrored(model.minibatch):
        return function(model, *args)
    return model.distribute_strategy.run(function, args=(model, *args))


def measure(model):
    """A replica's part of a step: the whole minibatch, and the update that it asks for."""
    spins, energy, weights = model.draw()
    if model.natural_gradient is None:
        with tf.GradientTape() as tape:
            loss = model.surrogate_loss(spins, energy, weights)
        gradients = _or_zeros(tape.gradient(loss, model.trainable_variables), model)
        gradients = replicas.total(gradients)
    else:
        rows = per_sample_gradients(model, replicas.own(spins))
        gradients = model.natural_direction(spins, energy, weights, rows)
    return spins, energy, *model.prepare_update(energy, gradients)


def apply(model, gradients):
    """A replica's part of the update of the weights."""
    # The optimizer sums over the replicas what has been summed already.
    model.optimizer.apply(replicas.once(gradients), model.trainable_variables)


def per_sample_gradients(model, spins):
    """Gradients of log amplitude and phase of each sample.

    Returns:
        `(log_amplitude, phase)`, lists of float `[samples, *weight shape]`;
        `phase` is None where there is no network for it.
    """

    def gradients(part):
        def of_one(configuration):
            with tf.GradientTape() as tape:
                value = model.wave_function(configuration[None])[part]
            return _or_zeros(tape.gradient(value, model.trainable_variables), model)

        with written_out():
            return tf.vectorized_map(of_one, spins, fallback_to_while_loop=False)

    return gradients(0), gradients(1) if model.wave_function.phase != "none" else None


def _or_zeros(gradients, model):
    # A single site is read from no hidden state: its cell has no gradient.
    return [
        tf.zeros(v.shape, v.dtype) if gradient is None else tf.convert_to_tensor(gradient)
        for v, gradient in zip(model.trainable_variables, gradients)
    ]
