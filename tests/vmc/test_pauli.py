"""Sums of Pauli strings, and disorder, against Kronecker products."""

import functools
import re

import keras
import numpy as np
import pytest
from keras import ops

import models
import vmc
from tests.helpers import Tabulated

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]

# In the order of `vmc.configurations`, which counts a down spin, 0, first.
MATRICES = {
    "I": np.eye(2),
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, 1j], [-1j, 0]]),
    "Z": np.array([[-1, 0], [0, 1]]),
}
EVERYTHING = [
    ("XX", [0, 1], 0.5), ("YY", [1, 0], -0.7), ("ZZ", [2, 3], 0.3), ("XY", [1, 3], 0.9),
    ("ZYZ", [0, 2, 3], -0.4), ("Y", [1], 0.2), ("X", [3], 1.1), ("Z", [0], -0.6),
    ("XYXZ", [3, 0, 1, 2], 0.8), ("IX", [0, 2], 0.15), ("", [], 2.5), ("XX", [1, 0], 0.25),
]  # fmt: skip


def kronecker(terms, num_sites):
    """The matrix of a sum of Pauli strings."""
    total = 0
    for letters, sites, value in terms:
        factors = dict(zip(sites, letters))
        matrices = [MATRICES[factors.get(site, "I")] for site in range(num_sites)]
        total = total + value * functools.reduce(np.kron, matrices)
    return total


@pytest.mark.parametrize("lattice", [vmc.Chain(4), vmc.Square(2)])
def test_the_matrix_is_that_of_kronecker_products(lattice):
    made = vmc.PauliSum(lattice, EVERYTHING)
    np.testing.assert_allclose(made.to_sparse().toarray(), kronecker(EVERYTHING, 4), atol=1e-12)
    # One ratio for all strings of one flip pattern: 01, 13, 1, 2, 3, 013, (XY on 1 and 3).
    assert sorted(made.moves[made.moves[:, 1] >= 0][:, :2].tolist()) == [[0, 1], [0, 1], [1, 3]]
    assert not made.conserves_sz


@pytest.mark.parametrize(
    "make",
    [
        vmc.Heisenberg,
        lambda lattice: vmc.Heisenberg(lattice, j1=-0.5, j2=0.3, field=0.2),
        lambda lattice: vmc.XXZ(lattice, delta=1.7, j2=0.4),
        lambda lattice: vmc.XXZ(
            lattice, 0.5, np.linspace(-1, 2, len(lattice.bonds())), field=[0.1, 0, -2, 1]
        ),
        lambda lattice: vmc.Ising(lattice, field=0.7, coupling=-1.2),
        lambda lattice: vmc.Ising(
            lattice, field=[0.5, 0, 1, -2], coupling=np.arange(1.0, 1 + len(lattice.bonds()))
        ),
    ],
)
@pytest.mark.parametrize(
    "lattice", [vmc.Chain(4), vmc.Chain(4, periodic=True), vmc.Square(2, 2)], ids=repr
)
def test_each_hamiltonian_is_its_pauli_sum(make, lattice):
    hamiltonian = make(lattice)
    terms = hamiltonian.pauli_sum()
    np.testing.assert_allclose(
        hamiltonian.to_sparse().toarray(), kronecker(terms.terms, 4), atol=1e-12
    )
    np.testing.assert_allclose(
        terms.to_sparse().toarray(), hamiltonian.to_sparse().toarray(), atol=1e-12
    )
    assert terms.conserves_sz == hamiltonian.conserves_sz


def test_disorder_on_a_bond_and_on_a_site():
    """By hand: two bonds of couplings 1 and 3, a field on the middle site."""
    hamiltonian = vmc.Heisenberg(vmc.Chain(3), j1=[1, 3], field=[0, 2, 0])
    diagonal = hamiltonian.to_sparse().diagonal()
    # down down down, and down up down
    np.testing.assert_allclose(diagonal[[0, 2]], [1 / 4 + 3 / 4 + 1, -1 / 4 - 3 / 4 - 1])
    assert hamiltonian.to_sparse().toarray()[1, 2] == pytest.approx(3 / 2)
    assert repr(hamiltonian) == "Heisenberg(Chain(3), j1=[1, 3], j2=0, field=[0, 2, 0])"
    with pytest.raises(ValueError, match="one for each bond, of which there are 2, not"):
        vmc.Heisenberg(vmc.Chain(3), j1=[1, 2, 3])
    with pytest.raises(ValueError, match="field must be finite"):
        vmc.Ising(vmc.Chain(2), field=[np.inf, 1])


