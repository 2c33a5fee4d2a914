"""Oracles that tests compare with."""

import contextlib
import csv
import socket

import keras
import numpy as np
from keras import ops
from scipy import stats

import models
import vmc


def psi(wf, spins):
    """The complex amplitude, in double precision."""
    log_amplitude, phase = (np.asarray(ops.convert_to_numpy(x), "float64") for x in wf(spins))
    return np.exp(log_amplitude + 1j * phase)


def ratios(result):
    """exp(d_log + i d_phase) of what `flip_log_ratio` returns."""
    d_log, d_phase = (np.asarray(ops.convert_to_numpy(x), "float64") for x in result)
    return np.exp(d_log + 1j * d_phase)


def brute_force_ratios(wf, spins, sites):
    """The base class's ratios, whatever the class has put in their place."""
    if not len(sites):
        return np.zeros((len(spins), 0))
    moves = tuple(tuple(int(s) for s in move) for move in sites)
    return ratios(
        models.WaveFunction.compute_flip_log_ratio(wf, wf.check_spins(spins), None, moves=moves)
    )


def free_addresses(number):
    """Addresses on this machine, with ports that nothing listens to."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for free in sockets:
            free.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{free.getsockname()[1]}" for free in sockets]


def chi_squared_p(samples, probabilities):
    """p-value of samples against enumerated probabilities.

    Args:
        samples: `[num_samples, *shape]`.
        probabilities: `[2^n]`, in the order of `vmc.configurations`. Rare
            configurations are counted together.
    """
    flat = np.asarray(samples).reshape(len(samples), -1)
    numbers = flat @ (1 << np.arange(flat.shape[1] - 1, -1, -1))
    observed = np.bincount(numbers, minlength=len(probabilities)).astype(float)
    expected = probabilities / probabilities.sum() * len(flat)
    common = expected >= 5
    observed = np.append(observed[common], observed[~common].sum())
    expected = np.append(expected[common], expected[~common].sum())
    assert observed[expected == 0].sum() == 0
    kept = expected > 0
    return stats.chisquare(observed[kept], expected[kept]).pvalue


class Tabulated(models.WaveFunction):
    """A wave function that looks its amplitudes up, on up to 20 sites."""

    def __init__(self, state):
        super().__init__()
        self.state = np.asarray(state, "complex128")
        self.built = True

    def call(self, spins):
        spins = self.check_spins(spins)
        flat = ops.reshape(spins, (spins.shape[0], -1))
        powers = 1 << np.arange(flat.shape[1] - 1, -1, -1)
        numbers = ops.sum(ops.multiply(flat, powers.astype("int32")), axis=1)
        with np.errstate(divide="ignore"):
            log_amplitude = np.log(abs(self.state)).astype("float32")
        phase = np.angle(self.state).astype("float32")
        return ops.take(log_amplitude, numbers), ops.take(phase, numbers)

    def draw(self, uniforms, *, shape):
        cumulative = np.cumsum(abs(self.state) ** 2)
        uniform = ops.convert_to_numpy(uniforms)[:, 0] * cumulative[-1]
        return vmc.configurations(shape)[np.searchsorted(cumulative, uniform, side="right")]


def exact_energy(wf, hamiltonian):
    """<psi|H|psi> by enumeration, and <psi|psi>."""
    state = psi(wf, vmc.configurations(hamiltonian.lattice.shape))
    norm = np.vdot(state, state).real
    return np.vdot(state, hamiltonian.to_sparse() @ state) / norm, norm


def read_csv(path):
    """The rows of a table with a header, as dicts."""
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def backend_is_tensorflow():
    return keras.backend.backend() == "tensorflow"


def backend_is_jax():
    return keras.backend.backend() == "jax"


def backend_is_torch():
    return keras.backend.backend() == "torch"


def as_tensors(*arrays):
    return [ops.convert_to_tensor(array) for array in arrays]
