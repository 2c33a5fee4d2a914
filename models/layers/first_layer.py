"""The first layer of a lattice's network over flipped configurations: only what a flip changes.

The downward LSTM of the first layer reads the spins of its own column and
nothing else, so its states change in the flipped columns only. The
right-running LSTM changes from the first of these columns on, and the
left-running one up to the last. All other states are the base
configuration's, and so is the inputs' share of nearly all gates. Less than
half of a row's arithmetic is left.
"""

import functools

from keras import ops

from models.layers.recurrence import states_along


def first_layer_states(processor, inputs):
    """The layer over whole configurations, with what walks over flipped ones need.

    Args:
        processor: a `models.ProcessorLayer`, the first of its network.
        inputs: one-hot spins, float `[batch, rows, columns, 2]`.

    Returns:
        `(output, states)`: the output as the layer returns it, and a dict
        of hidden and cell states and of gates' inputs. `down` is float
        `[rows + 1, columns, batch, units]`, where row r is what is found
        above row r; `right` is `[rows, columns, batch, units]`, before a
        site is read; `left` is `[rows + 1, columns + 1, batch, units]`,
        where (r + 1, c) is after site (r, c) is read. `to_right` and
        `to_left` are the downward LSTM's share of the gates, float `[rows,
        columns, batch, 4 units]`.
    """
    by_row = ops.transpose(inputs, (1, 2, 0, 3))
    down = states_along(processor.down_cell, by_row)
    hidden = _swap(down[0])
    right = [_swap(_zeros_before(x)) for x in states_along(processor.right_cell, hidden[:-1])]
    left = states_along(processor.left_cell, hidden, reverse=True)
    left = [_zeros_before(_swap(ops.pad(x, ((0, 1),) + ((0, 0),) * 3))) for x in left]
    output = processor.join(right[0], left[0][:-1, :-1], by_row)
    return ops.transpose(output, (2, 0, 1, 3)), {
        "down": [_zeros_before(x) for x in down],
        "right": right,
        "left": left,
        "to_right": processor.right_cell.prepared().project(down[0]),
        "to_left": processor.left_cell.prepared().project(down[0]),
    }


class FlippedFirstLayer:
    """Runs the layer over a block of flipped configurations, row by row.

    Args:
        processor: a `models.ProcessorLayer`, the first of its network.
        base: what `first_layer_states` returns of the base configurations.
        samples: int `[block]`, the base configuration of each flipped one.
        columns: int `[k, block]`, the columns of its flipped sites.
    """

    def __init__(self, processor, base, samples, columns):
        self.processor = processor
        self.base = base
        self.samples = samples
        self.columns = columns
        self.num_columns = base["to_right"].shape[1]
        self.first = ops.min(columns)
        self.last = ops.max(columns)
        self.down, self.right, self.left = (
            cell.prepared()
            for cell in (processor.down_cell, processor.right_cell, processor.left_cell)
        )

    def start(self, row):
        """What a walk carries that starts at a row.

        Returns:
            `(states, left)`: the downward LSTM's states in the flipped
            columns, float `[k, block, units]` each, and the left-running
            states of the row above, float `[columns, block, units]`.
        """
        states = [_found(x, row, self.columns, self.samples) for x in self.base["down"]]
        return states, self._of_row(self.base["left"][0], row)

    def visit(self, row, spins, carry):
        """Goes on by one row.

        Args:
            row: int.
            spins: one-hot, float `[columns, block, 2]`.
            carry: as `start` returns it.

        Returns:
            `(output, carry)`: the layer's output, float `[columns, block,
            units]`, and the next carry.
        """
        states, left = carry
        block = ops.arange(self.samples.shape[0])
        spins = _found(spins[None], 0, self.columns, block)
        _, states = self.down(self.down.project(spins), states)
        output = self.processor.join(self._run_right(row, states[0]), left, None)
        # Nothing is below the last row.
        below = ops.cond(
            row + 2 < self.base["left"][0].shape[0],
            lambda: self._run_left(row, states[0]),
            lambda: left,
        )
        return output, (states, below)

    def _run_right(self, row, down):
        """The right-running states before each column: float `[columns, block, units]`."""
        before, changed = self.base["right"], self.right.project(down)

        def step(flipped, column, carry):
            right, states = carry
            gates = self._gates("to_right", row, column, changed if flipped else None)
            _, states = self.right(gates, states)
            return _put(right, column + 1, states[0]), states

        end = self.num_columns - 1
        after = ops.minimum(self.last + 1, end)
        carry = self._of_row(before[0], row), self._of_site(before, row, self.first)
        carry = ops.fori_loop(self.first, after, functools.partial(step, True), carry)
        return ops.fori_loop(after, end, functools.partial(step, False), carry)[0]

    def _run_left(self, row, down):
        """The left-running states after each column: float `[columns, block, units]`."""
        after, changed = self.base["left"], self.left.project(down)

        def step(flipped, number, carry):
            left, states = carry
            column = self.last - number
            gates = self._gates("to_left", row, column, changed if flipped else None)
            _, states = self.left(gates, states)
            return _put(left, column, states[0]), states

        flipped = self.last + 1 - self.first
        carry = self._of_row(after[0], row + 1), self._of_site(after, row + 1, self.last + 1)
        carry = ops.fori_loop(0, flipped, functools.partial(step, True), carry)
        return ops.fori_loop(flipped, self.last + 1, functools.partial(step, False), carry)[0]

    def _gates(self, name, row, column, changed):
        """The downward LSTM's share of a site's gates, and what a flip in the column changes."""
        (gates,) = self._of_site([self.base[name]], row, column)
        for number in range(self.columns.shape[0] if changed is not None else 0):
            here = (self.columns[number] == column)[:, None]
            gates = ops.where(here, changed[number], gates)
        return gates

    def _of_row(self, x, row):
        """The base configurations' states in a row: float `[columns, block, ...]`."""
        return _found(x, row, ops.arange(self.num_columns)[:, None], self.samples)

    def _of_site(self, xs, row, column):
        """The base configurations' states at a site: a list of float `[block, ...]`."""
        return [_found(x, row, column, self.samples) for x in xs]


def _found(x, row, column, sample):
    """Entries of a float `[rows, columns, batch, width]` at ints that are broadcast.

    A gather, and not an index in brackets, which XLA would compile anew for
    each of its values.
    """
    _, columns, batch, width = x.shape
    flat = ops.reshape(x, (-1, width))
    return ops.take(flat, (row * columns + column) * batch + sample, axis=0)


def _swap(x):
    """`[rows, columns, ...]` to `[columns, rows, ...]`, or back."""
    return ops.transpose(x, (1, 0, 2, 3))


def _zeros_before(x):
    """One more entry along the first axis, of zeros, before all others."""
    return ops.pad(x, ((1, 0),) + ((0, 0),) * (len(x.shape) - 1))


def _put(rows, number, row):
    """Rows with one of them replaced."""
    return ops.scatter_update(rows, ops.reshape(number, (1, 1)), row[None])
