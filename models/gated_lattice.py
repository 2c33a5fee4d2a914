"""A gated two-dimensional network along a snake through the lattice."""

import keras
import numpy as np
from keras import ops

from models.autoregressive import Autoregressive
from models.backend import compiled
from models.layers.gated import GatedCell
from models.layers.recurrence import scan


@keras.saving.register_keras_serializable(package="iterative_retraining")
class GatedLattice(Autoregressive):
    """A gated network of two neighbours along a snake, read out at each site.

    The two-dimensional network of Hibat-Allah et al. (arXiv:2207.14314)
    and of Moss et al. (arXiv:2502.17144), who grow it as `LSTMLattice` is
    grown: one cell (see `GatedCell`) walks to the right along one row, to
    the left along the next, and reads the hidden state and the spin of the
    site before and of the site above. The same weights serve lattices of
    any size.

    Args:
        units: width of all hidden states.
        tensorized: multiply each hidden state by its spin, a tensor
            product, as they do; without, the spin stands beside it, with
            about half as many weights.
        phase: `"free"` or `"none"`.
        marshall_sign: multiply by the Marshall sign.
        total_sz: conserve this total S^z, in units of one; None does not.
        layer_norm: normalise the hidden state at each site.
        edge_distance: how far from the last row, and from the end of each
            row on the snake's way, their presence is seen.

    Raises:
        ValueError: a value that is none of these.

    Example:

    >>> wf = GatedLattice(units=4)
    >>> wf.order((2, 3))
    array([0, 1, 2, 5, 4, 3])
    >>> spins = wf.sample(5, shape=(2, 3), seed=0)
    >>> tuple(spins.shape)
    (5, 2, 3)
    >>> log_amplitude, phase = wf(spins)
    >>> tuple(phase.shape)
    (5,)
    """

    num_axes = 2
    walks_by_xla = True

    def __init__(self, units=64, tensorized=True, **kwargs):
        super().__init__(units=units, **kwargs)
        self.tensorized = bool(tensorized)
        self.cell = GatedCell(
            self.units,
            tensorized=self.tensorized,
            layer_norm=self.layer_norm,
            dtype=self.dtype_policy,
            name="cell",
        )
        self.cell.build()
        self.built = True

    @property
    def state_width(self):
        """The hidden state, the share of the neighbour above, and the read-out's hidden layer."""
        return 5 * self.units

    def order(self, shape):
        """A snake: one row from the left, the next from the right."""
        rows = np.arange(np.prod(shape)).reshape(shape)
        rows[1::2] = rows[1::2, ::-1]
        return rows.reshape(-1)

    def edge_context(self, shape):
        # What is seen is how far the snake has to go to the row's end. That
        # is the same in rows to the right and in rows to the left.
        return self.readout.edge_context(shape)

    def contexts(self, spins):
        hidden = self._hidden(self._by_row(spins))
        return self._by_sample(hidden)

    def prefix(self, spins):
        spins = self._by_row(spins)
        hidden = self._hidden(spins)
        _, above = _neighbours(spins)
        turned = ops.flip(ops.pad(hidden[:-1], ((1, 0),) + ((0, 0),) * 3), axis=1)
        return self._by_sample(hidden), (hidden, *self.cell.prepared().project(turned, above))

    def walk_start(self, site, shape):
        return site // shape[1]

    def walk_order(self, site, shape):
        return site

    def rows_in_cache(self, shape):
        # A step of the walk computes a whole row of sites.
        return 2**13 // self.units

    def walk(self, state, spins, samples, sites, start, visit, carry):
        num_rows, num_columns, _ = spins.shape
        edge = self.edge_context((num_rows, num_columns))
        edge = None if edge is None else ops.reshape(edge, (num_rows, num_columns, 1, -1))
        before, above = _neighbours(ops.one_hot(spins, 2, dtype=self.compute_dtype))
        cell = self.cell.prepared()

        def visit_site(column, carry):
            row, projected, hidden, states = carry
            hidden = cell(
                [ops.take(part, column, axis=0) for part in projected],
                hidden,
                ops.take(ops.take(before, row, axis=0), column, axis=0),
            )
            return row, projected, hidden, _put(states, column, hidden)

        def visit_row(row, first, projected, hidden, states, carry):
            *_, states = ops.fori_loop(
                first, num_columns, visit_site, (row, projected, hidden, states)
            )
            here = None if edge is None else ops.take(edge, row, axis=0)
            logits, angles = self.readout(states, here)
            carry = visit(row, logits, angles, carry)
            # Nothing is below the last row.
            below = ops.cond(
                row + 1 < num_rows,
                lambda: cell.project(ops.flip(states, axis=0), ops.take(above, row + 1, axis=0)),
                lambda: projected,
            )
            return row + 1, ops.zeros_like(first), below, ops.zeros_like(hidden), states, carry

        first_row = ops.minimum(start, num_rows - 1)
        states, *projected = (
            ops.take(ops.take(part, first_row, axis=0), samples, axis=1) for part in state
        )
        # States up to the first flipped site, its own among them, are the
        # base configuration's. Sites before the walk's start are of pairs
        # that nobody wants.
        first = sites - first_row * num_columns
        first = ops.min(ops.where(first < 0, num_columns - 1, first))
        first = ops.minimum(first, num_columns - 1)
        hidden = ops.take(states, first, axis=0)
        *_, carry = ops.while_loop(
            lambda row, *_: row < num_rows,
            visit_row,
            (start, first + 1, projected, hidden, states, carry),
        )
        return carry

    @compiled
    def draw(self, uniforms, *, shape):
        num_rows, num_columns = shape
        batch, num_sites = uniforms.shape
        edge = self.edge_context(shape)
        uniforms = ops.cast(ops.transpose(uniforms), self.compute_dtype)
        num_up = 0 if self.total_sz is None else self.num_up(num_sites)
        cell = self.cell.prepared()

        def zeros(*shape):
            return ops.zeros(shape, dtype=self.compute_dtype)

        def visit_site(column, carry):
            row, projected, (hidden, before), (states, above), ups_left, spins = carry
            site = row * num_columns + column
            hidden = cell([part[column] for part in projected], hidden, before)
            here = None if edge is None else edge[site]
            spin = self.choose(hidden, here, uniforms[site], num_sites - site, ups_left)
            before = ops.one_hot(spin, 2, dtype=self.compute_dtype)
            row_so_far = [_put(states, column, hidden), _put(above, column, before)]
            spins = _put(spins, site, spin)
            return row, projected, [hidden, before], row_so_far, ups_left - spin, spins

        def visit_row(row, carry):
            last_row, ups_left, spins = carry
            projected = cell.project(*(ops.flip(part, axis=0) for part in last_row))
            outside = [zeros(batch, self.units), zeros(batch, 2)]
            *_, last_row, ups_left, spins = ops.fori_loop(
                0, num_columns, visit_site, (row, projected, outside, last_row, ups_left, spins)
            )
            return last_row, ups_left, spins

        start = (
            [zeros(num_columns, batch, self.units), zeros(num_columns, batch, 2)],
            ops.full((batch,), num_up, dtype="int32"),
            ops.zeros((num_sites, batch), dtype="int32"),
        )
        *_, spins = ops.fori_loop(0, num_rows, visit_row, start)
        return ops.reshape(self.in_raster(ops.transpose(spins), shape), (batch, *shape))

    def _by_row(self, spins):
        """One-hot spins along the snake: float `[rows, columns, batch, 2]`."""
        shape = tuple(spins.shape[1:])
        flat = self.in_order(ops.reshape(spins, (-1, shape[0] * shape[1])), shape)
        spins = ops.transpose(ops.reshape(flat, (-1, *shape)), (1, 2, 0))
        return ops.one_hot(spins, 2, dtype=self.compute_dtype)

    def _by_sample(self, hidden):
        """`[rows, columns, batch, units]` to `[batch, sites, units]`."""
        rows, columns = hidden.shape[:2]
        return ops.reshape(ops.transpose(hidden, (2, 0, 1, 3)), (-1, rows * columns, self.units))

    def _hidden(self, spins):
        """Hidden states along the snake: float `[rows, columns, batch, units]`.

        Args:
            spins: as `_by_row` returns them.
        """
        cell = self.cell.prepared()

        def visit_site(states, site):
            projected, before = site
            states = [cell(projected, *states, before)]
            return states, states

        def visit_row(row_above, spins):
            before, above = spins
            projected = cell.project(ops.flip(row_above[0], axis=0), above)
            nothing = [ops.zeros_like(row_above[0][0])]
            _, row = scan(visit_site, nothing, (projected, before))
            return row, row

        columns, batch = ops.shape(spins)[1:3]
        nothing = [ops.zeros((columns, batch, self.units), dtype=self.compute_dtype)]
        _, (hidden,) = scan(visit_row, nothing, _neighbours(spins))
        return hidden

    def get_config(self):
        return {**super().get_config(), "tensorized": self.tensorized}


def _neighbours(spins):
    """The spin before each site and the one above it; zeros outside the lattice.

    Args:
        spins: one-hot, along the snake, float `[rows, columns, batch, 2]`.

    Returns:
        `(before, above)`, of the same shape.
    """
    before = ops.pad(spins[:, :-1], ((0, 0), (1, 0), (0, 0), (0, 0)))
    above = ops.pad(spins[:-1], ((1, 0), (0, 0), (0, 0), (0, 0)))
    return before, ops.flip(above, axis=1)  # the next row goes the other way


def _put(rows, number, row):
    """Rows with one of them replaced."""
    return ops.scatter_update(rows, ops.reshape(number, (1, 1)), row[None])