def test_local_energies_of_complex_elements(random_weights):
    wf = random_weights(models.GRUChain(units=4, phase="free"), scale=1.0)
    hamiltonian = vmc.PauliSum(vmc.Chain(4), EVERYTHING)
    everything = vmc.configurations((4,))
    log_amplitude, phase = (np.asarray(ops.convert_to_numpy(x), float) for x in wf(everything))
    state = np.exp(log_amplitude + 1j * phase)
    local = ops.convert_to_numpy(hamiltonian.local_energy(wf, everything))
    np.testing.assert_allclose(local, kronecker(EVERYTHING, 4) @ state / state, atol=2e-4)


def test_a_hamiltonian_of_ones_own_with_complex_elements(random_weights):
    class Current(vmc.Hamiltonian):
        """A Y field."""

        def __init__(self, lattice):
            super().__init__(lattice, moves=[[site] for site in range(lattice.num_sites)])

        def diagonal(self, z):
            return ops.zeros_like(z[:, 0])

        def elements(self, z):
            double = keras.backend.standardize_dtype(z.dtype) == "float64"
            return -1j * ops.cast(z, "complex128" if double else "complex64")

    own, known = Current(vmc.Chain(3)), vmc.PauliSum(
        vmc.Chain(3), [("Y", [site], 1.0) for site in range(3)]
    )  # fmt: skip
    np.testing.assert_allclose(own.to_sparse().toarray(), known.to_sparse().toarray())
    assert vmc.ground_state(own)[0] == pytest.approx(-3)


def test_arithmetic_and_texts():
    chain = vmc.Chain(4)
    everything = vmc.PauliSum(chain, EVERYTHING)
    matrix = kronecker(EVERYTHING, 4)
    ising = vmc.Ising(chain, field=0.3)
    for made, expected in (
        (everything + ising, matrix + ising.to_sparse().toarray()),
        (everything - 2 * everything, -matrix),
        (-everything * np.float32(0.5), -matrix / 2),
    ):
        np.testing.assert_allclose(made.to_sparse().toarray(), expected, atol=1e-6)
    assert vmc.PauliSum(chain, reversed(EVERYTHING)) == everything
    assert hash(vmc.PauliSum(chain, reversed(EVERYTHING))) == hash(everything)
    assert everything != 2 * everything
    assert everything != vmc.PauliSum(vmc.Square(2), EVERYTHING)
    assert vmc.PauliSum.from_json(everything.to_json()) == everything
    few = vmc.PauliSum(chain, [("ZX", [1, 0], -0.5), ("Y", [2], 2)])
    assert repr(few) == "PauliSum(Chain(4), -0.5 X0 Z1 + 2 Y2)"
    assert (everything - everything).terms == ()
    with pytest.raises(ValueError, match="different lattices"):
        everything + vmc.Ising(vmc.Square(2))
    with pytest.raises(ValueError, match="no JSON text"):
        vmc.PauliSum.from_json("{}")


@pytest.mark.parametrize(
    ("term", "message"),
    [
        (("XX", [0, 1], 1j), "('XX', [0, 1], 1j) is not Hermitian: its coefficient must be real"),
        (("XX", [0, 4], 1), "names a site outside of Chain(4), whose sites are 0 to 3"),
        (("XX", [0, -1], 1), "names a site outside of Chain(4)"),
        (("XX", [1, 1], 1), "names a site twice"),
        (("XA", [0, 1], 1), "needs one letter I, X, Y or Z for each of its sites"),
        (("X", [0, 1], 1), "needs one letter I, X, Y or Z for each"),
        (("X", [0], "a"), "needs a finite number"),
        (("X", [0], np.nan), "needs a finite number"),
        (("X", [0.5], 1), 'A term is letters, sites and a coefficient, as ("XX", [0, 1], 0.5)'),
        (("X", [0]), "A term is letters, sites and a coefficient"),
    ],
)
def test_invalid_terms(term, message):
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        vmc.PauliSum(vmc.Chain(4), [term])
    assert "\n" not in str(error.value)


