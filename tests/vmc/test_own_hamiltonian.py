"""A Hamiltonian of one's own: what is wrong with it is said once, in the same words everywhere."""

import keras
import numpy as np
import pytest
from keras import ops

import models
import vmc
from models.backend import double_precision
from tests.helpers import backend_is_torch

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]


class Own(vmc.Hamiltonian):
    """A field along x, whose matrix elements are changed on their way out."""

    def __init__(self, lattice, moves=None, diagonal=None, elements=None):
        self.change = diagonal, elements
        self.calls = 0
        sites = np.arange(lattice.num_sites)[:, None]
        super().__init__(lattice, moves=sites if moves is None else moves)

    def diagonal(self, z):
        self.calls += 1
        change, _ = self.change
        return (change or (lambda x: x))(ops.zeros_like(z[:, 0]))

    def elements(self, z):
        _, change = self.change
        elements = -ops.ones((z.shape[0], len(self.moves)), dtype=z.dtype)
        return (change or (lambda x: x))(elements)


def matrix(hamiltonian):
    return hamiltonian.to_sparse()


def local_energy(hamiltonian):
    return hamiltonian.local_energy(models.GRUChain(units=2), np.zeros((1, 5), int))


def local_energy_in_double(hamiltonian):
    with double_precision():
        wf = models.GRUChain(units=2, dtype="float64")
        return hamiltonian.local_energy(wf, np.zeros((1, 5), int))


def training(hamiltonian):
    return vmc.VMC(models.GRUChain(units=2), hamiltonian)


def estimate(hamiltonian):
    return vmc.estimate_energy(models.GRUChain(units=2), hamiltonian, 10)


USES = [matrix, local_energy, local_energy_in_double, training, estimate]


@pytest.mark.parametrize("dtype", [int, "int8", "uint8", "uint64"])
def test_sound_ones_are_what_they_say(dtype):
    """Moves of few bits too, which reach beyond their number of sites as bits."""
    lattice = vmc.Chain(9)
    moves = np.array([[0, 1], [3, 8], [8, 2], [0, 1]], dtype)
    dense = Own(lattice, moves).to_sparse().toarray()
    expected = np.zeros((512, 512))
    for first, second in moves.tolist():
        for number in range(512):
            expected[number, number ^ (1 << (8 - first)) ^ (1 << (8 - second))] -= 1
    np.testing.assert_array_equal(dense, expected)


def test_one_without_moves():
    hamiltonian = Own(vmc.Chain(5), np.zeros((0, 1), int), diagonal=lambda x: x + 2)
    assert vmc.ground_state(hamiltonian)[0] == pytest.approx(2)
    np.testing.assert_allclose(ops.convert_to_numpy(local_energy(hamiltonian)), 2)
    training(hamiltonian)


@pytest.mark.parametrize(
    ("moves", "message"),
    [
        ([0, 1], r"integers of shape \[num_moves, k\], .* not int64 of shape \(2,\)"),
        ([[[0, 1]]], r"not int64 of shape \(1, 1, 2\)"),
        ([[0.0, 1.0]], "not float64 of shape"),
        ([[True, False]], "not bool of shape"),
        ([["0", "1"]], "not <U1 of shape"),
        ([], r"not float64 of shape \(0,\)"),
        (np.zeros((2, 0), int), r"with k of 1 or more, not int64 of shape \(2, 0\)"),
        ([[0], []], r"moves must be integers of shape \[num_moves, k\]"),
        ([[0, 1], [4, 5]], r"Move 1, \[4, 5\], leaves the lattice: name .* 0 to 4 of Chain\(5\)"),
        ([[0, -1]], r"Move 0, \[0, -1\], leaves the lattice"),
        ([[0, 1], [2, 3], [3, 3]], r"Move 2, \[3, 3\], flips a site twice"),
        ([[1, 0, 1]], r"Move 0, \[1, 0, 1\], flips a site twice"),
    ],
    ids=str,
)
def test_moves_that_are_none_are_refused_where_they_are_made(moves, message):
    with pytest.raises(ValueError, match=message) as error:
        Own(vmc.Chain(5), moves)
    assert "\n" not in str(error.value)


