"""The train step on the TensorFlow backend, inside Keras' `tf.function`."""

import contextlib

import keras
import tensorflow as tf


def train_step(model):
    """One step; updates the model's variables and returns its logs."""
    spins, energy, weights = model.draw()
    if model.natural_gradient is None:
        with tf.GradientTape() as tape:
            loss = model.surrogate_loss(spins, energy, weights)
        gradients = _or_zeros(tape.gradient(loss, model.trainable_variables), model)
    else:
        rows = per_sample_gradients(model, spins)
        gradients = model.natural_direction(spins, energy, weights, rows)
    gradients, rate, finite, norm = model.prepare_update(energy, gradients)

    def apply():
        if rate is not None:
            model.optimizer.learning_rate = rate
        model.optimizer.apply(gradients, model.trainable_variables)
        return True

    tf.cond(finite, apply, lambda: False)
    model.remember(gradients, finite)
    return model.logs(spins, energy, norm, finite)


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

        with _unrolled(model.wave_function):
            return tf.vectorized_map(of_one, spins, fallback_to_while_loop=False)

    return gradients(0), gradients(1) if model.wave_function.phase != "none" else None


@contextlib.contextmanager
def _unrolled(wave_function):
    """Unrolls recurrent layers of several states.

    TensorFlow cannot vectorise the gradient of their loops.
    """
    layers = [
        layer
        for layer in wave_function._flatten_layers()
        if isinstance(layer, keras.layers.RNN) and isinstance(layer.cell.state_size, list)
    ]
    for layer in layers:
        layer.unroll = True
    try:
        yield
    finally:
        for layer in layers:
            layer.unroll = False


def _or_zeros(gradients, model):
    # A single site is read from no hidden state: its cell has no gradient.
    return [
        tf.zeros(v.shape, v.dtype) if gradient is None else tf.convert_to_tensor(gradient)
        for v, gradient in zip(model.trainable_variables, gradients)
    ]
