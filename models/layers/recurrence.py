"""How a recurrent cell runs along a sequence."""

import contextlib
import contextvars
import math

import keras
from keras import ops

_WRITTEN_OUT = contextvars.ContextVar("written_out", default=False)


@contextlib.contextmanager
def written_out():
    """Inside, sequences are traced step by step, and not as loops.

    For gradients that TensorFlow is to vectorise: those of loops of several
    states it cannot.
    """
    token = _WRITTEN_OUT.set(True)
    try:
        yield
    finally:
        _WRITTEN_OUT.reset(token)


def states_along(cell, inputs, reverse=False):
    """All states of a recurrent cell that runs along the first axis.

    Steps come first and the batch behind them, so that nothing has to be
    transposed in the middle of a walk, and every state comes out, so that
    one can start again from there: what `keras.layers.RNN` does otherwise.

    Args:
        cell: a recurrent cell, as `keras.layers.RNN` takes them.
        inputs: float `[steps, *batch, features]`, with one batch axis or
            more.
        reverse: run from the last step to the first.

    Returns:
        A list of the cell's states, float `[steps, *batch, units]` each:
        the states after a step's input was read.

    Example:

    >>> import keras, numpy as np
    >>> cell = keras.layers.LSTMCell(4)
    >>> cell.build((None, 2))
    >>> hidden, cell_state = states_along(cell, np.ones((3, 5, 2), "float32"))
    >>> tuple(hidden.shape)
    (3, 5, 4)
    """
    steps, *batch, features = ops.shape(inputs)  # the batch may not be static
    size = math.prod(batch)
    flat = ops.reshape(inputs, (steps, size, features))
    if hasattr(cell, "prepared"):
        run_step = cell.prepared()
        flat = run_step.project(flat)
    else:
        run_step = cell

    def step(states, x):
        _, states = run_step(x, states)
        return states, states

    _, states = scan(step, cell.get_initial_state(size), flat, reverse=reverse)
    return [ops.reshape(state, (steps, *batch, state.shape[-1])) for state in states]


def hidden_along_both_ways(forward, backward, inputs):
    """Hidden states of two cells that run along the first axis, one from each end.

    Both run in one loop, which takes half as many steps as one loop each,
    and the inputs' share of their gates is one product for all steps.

    Args:
        forward, backward: `models.LSTMCell`s.
        inputs: float `[steps, *batch, features]`.

    Returns:
        Two floats `[steps, *batch, units]`: each cell's hidden state after
        it has read a step's input.
    """
    steps, *batch, features = ops.shape(inputs)
    size = math.prod(batch)
    flat = ops.reshape(inputs, (steps, size, features))
    ahead, back = forward.prepared(), backward.prepared()
    projected = (ahead.project(flat), back.project(ops.flip(flat, axis=0)))

    def step(states, x):
        _, first = ahead(x[0], states[:2])
        _, second = back(x[1], states[2:])
        states = [*first, *second]
        return states, states

    start = [*forward.get_initial_state(size), *backward.get_initial_state(size)]
    _, (first, _, second, _) = ops.scan(step, start, projected)
    shape = (steps, *batch, forward.units)
    return ops.reshape(first, shape), ops.flip(ops.reshape(second, shape), axis=0)


def scan(step, start, inputs, reverse=False):
    """`ops.scan`, or the same written out (see `written_out`).

    Args:
        step: function of the states and of one step's inputs that returns
            new states and outputs, two lists of tensors of the same shapes.
        start: the first states.
        inputs: a tensor, or several, with the steps along their first axes.
        reverse: run from the last step to the first.

    Returns:
        The last states, and the outputs of all steps along a new first axis.
    """
    # TensorFlow has no loop of no steps over a batch of unknown size.
    if _WRITTEN_OUT.get() or not keras.tree.flatten(inputs)[0].shape[0]:
        return _scan_written_out(step, start, inputs, reverse)
    return ops.scan(step, start, inputs, reverse=reverse)


def _scan_written_out(step, start, inputs, reverse):
    """`ops.scan` without a loop in its graph."""
    order = range(keras.tree.flatten(inputs)[0].shape[0])
    states, outputs = start, [None for _ in order]
    for number in reversed(order) if reverse else order:
        here = keras.tree.map_structure(lambda x, number=number: x[number], inputs)
        states, outputs[number] = step(states, here)
    empty = [state[None][:0] for state in start]
    return states, [
        ops.concatenate([nothing, *(output[part][None] for output in outputs)])
        for part, nothing in enumerate(empty)
    ]
