"""The train step on the TensorFlow backend, inside Keras' `tf.function`."""

import tensorflow as tf


def train_step(model):
    """One step; updates the model's variables and returns its logs."""
    spins, energy, weights = model.draw()
    with tf.GradientTape() as tape:
        loss = model.surrogate_loss(spins, energy, weights)
    gradients = tape.gradient(loss, model.trainable_variables)
    # A single site is read from no hidden state: its cell has no gradient.
    gradients = [
        tf.zeros(v.shape, v.dtype) if gradient is None else gradient
        for v, gradient in zip(model.trainable_variables, gradients)
    ]
    gradients, rate, finite, norm = model.prepare_update(energy, gradients)

    def apply():
        if rate is not None:
            model.optimizer.learning_rate = rate
        model.optimizer.apply(gradients, model.trainable_variables)
        return True

    tf.cond(finite, apply, lambda: False)
    return model.logs(spins, energy, norm, finite)
