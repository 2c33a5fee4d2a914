"""The networks of the presets in plain NumPy and double precision, an oracle for all backends.

Written from the equations, site by site, with nothing of Keras but the
weights' values. Spins are in raster order everywhere.
"""

import numpy as np
from keras import ops

import models


def amplitudes(wf, spins):
    """Log amplitude and phase of a preset: float64 `[batch]` each."""
    if isinstance(wf, models.Symmetrized):
        return averaged(wf, spins)
    flat = spins.reshape(len(spins), -1)
    log_p = np.zeros(len(spins))
    for site, gap in enumerate(logit_gaps(wf, spins).T):
        free = ~forced(flat[:, :site], flat.shape[1], wf.total_sz)
        log_p -= free * np.log1p(np.exp(np.where(flat[:, site], -gap, gap)))
    return log_p / 2, wf.marshall_sign * marshall(spins)


def averaged(wf, spins):
    """Equations 22 and 23: over the turns and mirrors of a square, and both flips, in the frame."""
    images = [np.rot90(x, k, axes=(1, 2)) for x in (spins, spins[:, ::-1]) for k in range(4)]
    images += [1 - image for image in images] if wf.spin_flip else []
    parts = [amplitudes(wf.base, image) for image in images]
    frame = [wf.marshall_frame * marshall(image) for image in images]
    terms = [np.exp(2 * log + 1j * (phase - f)) for (log, phase), f in zip(parts, frame)]
    mean = np.mean(np.abs(terms), axis=0)
    return np.log(mean) / 2, np.angle(np.sum(terms, axis=0)) + frame[0]


def drawn(wf, uniforms, shape):
    """The configurations that uniform random numbers make: int `[batch, *shape]`."""
    batch, num_sites = uniforms.shape
    flat = np.zeros((batch, num_sites), int)
    up_spins = num_sites // 2 + (wf.total_sz or 0)
    for site in range(num_sites):
        gap = logit_gaps(wf, flat.reshape(batch, *shape))[:, site]
        rare = uniforms[:, site] < sigmoid(-abs(gap))
        left = forced(flat[:, :site], num_sites, wf.total_sz)
        flat[:, site] = np.where(left, flat[:, :site].sum(axis=1) < up_spins, rare != (gap > 0))
    return flat.reshape(batch, *shape)


def forced(before, num_sites, total_sz):
    """Whether a conserved S^z leaves the spin after these no choice: bool `[batch]`."""
    if total_sz is None:
        return np.zeros(len(before), bool)
    ups_left = num_sites // 2 + total_sz - before.sum(axis=1)
    return (ups_left <= 0) | (ups_left >= num_sites - before.shape[1])


def marshall(spins):
    """pi for each up spin on the sites of even coordinate sum, modulo 2 pi."""
    even = np.indices(spins.shape[1:]).sum(axis=0) % 2 == 0
    return np.pi * ((spins * even).reshape(len(spins), -1).sum(axis=1) % 2)


def logit_gaps(wf, spins):
    """Logit of up less that of down, at each site: float `[batch, sites]` (equation 8)."""
    contexts = chain(wf, spins) if spins.ndim == 2 else square(wf, spins)
    readout, distance = wf.readout, wf.edge_distance
    for axis, length in enumerate(spins.shape[1:]):
        rows = np.minimum(np.arange(length)[::-1], distance)
        edge = value(readout.edge_table)[axis][rows]
        places = [1] * spins.ndim
        places[1 + axis] = length
        contexts = contexts + edge.reshape(*places, -1)
    hidden = contexts.reshape(len(spins), -1, contexts.shape[-1]) @ value(readout.hidden_kernel)
    hidden = np.maximum(hidden + value(readout.hidden_bias), 0)
    logits = hidden @ value(readout.kernel) + value(readout.bias)
    return logits[..., 1] - logits[..., 0]


def chain(wf, spins):
    """What the minimal GRU knows before each site (equations 19 to 21)."""
    hidden = np.zeros((len(spins), wf.units))
    kernel, states = value(wf.cell.kernel), []
    for spin in spins.T:
        states.append(hidden)
        gates = np.concatenate([np.eye(2)[spin], hidden], axis=1) @ kernel
        update = sigmoid(gates[:, wf.units :])
        hidden = (1 - update) * hidden + update * np.tanh(gates[:, : wf.units])
    return np.stack(states, axis=1)


def square(wf, spins):
    """The processor layers (equations 9 to 11)."""
    outputs = np.eye(2)[spins]
    for layer in wf.processors:
        down = np.stack(lstm(layer.down_cell, outputs.swapaxes(0, 1)), axis=1)
        columns = down.transpose(2, 0, 1, 3)
        right = np.stack(lstm(layer.right_cell, columns), axis=2)
        left = np.stack(lstm(layer.left_cell, columns[::-1])[::-1], axis=2)
        before = np.zeros((*right.shape[:3], 2 * wf.units))
        before[:, :, 1:, : wf.units] = right[:, :, :-1]
        before[:, 1:, :, wf.units :] = left[:, :-1]
        hidden = np.maximum(before @ value(layer.hidden_kernel) + value(layer.hidden_bias), 0)
        joined = hidden @ value(layer.kernel) + value(layer.bias)
        outputs = outputs + joined if layer.residual else joined
    return outputs


def lstm(cell, inputs):
    """Hidden states along the first axis, a list (equations 13 to 18)."""
    hidden = state = np.zeros((*inputs.shape[1:-1], cell.units))
    kernel, bias, found = value(cell.kernel), value(cell.bias), []
    for step in inputs:
        gates = np.concatenate([step, hidden], axis=-1) @ kernel + bias
        write, keep, candidate, read = np.split(gates, 4, axis=-1)
        state = sigmoid(write) * np.tanh(candidate) + sigmoid(keep) * state
        hidden = sigmoid(read) * np.tanh(state)
        found.append(hidden)
    return found


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def value(variable):
    return np.asarray(ops.convert_to_numpy(variable.value), "float64")
