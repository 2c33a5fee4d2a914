"""What Hamiltonians know of their ground states' signs, against exact diagonalisation."""

import warnings
from typing import ClassVar

import keras
import numpy as np
import pytest
from keras import ops
from scipy.sparse import linalg

import models
import vmc
from models.symmetry import permutations
from tests.helpers import Tabulated, exact_energy, psi

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]


class Triangular(vmc.Lattice):
    """Squares with one of their diagonals."""

    steps: ClassVar = {1: [(0, 1), (1, 0), (1, 1)]}


class Field(vmc.Hamiltonian):
    """-sum_i (x_i sigma^x_i + z_i sigma^z_i), which says nothing about its signs."""

    def __init__(self, lattice, x=1.0, z=0.0):
        self.x, self.z = (np.broadcast_to(np.asarray(h, float), lattice.num_sites) for h in (x, z))
        super().__init__(lattice, np.arange(lattice.num_sites)[:, None])

    def diagonal(self, z):
        return -ops.sum(ops.cast(self.z, z.dtype) * z, axis=1)

    def elements(self, z):
        return -ops.cast(self.x, z.dtype) * ops.ones_like(z)


class Exchange(vmc.Hamiltonian):
    """sum_<ij> 1/2 (S+_i S-_j + S-_i S+_j) + anisotropy S^z_i S^z_j, which says nothing either."""

    conserves_sz = True

    def __init__(self, lattice, sign=1.0, anisotropy=1.0):
        self.sign, self.anisotropy = sign, anisotropy
        super().__init__(lattice, lattice.bonds())

    def _products(self, z):
        return ops.take(z, self.moves[:, 0], axis=1) * ops.take(z, self.moves[:, 1], axis=1)

    def diagonal(self, z):
        return self.anisotropy / 4 * ops.sum(self._products(z), axis=1)

    def elements(self, z):
        return self.sign / 4 * (1 - self._products(z))


LATTICES = [
    *(vmc.Chain(n, periodic=periodic) for n in (2, 3, 4, 5, 6) for periodic in (False, True)),
    vmc.Square(2),
    vmc.Square(2, 3),
    vmc.Square(3),
    vmc.Square(2, 4, periodic=[False, True]),
    vmc.Square(3, periodic=[True, False]),
    Triangular((2, 2)),
    Triangular((2, 3)),
]
COUPLINGS = [(j1, j2) for j1 in (1, 0, -1) for j2 in (-0.5, 0, 0.5)]


def heisenbergs(lattice):
    orders = COUPLINGS if 2 in lattice.steps else [(1, 0), (-1, 0)]
    return [vmc.Heisenberg(lattice, j1, j2) for j1, j2 in orders]


def isings(lattice):
    fields = [(field, coupling) for field in (0.8, -0.8) for coupling in (1.2, -1.2)]
    return [vmc.Ising(lattice, field, coupling) for field, coupling in fields]


def marshall_signs(lattice):
    spins = vmc.configurations(lattice.shape)
    even = np.indices(lattice.shape).sum(axis=0) % 2 == 0
    return (-1.0) ** spins[:, even].sum(axis=1)


def matrix(hamiltonian, num_up=None):
    """The full matrix, or that of the configurations with so many up spins, and their numbers."""
    spins = vmc.configurations((hamiltonian.lattice.num_sites,))
    chosen = np.flatnonzero((spins.sum(axis=1) == num_up) | (num_up is None))
    return hamiltonian.to_sparse()[chosen][:, chosen].toarray(), chosen


def lowest(hamiltonian, num_up):
    """A ground state of a sector, `[2^n]`."""
    block, chosen = matrix(hamiltonian, num_up)
    if len(block) > 500:
        _, vectors = linalg.eigsh(block, k=1, which="SA")
    else:
        _, vectors = np.linalg.eigh(block)
    state = np.zeros(2**hamiltonian.lattice.num_sites)
    state[chosen] = vectors[:, 0]
    return state


