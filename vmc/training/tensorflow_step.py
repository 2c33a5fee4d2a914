"""What a train step needs of TensorFlow, on one replica or on many.

A step has two parts. Every replica *measures*: it draws samples, and sums
gradients with the others, but changes no variable. Then the weights, the
optimizer and the counters are *updated*, all of them or none: if a worker
is lost, the step that it was needed for has left no trace on the others.

Keras' own step would not do where there are replicas. In the context of a
replica no variable can be updated under a condition (a step whose gradient
is not finite is skipped); Keras clips gradients before it sums them over
the replicas; and under `MultiWorkerMirroredStrategy`, `fit` averages what
`train_step` returns over an axis, which scalars do not have.
"""

import tensorflow as tf
from keras import tree

from models.layers.recurrence import written_out
from vmc.training import replicas


def train_step(model, data):
    """What Keras calls for each step; the data mean nothing."""
    return model.step()


def no_data(model):
    """What `fit` iterates over: nothing, a row for each replica.

    Not a tuple, such as any data for Keras' own step would be: under
    `MultiWorkerMirroredStrategy`, `fit` takes the mean of a batch before
    the first step, and a tuple has no mean.
    """
    return tf.data.Dataset.from_tensors(tf.zeros((replicas.count(model), 1))).repeat()


def train_function(model):
    """What `fit` calls for each step where there are replicas."""

    def step():
        for _ in range(model.steps_per_execution):
            logs = model.step()
        return logs

    if not model.run_eagerly:
        step = tf.function(step, autograph=False, jit_compile=model.jit_compile)
    return lambda iterator: step()


def on_replicas(model, function, *args):
    """What a function returns on all replicas, where it is the same on all."""
    if not replicas.is_mirrored(model.minibatch):
        return function(*args)
    strategy = model.distribute_strategy
    everywhere = strategy.run(function, args=args)
    return tree.map_structure(lambda x: strategy.experimental_local_results(x)[0], everywhere)


def update_if(finite, model, update):
    """Runs a function that updates variables, if a scalar is true."""

    def run():
        update()
        return True

    tf.cond(finite, run, lambda: False)


def apply(optimizer, gradients, variables):
    """Lets an optimizer update variables."""
    optimizer.apply(gradients, variables)


def gradient(model, function):
    """The gradient of a scalar function by the trainable weights."""
    with tf.GradientTape() as tape:
        value = function()
    return _or_zeros(tape.gradient(value, model.trainable_variables), model)


def per_sample_gradients(model, spins):
    """Gradients of log amplitude and phase of each sample.

    Returns:
        `(log_amplitude, phase)`, lists of float `[samples, *weight shape]`;
        `phase` is None where no network makes one.
    """

    def gradients(part):
        def of_one(configuration):
            return gradient(model, lambda: model.wave_function(configuration[None])[part])

        with written_out():
            return tf.vectorized_map(of_one, spins, fallback_to_while_loop=False)

    return gradients(0), gradients(1) if model.wave_function.phase != "none" else None


def _or_zeros(gradients, model):
    # A single site is read from no hidden state: its cell has no gradient.
    return [
        tf.zeros(v.shape, v.dtype) if gradient is None else tf.convert_to_tensor(gradient)
        for v, gradient in zip(model.trainable_variables, gradients)
    ]