def test_qiskit():
    """|0> is up, and Qiskit's matrix counts qubit 0 fastest and 0 first."""

    class Operator:
        """What of a `SparsePauliOp` is used."""

        num_qubits = 3

        def to_sparse_list(self):
            return [("XZ", [0, 2], 0.5 + 0j), ("Y", [1], -1 + 0j), ("", [], 0.25 + 0j)]

        def to_matrix(self):
            usual = MATRICES | {"Y": np.array([[0, -1j], [1j, 0]]), "Z": np.diag([1, -1])}
            total = 0
            for letters, qubits, value in self.to_sparse_list():
                factors = dict(zip(qubits, letters))
                total = total + value * functools.reduce(
                    np.kron, [usual[factors.get(qubit, "I")] for qubit in (2, 1, 0)]
                )
            return total

    made = vmc.PauliSum.from_qiskit(Operator())
    assert made.lattice == vmc.Chain(3)
    bits = vmc.configurations((3,))
    theirs = ((1 - bits) * [1, 2, 4]).sum(axis=1)
    np.testing.assert_allclose(
        made.to_sparse().toarray(), Operator().to_matrix()[np.ix_(theirs, theirs)], atol=1e-12
    )
    with pytest.raises(ValueError, match="does not have 3 sites, one a qubit"):
        vmc.PauliSum.from_qiskit(Operator(), vmc.Chain(4))


def test_signs_are_refused_where_they_are_wrong():
    chain = vmc.Chain(4)
    positive = models.GRUChain(units=2, phase="none")
    with pytest.raises(ValueError, match="has signs, and a wave function"):
        vmc.XXZ(chain, 0.5).check(positive)
    # All spins are up there, or all parallel, and nothing has a sign.
    for polarised in (vmc.XXZ(chain, 0.5, field=9.0), vmc.XXZ(chain, -2.0)):
        with pytest.warns(UserWarning, match="Nobody knows whether"):
            polarised.check(positive)
        _, state = vmc.ground_state(polarised)
        assert np.abs(state).max() == pytest.approx(1)
    with pytest.warns(UserWarning, match="Nobody knows whether"):
        vmc.Heisenberg(chain).pauli_sum().check(positive)
    with pytest.raises(ValueError, match="has signs, and a wave function"):
        vmc.PauliSum(chain, [("X", [site], 1.0) for site in range(4)]).check(positive)
    marshall = models.GRUChain(units=2, phase="none", marshall_sign=True, total_sz=0)
    vmc.XXZ(chain, 2.0, j1=[1, 2, 3]).pauli_sum().check(marshall)
    with pytest.warns(UserWarning, match="Nobody knows whether"):
        vmc.PauliSum(chain, [("XY", [0, 1], 1.0)]).check(positive)
    with pytest.raises(ValueError, match="does not conserve the total S"):
        vmc.PauliSum(chain, [("XX", [0, 1], 1.0)]).check(marshall)


def test_energy_of_a_known_state():
    """A state that is looked up has the expectation value of its vector."""
    rng = np.random.default_rng(0)
    state = rng.normal(size=16) + 1j * rng.normal(size=16)
    state /= np.linalg.norm(state)
    hamiltonian = vmc.PauliSum(vmc.Chain(4), EVERYTHING)
    exact = np.vdot(state, kronecker(EVERYTHING, 4) @ state).real
    estimate = vmc.estimate_energy(Tabulated(state), hamiltonian, 4000, seed=0)
    assert abs(estimate.mean - exact) < 4 * estimate.std_error
    assert estimate.std_error < 0.1
