"""How a recurrent cell runs along a sequence."""

import math

from keras import ops


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

    def step(states, x):
        _, states = cell(x, states)
        return states, states

    _, states = ops.scan(step, cell.get_initial_state(size), flat, reverse=reverse)
    return [ops.reshape(state, (steps, *batch, state.shape[-1])) for state in states]
