"""The gradient against numerical differences of equation 24, by enumeration."""

import numpy as np
import pytest
from keras import ops

import models
import vmc
from tests.helpers import as_tensors, psi
from vmc.training.cost import Cost
from vmc.training.direction import clip_by_global_norm, global_norm
from vmc.training.minibatch import Minibatch

TEMPERATURE = 0.7
PENALTY = 3.0


def cost_by_enumeration(wf, hamiltonian):
    """Equation 24 in double precision."""
    spins = vmc.configurations(hamiltonian.lattice.shape)
    state = psi(wf, spins)
    weights = abs(state) ** 2
    energy = np.vdot(state, hamiltonian.to_sparse() @ state).real
    entropy = (weights * np.log(weights)).sum()
    magnetization = ((2 * spins - 1).mean(axis=1) ** 2 * weights).sum()
    n = hamiltonian.lattice.num_sites
    return energy / n + TEMPERATURE / n * entropy + PENALTY * magnetization


@pytest.mark.any_backend
@pytest.mark.parametrize("j2", [0.0, 0.5])
def test_gradient_is_that_of_equation_24(random_chain, in_double, j2):
    wf = random_chain(units=5, scale=0.4, edge_distance=2, layer_norm=True)
    hamiltonian = vmc.Heisenberg(vmc.Chain(8), j2=j2)
    model = vmc.VMC(wf, hamiltonian, temperature=TEMPERATURE, magnetization_penalty=PENALTY)
    spins = vmc.configurations((8,))
    weights = (abs(psi(wf, spins)) ** 2).astype("float32")
    energy = hamiltonian.local_energy_parts(wf, spins)
    model.compile("sgd")
    minibatch = Minibatch(model, *as_tensors(spins), energy, *as_tensors(weights))
    analytic = minibatch.gradient()

    twin = in_double(wf)
    start = twin.get_weights()
    rng = np.random.default_rng(0)
    for number, gradient in enumerate(analytic):
        gradient = ops.convert_to_numpy(gradient).astype("float64")
        # Along the gradient, and along a random direction with a part of it.
        noise = rng.normal(size=gradient.shape)
        for direction in (gradient, gradient + np.linalg.norm(gradient) / 10 * noise):
            direction = direction / np.linalg.norm(direction)
            costs = []
            for shift in (1e-4, -1e-4):
                moved = [w.copy() for w in start]
                moved[number] = moved[number] + shift * direction
                twin.set_weights(moved)
                costs.append(cost_by_enumeration(twin, hamiltonian))
            numerical = (costs[0] - costs[1]) / 2e-4
            assert (gradient * direction).sum() == pytest.approx(numerical, rel=1e-3, abs=1e-6)


@pytest.mark.any_backend
def test_clipping_bounds_the_tail_only():
    energy = np.append(np.random.default_rng(0).normal(size=99), 100).astype("float32")
    zeros = np.zeros(100, "float32")
    weights = np.full(100, 0.01, "float32")

    def coefficients(clip):
        model = vmc.VMC(models.GRUChain(units=2), vmc.Heisenberg(vmc.Chain(1)))
        model.compile("sgd")
        up = np.ones((100, 1), "int32")
        up, *parts, weight = as_tensors(up, energy, zeros, weights)
        minibatch = Minibatch(model, up, parts, weight)
        a, _ = Cost(local_energy_clip=clip).coefficients(minibatch, parts[1])
        return ops.convert_to_numpy(a) / (2 * weights)

    plain, clipped = coefficients(None), coefficients(5.0)
    np.testing.assert_allclose(plain, energy - energy.mean(), rtol=1e-4)
    np.testing.assert_allclose(clipped[:-1], plain[:-1])
    assert clipped[-1] == pytest.approx(5 * energy.std(), rel=1e-4)


@pytest.mark.any_backend
def test_norm_clipping():
    gradients = as_tensors(np.array([3.0, 0.0], "float32"), np.array([[4.0]], "float32"))
    norm = global_norm(gradients)
    assert float(norm) == pytest.approx(5)
    clipped = clip_by_global_norm(gradients, norm, 1.0)
    np.testing.assert_allclose(ops.convert_to_numpy(clipped[0]), [0.6, 0])
    same = clip_by_global_norm(gradients, norm, 6.0)
    np.testing.assert_allclose(ops.convert_to_numpy(same[1]), [[4.0]])
