"""Lattices are trained to their exact ground states."""

import keras
import pytest

import models
import vmc


def relative_error(wf, hamiltonian, steps, rate, temperature):
    """Of a wave function trained from nothing; it must not lie below exact."""
    stage = vmc.Stage(
        hamiltonian.lattice,
        steps,
        learning_rate=keras.optimizers.schedules.CosineDecay(rate, steps, 0.1),
        warmup=20,
        temperature=keras.optimizers.schedules.PolynomialDecay(temperature, steps * 2 // 3, 0.0),
        local_energy_clip=5.0,
    )
    vmc.retrain(wf, [stage], lambda lattice: hamiltonian, verbose=0)
    exact, _ = vmc.ground_state(hamiltonian)
    estimate = vmc.estimate_energy(wf, hamiltonian, 5000, seed=1)
    assert estimate.mean > exact - 4 * estimate.std_error
    assert abs(estimate.imaginary_mean) < 4 * estimate.std_error + 1e-6
    return estimate.relative_error(exact)


def test_frustrated_square_with_free_phases():
    wf = models.LSTMLattice(
        units=24, num_layers=1, feedforward_units=48, edge_distance=3,
        marshall_sign=True, total_sz=0,
    )  # fmt: skip
    hamiltonian = vmc.Heisenberg(vmc.Square(4), j2=0.5)
    assert relative_error(wf, hamiltonian, 300, rate=3e-2, temperature=1.0) < 2e-2


@pytest.mark.slow
def test_square_without_phases():
    wf = models.LSTMLattice(
        units=32, num_layers=2, feedforward_units=64,
        phase="none", marshall_sign=True, total_sz=0,
    )  # fmt: skip
    hamiltonian = vmc.Heisenberg(vmc.Square(4))
    assert relative_error(wf, hamiltonian, 1000, rate=1e-2, temperature=0.5) < 5e-3
