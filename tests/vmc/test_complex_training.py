"""Training with complex matrix elements."""

import keras
import numpy as np
import pytest

import models
import vmc


@pytest.mark.parametrize("direction", [vmc.Gradient(), vmc.NaturalGradient()], ids=repr)
def test_training_finds_a_complex_ground_state(direction):
    """A Dzyaloshinskii-Moriya coupling beside an exchange twists the spins."""
    chain = vmc.Chain(4)
    twist = [("XY", bond, 0.5) for bond in chain.bonds()]
    twist += [("YX", bond, -0.5) for bond in chain.bonds()]
    hamiltonian = vmc.Heisenberg(chain).pauli_sum() + vmc.PauliSum(chain, twist)
    assert hamiltonian.conserves_sz
    exact, state = vmc.ground_state(hamiltonian)
    assert np.iscomplexobj(state)
    keras.utils.set_random_seed(1)
    wf = models.GRUChain(units=8, total_sz=0, phase="free")
    natural = isinstance(direction, vmc.NaturalGradient)
    stage = vmc.Stage(
        chain, 250 if natural else 40, num_samples=60, learning_rate=0.05, direction=direction
    )
    vmc.retrain(wf, [stage], lambda lattice: hamiltonian, seed=0, verbose=0)
    estimate = vmc.estimate_energy(wf, hamiltonian, 500, seed=0)
    assert estimate.mean > exact - 4 * estimate.std_error
    assert estimate.relative_error(exact) < 0.05
    # Without the twist the best is well above.
    assert vmc.ground_state(vmc.Heisenberg(chain))[0] > 0.9 * exact