@pytest.mark.parametrize("lattice", LATTICES, ids=repr)
@pytest.mark.one_backend
def test_signs_are_those_of_exact_ground_states(lattice):
    """Where nothing is said, nothing is tested; what is said holds as near S^z = 0 as can be."""
    for hamiltonian in heisenbergs(lattice) + isings(lattice):
        num_up = lattice.num_sites // 2 if hamiltonian.conserves_sz else None
        block, chosen = matrix(hamiltonian, num_up)
        energy = np.linalg.eigvalsh(block)[0]
        for marshall_sign in (False, True):
            signs = marshall_signs(lattice)[chosen] if marshall_sign else np.ones(len(chosen))
            rotated = signs[:, None] * block * signs
            # What is positive only raises the energy of a positive state.
            lower_bound = np.linalg.eigvalsh(
                np.where(np.eye(len(block)), rotated, np.minimum(rotated, 0))
            )[0]
            structure = hamiltonian.sign_structure(marshall_sign)
            if structure == "exact":
                assert lower_bound == pytest.approx(energy, abs=1e-9), (hamiltonian, marshall_sign)
            elif structure == "wrong":
                assert lower_bound > energy + 1e-3, (hamiltonian, marshall_sign)
            else:
                assert structure == "open"
                assert hamiltonian.j2 or not lattice.bipartite()


@pytest.mark.parametrize(
    ("hamiltonian", "plain", "marshall"),
    [
        (vmc.Heisenberg(vmc.Chain(6)), "wrong", "exact"),
        (vmc.Heisenberg(vmc.Chain(6), j2=-0.1), "wrong", "exact"),
        (vmc.Heisenberg(vmc.Chain(6), j2=0.1), "wrong", "open"),
        (vmc.Heisenberg(vmc.Chain(6), j1=-1), "exact", "wrong"),
        (vmc.Heisenberg(vmc.Chain(6), j1=-1, j2=0.1), "open", "wrong"),
        (vmc.Heisenberg(vmc.Chain(6), j1=0, j2=1), "wrong", "wrong"),
        (vmc.Heisenberg(vmc.Chain(5, periodic=True)), "wrong", "open"),
        # The same three bonds of both orders: 0.1 - 0.1.
        (vmc.Heisenberg(vmc.Chain(3, periodic=True), j1=0.1, j2=-0.1), "exact", "exact"),
        (vmc.Ising(vmc.Chain(6)), "exact", "wrong"),
        (vmc.Ising(vmc.Chain(6), field=-1), "wrong", "wrong"),
        (vmc.Ising(vmc.Chain(6), field=0), "exact", "exact"),
        (Field(vmc.Chain(6)), "exact", "wrong"),
        (Field(vmc.Chain(6), -1), "wrong", "wrong"),
        (Field(vmc.Chain(6), np.linspace(-1, 1, 6)), None, None),
        (Exchange(vmc.Chain(6)), None, "exact"),
        (Exchange(vmc.Chain(6), -1), "exact", None),
    ],
    ids=lambda value: getattr(value, "label", value),
)
@pytest.mark.one_backend
def test_sign_structures(hamiltonian, plain, marshall):
    assert hamiltonian.sign_structure(False) == plain
    assert hamiltonian.sign_structure(True) == marshall


def chain(**options):
    return models.GRUChain(units=4, **{"phase": "none", **options})


@pytest.mark.parametrize(
    ("hamiltonian", "options", "advice"),
    [
        (vmc.Heisenberg(vmc.Chain(4)), {}, "use marshall_sign=True"),
        (vmc.Heisenberg(vmc.Chain(4), j2=0.1), {}, 'use phase="free"'),
        (vmc.Heisenberg(vmc.Chain(4), j1=-1), {"marshall_sign": True}, "use marshall_sign=False"),
        (vmc.Heisenberg(vmc.Chain(5, periodic=True)), {}, 'use phase="free"'),
        (vmc.Ising(vmc.Chain(4), field=-1), {}, 'use phase="free"'),
        (vmc.Ising(vmc.Chain(4), field=-1), {"marshall_sign": True},
         'use marshall_sign=False and phase="free"'),
        (vmc.Ising(vmc.Chain(4)), {"marshall_sign": True}, "use marshall_sign=False"),
        (Field(vmc.Chain(4), -1), {}, 'Field on Chain(4) has signs, .* use phase="free"'),
    ],
    ids=lambda value: getattr(value, "label", str(value)),
)  # fmt: skip
@pytest.mark.parametrize("averaged", [False, True])
@pytest.mark.one_backend
def test_signs_that_are_wrong_are_refused(hamiltonian, options, advice, averaged):
    wf = chain(**options)
    if averaged:
        wf = models.Symmetrized(wf, "reflection", marshall_frame=hamiltonian.marshall_frame)
    advice = advice.replace("(4)", r"\(4\)")
    for refusing in (hamiltonian.check, lambda wf: vmc.VMC(wf, hamiltonian)):
        with pytest.raises(ValueError, match=advice) as error:
            refusing(wf)
        assert "\n" not in str(error.value)
    # A network for phases can undo what is missing, but not a wrong sign in every sample.
    free = chain(phase="free", **options)
    if options:
        with pytest.raises(ValueError, match="does not have the Marshall sign"):
            hamiltonian.check(free)
    else:
        hamiltonian.check(free)


