"""The first layer of a lattice's network over flipped configurations: only what a flip changes.

The downward LSTM of the first layer reads the spins of its own column and
nothing else, so its states change in the flipped columns only. The
right-running LSTM changes from the first of these columns on, and the
left-running one up to the last. All other states are the base
configuration's, and so is the inputs' share of nearly all gates. Less than
half of a row's arithmetic is left.
"""

from keras import ops

from models.recurrence import states_along


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
        "to_right": processor.right_cell.project(down[0]),
        "to_left": processor.left_cell.project(down[0]),
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
        self.first = ops.min(columns)
        self.last = ops.max(columns)

    def start(self, row):
        """What a walk carries that starts at a row.

        Returns:
            `(states, left)`: the downward LSTM's states in the flipped
            columns, float `[k, block, units]` each, and the left-running
            states of the row above, float `[columns, block, units]`.
        """
        states = [self._in_columns(x[row], self.samples) for x in self.base["down"]]
        return states, self._of_row(self.base["left"][0][row, :-1])

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
        _, states = self.processor.down_cell(self._in_columns(spins, block), states)
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
        cell, before = self.processor.right_cell, self.base["right"]
        changed = cell.project(down)

        def step(column, carry):
            right, states = carry
            inputs = self._gates("to_right", row, column, changed)
            _, states = cell.advance(inputs, states)
            return _put(right, column + 1, states[0]), states

        right = self._of_row(before[0][row])
        states = [self._of_site(x[row, self.first]) for x in before]
        return ops.fori_loop(self.first, right.shape[0] - 1, step, (right, states))[0]

    def _run_left(self, row, down):
        """The left-running states after each column: float `[columns, block, units]`."""
        cell, after = self.processor.left_cell, self.base["left"]
        changed = cell.project(down)

        def step(number, carry):
            left, states = carry
            column = self.last - number
            inputs = self._gates("to_left", row, column, changed)
            _, states = cell.advance(inputs, states)
            return _put(left, column, states[0]), states

        left = self._of_row(after[0][row + 1, :-1])
        states = [self._of_site(x[row + 1, self.last + 1]) for x in after]
        return ops.fori_loop(0, self.last + 1, step, (left, states))[0]

    def _gates(self, name, row, column, changed):
        """The downward LSTM's share of a site's gates, which a flip in the column changes."""
        gates = self._of_site(self.base[name][row, column])
        for flipped, new in zip(self.columns, changed):
            gates = ops.where((flipped == column)[:, None], new, gates)
        return gates

    def _of_row(self, x):
        """`[columns, block, ...]` of `[columns, batch, ...]`."""
        return ops.take(x, self.samples, axis=1)

    def _of_site(self, x):
        """`[block, ...]` of `[batch, ...]`."""
        return ops.take(x, self.samples, axis=0)

    def _in_columns(self, x, rows):
        """`[k, block, ...]`, in the flipped columns, of `[columns, batch, ...]`."""
        _, batch, width = x.shape
        return ops.take(ops.reshape(x, (-1, width)), self.columns * batch + rows, axis=0)


def _swap(x):
    """`[rows, columns, ...]` to `[columns, rows, ...]`, or back."""
    return ops.transpose(x, (1, 0, 2, 3))


def _zeros_before(x):
    """One more entry along the first axis, of zeros, before all others."""
    return ops.pad(x, ((1, 0),) + ((0, 0),) * (len(x.shape) - 1))


def _put(rows, number, row):
    """Rows with one of them replaced."""
    return ops.scatter_update(rows, ops.reshape(number, (1, 1)), row[None])
