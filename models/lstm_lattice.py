"""The two-dimensional wave function: stacked processor layers over a lattice."""

import functools

import keras
from keras import ops

from models.autoregressive import Autoregressive
from models.backend import compiled
from models.checks import whole_number
from models.layers.first_layer import FlippedFirstLayer, first_layer_states
from models.layers.processor import ProcessorLayer


@keras.saving.register_keras_serializable(package="iterative_retraining")
class LSTMLattice(Autoregressive):
    """Stacked residual LSTM layers over a lattice, read out at each site.

    The two-dimensional model of the paper (section II C, figure 2): layers
    of two processors each (see `ProcessorLayer`) and a two-layer read-out.
    The same weights serve lattices of any size.

    Args:
        units: width of all hidden states.
        num_layers: processor layers.
        feedforward_units: width of each layer's feed-forward network; the
            paper does not say, and four times the units, as in its released
            code, is the default.
        phase: `"free"`, as in the paper, or `"none"`.
        marshall_sign: multiply by the Marshall sign.
        total_sz: conserve this total S^z, in units of one; None does not.
        layer_norm: normalise the LSTMs' states and each layer's output.
        edge_distance: how far from the last row and the last column their
            presence is seen.

    Raises:
        ValueError: a value that is none of these.

    Example:

    >>> wf = LSTMLattice(units=4, num_layers=2)
    >>> spins = wf.sample(5, shape=(2, 3), seed=0)
    >>> tuple(spins.shape)
    (5, 2, 3)
    >>> log_amplitude, phase = wf(spins)
    >>> tuple(phase.shape)
    (5,)
    """

    num_axes = 2
    walks_by_xla = True

    def __init__(self, units=128, num_layers=5, feedforward_units=None, **kwargs):
        super().__init__(units=units, **kwargs)
        self.num_layers = whole_number("num_layers", num_layers, 1)
        if feedforward_units is None:
            feedforward_units = 4 * self.units
        self.feedforward_units = whole_number("feedforward_units", feedforward_units, 1)
        self.processors = [
            ProcessorLayer(
                self.units,
                self.feedforward_units,
                residual=number > 0,
                layer_norm=self.layer_norm,
                dtype=self.dtype_policy,
                name=f"processor_{number}",
            )
            for number in range(self.num_layers)
        ]
        for number, processor in enumerate(self.processors):
            processor.build((None, None, None, self.units if number else 2))
        self.built = True

    @property
    def state_width(self):
        """Of each layer two states down, one each to the right and left, and its network.

        The read-out's hidden layer comes on top.
        """
        layer = 5 * self.units + self.feedforward_units
        return self.num_layers * layer + self.units

    def contexts(self, spins):
        output = ops.one_hot(spins, 2, dtype=self.compute_dtype)
        for processor in self.processors:
            output = processor(output)
        return ops.reshape(output, (-1, spins.shape[1] * spins.shape[2], self.units))

    def prefix(self, spins):
        inputs = ops.one_hot(spins, 2, dtype=self.compute_dtype)
        output, first = first_layer_states(self.processors[0], inputs)
        states = []
        for processor in self.processors[1:]:
            output, (hidden, cell, left_above) = processor.call_with_states(output)
            # Row r holds what a walk that starts at row r finds above it.
            states.append([_shift_down(hidden), _shift_down(cell), left_above])
        contexts = ops.reshape(output, (-1, spins.shape[1] * spins.shape[2], self.units))
        return contexts, (first, states)

    def walk_start(self, site, shape):
        return site // shape[1]

    def walk_order(self, site, shape):
        # A row from the left and the next from the right, so that flips of
        # one block are in neighbouring columns.
        row, column = divmod(site, shape[1])
        return row * shape[1] + (column if row % 2 == 0 else shape[1] - 1 - column)

    def rows_in_cache(self, shape):
        # A step of the walk computes a whole row of sites.
        return 2**13 // self.units

    def walk(self, state, spins, samples, sites, start, visit, carry):
        num_rows, num_columns, _ = spins.shape
        edge = self._edge_by_row((num_rows, num_columns))
        one_hot = ops.one_hot(spins, 2, dtype=self.compute_dtype)
        base, states = state
        columns = ops.transpose(sites % num_columns)
        first_layer = FlippedFirstLayer(self.processors[0], base, samples, columns)
        first_row = ops.minimum(start, num_rows - 1)
        above = [
            [ops.take(ops.take(part, first_row, axis=0), samples, axis=1) for part in layer]
            for layer in states
        ]

        def step(row, first_above, above, carry):
            output, first_below = first_layer.visit(row, one_hot[row], first_above)
            below = []
            for processor, (hidden, cell, left) in zip(self.processors[1:], above):
                _, (hidden, cell) = processor.down_cell(output, [hidden, cell])
                output = processor.join(processor.run_right(hidden), left, output)
                # Nothing is below the last row.
                left = ops.cond(
                    row + 1 < num_rows,
                    functools.partial(processor.run_left, hidden),
                    functools.partial(ops.zeros_like, hidden),
                )
                below.append([hidden, cell, left])
            logits, angles = self.readout(output, None if edge is None else edge[row])
            return row + 1, first_below, below, visit(row, logits, angles, carry)

        *_, carry = ops.while_loop(
            lambda row, *_: row < num_rows,
            step,
            (start, first_layer.start(first_row), above, carry),
        )
        return carry

    @compiled
    def draw(self, uniforms, *, shape):
        num_rows, num_columns = shape
        num_sites = num_rows * num_columns
        batch = uniforms.shape[0]
        edge = self.readout.edge_context(shape)
        uniforms = ops.cast(ops.transpose(uniforms), self.compute_dtype)
        num_up = None if self.total_sz is None else self.num_up(num_sites)

        def zeros(*shape):
            return ops.zeros((*shape, self.units), dtype=self.compute_dtype)

        def visit_site(column, carry):
            row, down, right, left, ups_left, spins = carry
            site = row * num_columns + column
            outputs = []
            for processor, (hidden, _), above in zip(self.processors, right, left):
                outputs.append(
                    processor.join(hidden, above[column], outputs[-1] if outputs else None)
                )
            here = None if edge is None else edge[site]
            spin = self.choose(outputs[-1], here, uniforms[site], num_sites - site, ups_left)
            inputs = [ops.one_hot(spin, 2, dtype=self.compute_dtype), *outputs[:-1]]
            index = ops.reshape(column, (1, 1))
            new_down, new_right = [], []
            for processor, x, (hidden, cell), state in zip(self.processors, inputs, down, right):
                _, (h, c) = processor.down_cell(x, [hidden[column], cell[column]])
                new_down.append(
                    [
                        ops.scatter_update(hidden, index, h[None]),
                        ops.scatter_update(cell, index, c[None]),
                    ]
                )
                new_right.append(processor.right_cell(h, state)[1])
            spins = ops.scatter_update(spins, ops.reshape(site, (1, 1)), spin[None])
            return row, new_down, new_right, left, ups_left - spin, spins

        def visit_row(row, carry):
            down, left, ups_left, spins = carry
            right = [[zeros(batch), zeros(batch)] for _ in self.processors]
            _, down, _, _, ups_left, spins = ops.fori_loop(
                0, num_columns, visit_site, (row, down, right, left, ups_left, spins)
            )
            left = [
                processor.run_left(hidden) for processor, (hidden, _) in zip(self.processors, down)
            ]
            return down, left, ups_left, spins

        start = (
            [[zeros(num_columns, batch), zeros(num_columns, batch)] for _ in self.processors],
            [zeros(num_columns, batch) for _ in self.processors],
            ops.full((batch,), num_up or 0, dtype="int32"),
            ops.zeros((num_sites, batch), dtype="int32"),
        )
        *_, spins = ops.fori_loop(0, num_rows, visit_row, start)
        return ops.reshape(ops.transpose(spins), (batch, num_rows, num_columns))

    def _edge_by_row(self, shape):
        edge = self.readout.edge_context(shape)
        return None if edge is None else ops.reshape(edge, (*shape, 1, self.units))

    def get_config(self):
        return {
            **super().get_config(),
            "num_layers": self.num_layers,
            "feedforward_units": self.feedforward_units,
        }


def _shift_down(states):
    """Each row's states to the row below it, and zeros to the first."""
    return ops.pad(states[:-1], ((1, 0), (0, 0), (0, 0), (0, 0)))