@pytest.mark.parametrize(
    ("hamiltonian", "options"),
    [
        (vmc.Heisenberg(vmc.Chain(4)), {"marshall_sign": True}),
        (vmc.Heisenberg(vmc.Square(2, 3), j2=-1), {"marshall_sign": True}),
        (vmc.Heisenberg(vmc.Chain(4), j1=-1), {}),
        (vmc.Heisenberg(vmc.Chain(4), j2=0.1), {"marshall_sign": True, "phase": "free"}),
        (vmc.Ising(vmc.Chain(4), coupling=-1), {}),
        (Field(vmc.Chain(4), np.linspace(-1, 1, 4)), {}),
        (Exchange(vmc.Chain(4)), {}),
    ],
    ids=lambda value: getattr(value, "label", str(value)),
)
@pytest.mark.one_backend
def test_signs_that_are_right_or_nobody_asked_for_say_nothing(hamiltonian, options):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        square = len(hamiltonian.lattice.shape) == 2
        wf = models.LSTMLattice(units=2, phase="none", **options) if square else chain(**options)
        hamiltonian.check(wf)


@pytest.mark.parametrize(
    ("hamiltonian", "options"),
    [
        (vmc.Heisenberg(vmc.Chain(4), j2=0.1), {"marshall_sign": True}),
        (vmc.Heisenberg(vmc.Chain(4), j1=-1, j2=0.1), {}),
    ],
    ids=lambda value: getattr(value, "label", str(value)),
)
@pytest.mark.one_backend
def test_an_open_question_is_told_once(hamiltonian, options):
    wf = chain(total_sz=0, **options)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model = vmc.VMC(wf, hamiltonian, num_samples=10)
        model.compile(keras.optimizers.SGD(0.0))
        model.fit(steps_per_epoch=1, verbose=0)
        hamiltonian.check(wf)
        vmc.estimate_energy(wf, hamiltonian, 10)
    ours = [w for w in told if "Nobody knows whether the ground state" in str(w.message)]
    assert len(ours) == 1
    assert ours[0].filename == __file__


def test_energies_of_states_with_other_signs_can_be_measured():
    """Only training them would be in vain."""
    hamiltonian = vmc.Heisenberg(vmc.Chain(4))
    wf = chain(total_sz=0)
    expected, _ = exact_energy(wf, hamiltonian)
    estimate = vmc.estimate_energy(wf, hamiltonian, 2000, seed=0)
    assert abs(estimate.mean - expected.real) < 5 * estimate.std_error


class Sector(Tabulated):
    """A state of one S^z."""

    def __init__(self, state, total_sz=None):
        super().__init__(state)
        self.total_sz = total_sz


def group_of(lattice):
    if len(lattice.shape) == 1:
        return "reflection"
    return "square" if lattice.shape[0] == lattice.shape[1] else "rectangle"


