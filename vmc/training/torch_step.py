"""What a train step needs of PyTorch, where everything runs as it is called."""

import itertools

import numpy as np
import torch


def train_step(model, data):
    """What Keras calls for each step; the data mean nothing."""
    # Only the gradient's function is differentiated: no sample and no local energy is.
    with torch.no_grad():
        return model.step()


def no_data(model):
    """What `fit` iterates over: nothing.

    Raises:
        ValueError: `compile` was asked for a compiled step.
    """
    if model.jit_compile:
        raise ValueError("On PyTorch no step is compiled: leave jit_compile out of compile().")
    return ((np.zeros((1, 1), "float32"),) for _ in itertools.count())


def on_replicas(model, function, *args):
    """What a function returns; there is one replica only."""
    return function(*args)


def update_if(finite, model, update):
    """Runs a function that updates variables, if a scalar is true."""
    if finite:
        update()


def apply(optimizer, gradients, variables):
    """Lets an optimizer update variables."""
    with torch.no_grad():
        optimizer.apply(gradients, variables)


def gradient(model, function):
    """The gradient of a scalar function by the trainable weights."""
    with torch.enable_grad():
        return _gradient(model, function())


def per_sample_gradients(model, spins):
    """As `vmc.training.tensorflow_step.per_sample_gradients`; one sample after the other."""
    parts = 2 if model.wave_function.phase != "none" else 1
    rows = []
    for number in range(len(spins)):
        with torch.enable_grad():
            values = model.wave_function(spins[number : number + 1])
            rows.append([_gradient(model, value[0]) for value in values[:parts]])
    stacked = [[torch.stack(weight) for weight in zip(*samples)] for samples in zip(*rows)]
    return stacked[0], stacked[1] if parts == 2 else None


def _gradient(model, value):
    """Of a scalar, whose graph is kept: another one may be made of it."""
    weights = [variable.value for variable in model.trainable_variables]
    # A single site is read from no hidden state: its cell has no gradient.
    return list(torch.autograd.grad(value, weights, retain_graph=True, materialize_grads=True))
