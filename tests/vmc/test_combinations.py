"""Whatever is combined is right: networks, options, lattices, Hamiltonians, precisions.

Hypothesis draws the combinations. Each is held to oracles that share no code
with what they check: enumeration, the Hamiltonian's full matrix, brute force.
COMBINATIONS=2000 in the environment sets the number of the slow test's.
"""

import os
import tempfile

import hypothesis
import keras
import numpy as np
import pytest
from hypothesis import strategies as st
from keras import ops

import models
import vmc
from models.backend import double_precision
from models.symmetry import GROUPS
from tests.helpers import backend_is_tensorflow, brute_force_ratios, psi, ratios

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]

MOST_SITES = 8  # a matrix of 256 x 256, and nothing new happens on larger ones
# Each is compiled on JAX, which takes most of a minute.
FEW = 5 if keras.backend.backend() == "jax" else 30
MANY = int(os.environ.get("COMBINATIONS", "300"))
CHECKED = hypothesis.settings(
    derandomize=True, deadline=None, database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)  # fmt: skip


@st.composite
def lattices(draw):
    """Chains and rectangles, open, joined at some ends or at all of them."""
    if draw(st.booleans()):
        return vmc.Chain(draw(st.integers(1, MOST_SITES)), periodic=draw(st.booleans()))
    rows = draw(st.integers(1, 4))
    columns = draw(st.integers(1, MOST_SITES // rows))
    return vmc.Square(rows, columns, periodic=(draw(st.booleans()), draw(st.booleans())))


@st.composite
def hamiltonians(draw, lattice):
    """Of all classes, with couplings of both signs."""
    number = st.sampled_from([-1.0, 0.0, 0.3, 1.0])
    if draw(st.booleans()):
        return vmc.Ising(lattice, field=draw(number), coupling=draw(number))
    return vmc.Heisenberg(lattice, j1=draw(number), j2=draw(number))


@st.composite
def wave_functions(draw, hamiltonian):
    """A network that lives on the lattice and fits the Hamiltonian, or its average."""
    lattice = hamiltonian.lattice
    n = lattice.num_sites
    sectors = [None]
    if hamiltonian.conserves_sz:
        sectors += [up - n / 2 for up in range(n + 1)]
    options = {
        "units": draw(st.integers(1, 4)),
        "phase": draw(st.sampled_from(["free", "none"])),
        "marshall_sign": draw(st.booleans()),
        "total_sz": draw(st.sampled_from(sectors)),
        "layer_norm": draw(st.booleans()),
        "edge_distance": draw(st.integers(0, 3)),
    }
    keras.utils.set_random_seed(draw(st.integers(0, 99)))
    if len(lattice.shape) == 1:
        wf = models.GRUChain(**options)
    elif draw(st.booleans()):
        wf = models.GatedLattice(tensorized=draw(st.booleans()), **options)
    else:
        wf = models.LSTMLattice(num_layers=draw(st.integers(1, 2)), **options)
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    wf.set_weights([w + 0.5 * rng.normal(size=w.shape) for w in wf.get_weights()])
    group = draw(st.sampled_from([None, *GROUPS]))
    if group is not None:
        flip = options["total_sz"] in (None, 0) and draw(st.booleans())
        wf = models.Symmetrized(wf, group, spin_flip=flip, marshall_frame=draw(st.booleans()))
    return wf


@st.composite
def combinations(draw):
    """A wave function, a Hamiltonian that takes it, and whether both are in double precision."""
    hamiltonian = draw(hamiltonians(draw(lattices())))
    try:
        wf = draw(wave_functions(hamiltonian))
        wf.sample(1, hamiltonian.lattice.shape, seed=0)
        with keras_warnings_ignored():
            hamiltonian.check(wf)
    except ValueError:
        hypothesis.reject()  # refused by a sentence, which other tests read
    return wf, hamiltonian, draw(st.booleans())


def keras_warnings_ignored():
    """Of signs that may be wrong the library warns; here all energies are wrong anyway."""
    import warnings

    context = warnings.catch_warnings()
    context.__enter__()
    warnings.simplefilter("ignore")

    class Leave:
        def __enter__(self):
            return None

        def __exit__(self, *exception):
            return context.__exit__(*exception)

    return Leave()


def check(combination):
    """Holds a combination to its oracles."""
    wf, hamiltonian, in_double = combination
    if in_double and backend_is_tensorflow():
        with double_precision():
            oracles(wf.astype("float64"), hamiltonian, 1e-9)
    else:
        oracles(wf, hamiltonian, 2e-4)


def oracles(wf, hamiltonian, tolerance):
    shape = hamiltonian.lattice.shape
    everything = vmc.configurations(shape)
    state = psi(wf, everything)
    possible = abs(state) > 0
    assert np.sum(abs(state) ** 2) == pytest.approx(1, abs=tolerance)

    # Samples lie where the amplitude is not zero.
    spins = ops.convert_to_numpy(wf.sample(20, shape, seed=1))
    powers = 1 << np.arange(spins[0].size - 1, -1, -1)
    numbers = spins.reshape(20, -1) @ powers
    assert possible[numbers].all()

    # Ratios of amplitudes, where the amplitude below is large enough to be divided by.
    common = abs(state[numbers]) > 1e-3 * abs(state).max()
    if common.any() and len(hamiltonian.moves):
        found = ratios(wf.flip_log_ratio(spins[common], hamiltonian.moves))
        brute = brute_force_ratios(wf, spins[common], hamiltonian.moves)
        np.testing.assert_allclose(found, brute, atol=tolerance, rtol=tolerance)

    # The local energy is (H psi)(s) / psi(s).
    with keras_warnings_ignored():
        local = ops.convert_to_numpy(hamiltonian.local_energy(wf, spins[common]))
    expected = (hamiltonian.to_sparse() @ state)[numbers[common]] / state[numbers[common]]
    scale = 1 + abs(expected).max(initial=0)
    np.testing.assert_allclose(local / scale, expected / scale, atol=10 * tolerance)

    # Keras' own ways to amplitudes, and the file.
    direct = [ops.convert_to_numpy(x) for x in wf(spins)]
    for one, other in zip(direct, wf.predict(spins, batch_size=3, verbose=0)):
        np.testing.assert_allclose(one, other, atol=tolerance, rtol=tolerance)
    with tempfile.TemporaryDirectory() as folder:
        wf.save(f"{folder}/x.keras")
        same = keras.saving.load_model(f"{folder}/x.keras")
    assert same.get_config() == wf.get_config()
    for one, other in zip(direct, same(spins)):
        np.testing.assert_array_equal(one, ops.convert_to_numpy(other))


@hypothesis.settings(CHECKED, max_examples=FEW)
@hypothesis.given(combinations())
def test_a_few_combinations(combination):
    check(combination)


@pytest.mark.slow
@hypothesis.settings(CHECKED, max_examples=MANY)
@hypothesis.given(combinations())
def test_many_combinations(combination):
    check(combination)