@pytest.mark.parametrize(
    "lattice",
    [
        *(vmc.Chain(n, periodic=periodic) for n in (4, 5, 6, 7) for periodic in (False, True)),
        vmc.Square(2),
        vmc.Square(2, 3),
        vmc.Square(3),
        vmc.Square(4, 3),
        vmc.Square(2, 4, periodic=[False, True]),
    ],
    ids=repr,
)
def test_averages_that_pass_are_what_they_average(lattice):
    """And those that are refused are not: in both frames, with and without a flip of all spins."""
    n = lattice.num_sites
    known = [(vmc.Heisenberg(lattice), (n // 2, n // 2 - 1)), (vmc.Ising(lattice, -0.7), [None])]
    known += [(vmc.Heisenberg(lattice, j1=-1), (n // 2, n // 2 - 1)), (vmc.Ising(lattice), [None])]
    for hamiltonian, sectors in known:
        if hamiltonian.sign_sites() is None:  # odd rings
            continue
        for num_up in sectors:
            total_sz = None if num_up is None else num_up - n / 2
            state = (
                vmc.ground_state(hamiltonian)[1] if num_up is None else lowest(hamiltonian, num_up)
            )
            for spin_flip in (False, True) if not total_sz else (False,):
                for frame in (False, True):
                    wf = models.Symmetrized(
                        Sector(state, total_sz), group_of(lattice), spin_flip, marshall_frame=frame
                    )
                    overlap = abs(np.vdot(psi(wf, vmc.configurations(lattice.shape)), state))
                    if overlap > 1 - 1e-4:
                        hamiltonian.check(wf)
                        assert exact_energy(wf, hamiltonian)[0].real == pytest.approx(
                            exact_energy(wf.base, hamiltonian)[0].real, abs=1e-4
                        )
                    else:
                        with pytest.raises(ValueError, match="changes its sign among the images"):
                            hamiltonian.check(wf)


@pytest.mark.parametrize(
    ("hamiltonian", "frame"),
    [
        (vmc.Heisenberg(vmc.Chain(10)), True),
        (vmc.Heisenberg(vmc.Chain(10), j2=0.2), True),
        (vmc.Heisenberg(vmc.Square(2, 3, periodic=[True, False])), True),
        (vmc.Heisenberg(vmc.Chain(10), j1=-1), False),
        (vmc.Heisenberg(vmc.Chain(10), j1=-1, j2=0.2), False),
        (vmc.Heisenberg(vmc.Chain(5, periodic=True)), False),
        (vmc.Heisenberg(Triangular((2, 3))), False),
        (vmc.Ising(vmc.Chain(10)), False),
        (vmc.Ising(vmc.Chain(10), field=-1), False),
        (Field(vmc.Chain(10)), False),
        (Exchange(vmc.Chain(10)), True),
        (Exchange(vmc.Chain(10), -1), False),
        (Field(vmc.Chain(10), np.linspace(-1, 1, 10)), None),
    ],
    ids=lambda value: getattr(value, "label", value),
)
@pytest.mark.one_backend
def test_the_frame_is_the_hamiltonians(hamiltonian, frame):
    assert hamiltonian.marshall_frame is frame
    lattice = hamiltonian.lattice
    stage = vmc.Stage(lattice, 1, group="reflection" if len(lattice.shape) == 1 else "rectangle")
    for marshall_sign in (False, True):
        base = models.GRUChain(4, marshall_sign=marshall_sign)
        if len(lattice.shape) == 2:
            base = models.LSTMLattice(4, 1, marshall_sign=marshall_sign)
        averaged = stage.wave_function(base, lambda _: hamiltonian)
        assert averaged.marshall_frame is (marshall_sign if frame is None else frame)
    assert stage.wave_function(base).marshall_frame is lattice.bipartite()


class Declared(Field):
    """One that knows what its elements do not tell."""

    marshall_frame = True


def test_a_class_can_say_which_frame():
    def declared(lattice):
        return Declared(lattice, np.linspace(-1, 1, lattice.num_sites))

    stage = vmc.Stage(vmc.Chain(6), 1, group="reflection")
    assert stage.wave_function(models.GRUChain(2), declared).marshall_frame


@pytest.mark.parametrize(
    ("hamiltonian", "options", "message"),
    [
        (vmc.Ising(vmc.Chain(6)), {"marshall_frame": True}, "use marshall_frame=False"),
        (vmc.Heisenberg(vmc.Chain(6)), {"marshall_frame": False}, "use marshall_frame=True"),
        (vmc.Ising(vmc.Chain(5), field=-1), {"spin_flip": True, "marshall_frame": False},
         "use spin_flip=False"),
        (vmc.Ising(vmc.Chain(6), field=-1), {"spin_flip": True, "marshall_frame": True},
         "use marshall_frame=False"),
        (vmc.Ising(vmc.Chain(7), field=-1), {"spin_flip": True, "marshall_frame": True},
         "use marshall_frame=False and spin_flip=False"),
        (Field(vmc.Chain(6), np.arange(1.0, 7)), {}, "'reflection': do not average over it"),
        (Field(vmc.Chain(6), z=np.arange(6)), {}, "'reflection': do not average over it"),
        (Field(vmc.Chain(6), z=0.3), {"spin_flip": True}, "use spin_flip=False"),
        (vmc.Heisenberg(vmc.Square(3, periodic=[True, False])), {}, "use 'rectangle'"),
        (vmc.Heisenberg(Triangular((3, 3))), {}, "'square': do not average over it"),
        (vmc.Ising(Triangular((2, 2))), {}, "'square': do not average over it"),
    ],
    ids=lambda value: getattr(value, "label", str(value)),
)  # fmt: skip
@pytest.mark.one_backend
def test_averages_that_do_not_fit_are_refused(hamiltonian, options, message):
    lattice = hamiltonian.lattice
    base = models.GRUChain(4) if len(lattice.shape) == 1 else models.LSTMLattice(4, 1)
    wf = models.Symmetrized(base, group_of(lattice), **{"marshall_frame": False, **options})
    spins = vmc.configurations(lattice.shape)[:3]
    refusing = (
        hamiltonian.check,
        lambda wf: vmc.VMC(wf, hamiltonian),
        lambda wf: hamiltonian.local_energy(wf, spins),
    )
    for refuse in refusing:
        with pytest.raises(ValueError, match=message) as error:
            refuse(wf)
        assert "\n" not in str(error.value)


def test_an_average_of_an_average_is_looked_through():
    square = models.LSTMLattice(4, 1, phase="none")
    inner = models.Symmetrized(square, "rectangle", marshall_frame=True)
    wf = models.Symmetrized(inner, "square", marshall_frame=False)
    with pytest.raises(ValueError, match="use marshall_frame=False"):
        vmc.Ising(vmc.Square(2)).check(wf)
    assert models.Symmetrized(inner, "square").marshall_frame


@pytest.mark.one_backend
def test_symmetries_are_those_of_the_matrix():
    """A permutation of sites, held against the permuted matrix."""
    rng = np.random.default_rng(0)
    shape = (2, 3)
    lattices = [vmc.Square(2, 3, periodic=p) for p in (False, True, (True, False))]
    hamiltonians = [vmc.Heisenberg(lattice, j2=0.3) for lattice in lattices]
    hamiltonians += [Field(lattices[0], x=[1, 2, 1] * 2), Field(lattices[0], z=[1, 1, 1, 2, 2, 2])]
    hamiltonians += [Exchange(Triangular(shape)), vmc.Ising(lattices[2])]
    spins = vmc.configurations((6,))
    moves = [*permutations("rectangle", shape), *(rng.permutation(6) for _ in range(5))]
    seen = set()
    for hamiltonian in hamiltonians:
        full = hamiltonian.to_sparse().toarray()
        for permutation in moves:
            for spin_flip in (False, True):
                images = (1 - spins if spin_flip else spins)[:, permutation]
                numbers = images @ (1 << np.arange(6)[::-1])
                same = np.allclose(full, full[numbers][:, numbers])
                assert hamiltonian.probe.symmetric(permutation, spin_flip) == same
                seen.add(same)
    assert seen == {False, True}


def uniform(wf):
    """All weights zero: all spins along x."""
    wf.set_weights([np.zeros(w.shape) for w in wf.get_weights()])
    return wf


FREE = {
    "Ising": (lambda lattice: vmc.Ising(lattice, coupling=0.0), -1),
    "Field": (Field, -1),
    "ferromagnet": (lambda lattice: vmc.Heisenberg(lattice, j1=-1), -1 / 4),
}


@pytest.mark.parametrize(
    ("name", "shape", "spin_flip"),
    [
        ("Ising", (6,), False),
        ("Ising", (6,), True),
        ("Field", (6,), False),
        ("ferromagnet", (6,), True),
        pytest.param("ferromagnet", (2, 2), True, marks=pytest.mark.one_backend),
    ],
)
def test_a_stage_trains_the_right_average(name, shape, spin_flip):
    """Spins along x are a ground state, whose local energies are all the same."""
    make, energy = FREE[name]
    if len(shape) == 1:
        wf, lattice = models.GRUChain(2, phase="none"), vmc.Chain(*shape)
    else:
        wf, lattice = models.LSTMLattice(2, 1, phase="none"), vmc.Square(*shape)
    energy *= len(lattice.bonds()) if name == "ferromagnet" else lattice.num_sites
    group = group_of(lattice)
    stage = vmc.Stage(lattice, 2, learning_rate=1e-4, group=group, spin_flip=spin_flip)
    (history,) = vmc.retrain(uniform(wf), [stage], hamiltonian=make, verbose=0)
    np.testing.assert_allclose(history["energy"], energy, rtol=1e-4)