def imaginary(x):
    single = keras.backend.standardize_dtype(x.dtype) == "float32"
    return ops.cast(x, "complex64" if single else "complex128") * 1j


def of_the_other_precision(x):
    single = keras.backend.standardize_dtype(x.dtype) == "float32"
    return ops.cast(x, "complex128" if single else "complex64") * 1j


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"elements": of_the_other_precision},
            "elements must return float32 .*, not complex128 of",
        ),
        ({"diagonal": imaginary}, r"diagonal must return float32 of shape .*, not complex64 of"),
        ({"elements": lambda x: ops.cast(x, "int32")}, "elements .* not int32 of shape"),
        ({"diagonal": lambda x: ops.cast(x, "bool")}, "diagonal .* not bool of shape"),
        # Of one precision only, whatever is asked for.
        ({"elements": lambda x: ops.cast(x, "float32")}, "must return float64 .* not float32 of"),
        ({"diagonal": lambda x: ops.cast(x, "float16")}, "must return float32 .* not float16 of"),
        ({"elements": lambda x: x[:, :-1]}, r"of shape \(2, 5\) for .*, not .* shape \(2, 4\)"),
        ({"elements": ops.transpose}, r"of shape \(2, 5\) for .*, not .* shape \(5, 2\)"),
        ({"elements": lambda x: x[0]}, r"of shape \(2, 5\) for .*, not .* shape \(5,\)"),
        ({"elements": lambda x: x[:, :1]}, r"of shape \(2, 5\) for .*, not .* shape \(2, 1\)"),
        ({"diagonal": lambda x: x[:, None]}, r"of shape \(2,\) for .*, not .* shape \(2, 1\)"),
        ({"diagonal": lambda x: x[0]}, r"of shape \(2,\) for .*, not .* shape \(\)"),
        ({"diagonal": lambda x: 0.0}, r"of shape \(2,\) for .*, not .* of shape \(\)"),
        ({"diagonal": lambda x: None}, r"of shape \(2,\) for .*, not NoneType of shape \(\)"),
    ],
)
def test_elements_that_are_none_are_refused_wherever_they_are_used(change, message):
    said = set()
    for use in USES:
        with pytest.raises(ValueError, match=rf"^Own\..*{message}") as error:
            use(Own(vmc.Chain(5), **change))
        said.add(str(error.value))
    assert len(said) == 1
    assert "\n" not in said.pop()


def test_it_looks_once():
    hamiltonian = Own(vmc.Chain(5))
    matrix(hamiltonian)
    seen = hamiltonian.calls
    wf = models.GRUChain(units=2)
    for _ in range(3):
        hamiltonian.local_energy(wf, np.zeros((1, 5), int))
    assert hamiltonian.calls == seen + 3


@pytest.mark.skipif(backend_is_torch(), reason="PyTorch traces no graph")
def test_it_looks_while_a_graph_is_traced():
    """Where the first use of a Hamiltonian is in the middle of one."""
    base = models.GRUChain(units=2)
    spins = base.sample(4, (5,), seed=0)
    for wf in (base, models.Symmetrized(base, "reflection", marshall_frame=False)):
        hamiltonian, expected = (Own(vmc.Chain(5)) for _ in range(2))

        def energies(spins, hamiltonian=hamiltonian, wf=wf):
            return hamiltonian.local_energy_parts(wf, spins)[0]

        if keras.backend.backend() == "tensorflow":
            import tensorflow as tf

            found = tf.function(energies, autograph=False)(spins)
        else:
            import jax

            found = jax.jit(energies)(spins)
        np.testing.assert_allclose(
            ops.convert_to_numpy(found),
            ops.convert_to_numpy(expected.local_energy_parts(wf, spins)[0]),
            rtol=1e-5,
        )
