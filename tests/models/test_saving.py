"""Every wave function, with every option, comes back as it was; other versions say so."""

import contextlib
import inspect
import json
import zipfile

import keras
import numpy as np
import pytest
from keras import ops

import models
from models import version, zoo
from models.backend import double_precision

pytestmark = pytest.mark.any_backend

SHARED = [
    {},
    {"phase": "none"},
    {"marshall_sign": True},
    {"total_sz": 0},
    {"total_sz": -1},
    {"layer_norm": True},
    {"edge_distance": 2},
    {"dtype": "float64"},
    {"name": "mine"},
    {"phase": "none", "marshall_sign": True, "total_sz": 0, "layer_norm": True, "edge_distance": 9},
]
LATTICE = [{"num_layers": 1}, {"num_layers": 3}, {"feedforward_units": 3}]
GROUPS = [
    ("chain", {"group": "reflection"}),
    ("chain", {"group": "reflection", "spin_flip": True}),
    ("chain", {"group": "reflection", "marshall_frame": False}),
    ("chain", {"group": "reflection", "spin_flip": True, "marshall_frame": True}),
    ("chain", {"group": "translations", "characters": (1,)}),
    ("lattice", {"group": "rectangle"}),
    ("lattice", {"group": "square", "spin_flip": True, "name": "averaged"}),
    ("gated", {"group": "square", "spin_flip": True}),
]


def chain(**options):
    return models.GRUChain(units=4, **options)


def lattice(**options):
    return models.LSTMLattice(**{"units": 4, "num_layers": 2, **options})


def gated(**options):
    return models.GatedLattice(units=4, **options)


BASES = {"chain": chain, "lattice": lattice, "gated": gated}
CASES = [
    *((chain, options) for options in SHARED),
    *((lattice, options) for options in SHARED + LATTICE),
    *((gated, options) for options in [*SHARED, {"tensorized": False}]),
    *(
        (lambda kind=kind, base=base, **group: models.Symmetrized(BASES[kind](**base), **group),
         group)
        for kind, group in GROUPS
        for base in ({}, {"total_sz": 0, "marshall_sign": True, "edge_distance": 2})
    ),
]  # fmt: skip


def some_spins(wf):
    """Configurations of its conserved S^z, on four sites: few, but all that there is to save."""
    flat = np.array([[0, 1, 0, 1], [1, 0, 0, 1], [0, 0, 1, 1]])
    if wf.total_sz:
        flat = np.eye(4, dtype=int)  # one up spin less
    return flat.reshape(-1, *((2, 2) if wf.num_axes == 2 else (4,)))


@pytest.fixture
def saved(tmp_path, random_weights):
    """Makes a wave function with weights and saves it; also where."""

    def make(make_wave_function=chain, **options):
        wf = random_weights(make_wave_function(**options))
        wf.save(tmp_path / "wf.keras")
        return wf, tmp_path / "wf.keras"

    return make


@pytest.mark.parametrize(("make", "options"), CASES)
def test_back_as_it_was(make, options, saved):
    double = options.get("dtype") == "float64"
    with double_precision() if double else contextlib.nullcontext():
        wf, path = saved(make, **options)
        copies = [keras.saving.load_model(path), type(wf).from_config(wf.get_config())]
        copies[1].set_weights(wf.get_weights())
        spins = some_spins(wf)
        expected = [ops.convert_to_numpy(x) for x in wf(spins)]
        # The first one has no amplitude at a momentum of one.
        assert np.isfinite(expected)[:, "characters" in options :].all()
        for copy in copies:
            assert type(copy) is type(wf)
            assert copy.get_config() == wf.get_config()
            for option, value in options.items():
                assert getattr(copy, option) == value, option
            for one, other in zip(copy(spins), expected):
                np.testing.assert_array_equal(ops.convert_to_numpy(one), other)
                assert ops.convert_to_numpy(one).dtype == copy.compute_dtype


@pytest.mark.one_backend
@pytest.mark.parametrize("make", [chain, lattice, gated])
def test_samples_come_back_too(make, saved):
    wf, path = saved(make, total_sz=0, edge_distance=2)
    shape = some_spins(wf).shape[1:]
    pair = (wf, keras.saving.load_model(path))
    samples, again = (ops.convert_to_numpy(w.sample(5, shape, seed=1)) for w in pair)
    np.testing.assert_array_equal(samples, again)


@pytest.mark.parametrize(
    "cls", [models.GRUChain, models.LSTMLattice, models.GatedLattice, models.Symmetrized]
)
def test_every_option_is_in_the_config(cls):
    """And was tried above."""
    options = {
        name
        for base in (cls, *cls.__bases__)
        for name, parameter in inspect.signature(base.__init__).parameters.items()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and name != "self"
    }
    wf = models.Symmetrized(chain(), "reflection") if cls is models.Symmetrized else cls(units=4)
    assert options <= wf.get_config().keys()
    tried = {option for _, given in [*CASES, *GROUPS] for option in given}
    assert options <= tried | {"units", "base"}


def as_of(path, made_by, without=(), **more):
    """Rewrites a file as another version of the package would have made it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(parts["config.json"])
    config["config"].update({version.KEY: made_by, **more})
    for option in without:
        del config["config"][option]
    if made_by is None:
        del config["config"][version.KEY]
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in (parts | {"config.json": json.dumps(config)}).items():
            archive.writestr(name, part)


def test_files_of_this_version_say_nothing(saved, recwarn):
    wf, path = saved()
    assert wf.get_config()[version.KEY] == version.VERSION
    keras.saving.load_model(path)
    as_of(path, None)  # as files were before they told
    keras.saving.load_model(path)
    assert [w for w in recwarn if w.category is version.OtherVersion] == []


@pytest.mark.parametrize("options", [{}, {"phase": "none"}, {"marshall_sign": True}])
def test_averages_of_old_are_in_the_marshall_frame(options, saved):
    """Whatever they average: they knew no other."""
    wf, path = saved(
        lambda: models.Symmetrized(chain(**options), "reflection", marshall_frame=True)
    )
    as_of(path, None, without=["marshall_frame"])
    old = keras.saving.load_model(path)
    assert old.marshall_frame is True
    for one, other in zip(old(some_spins(wf)), wf(some_spins(wf))):
        np.testing.assert_array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(other))


@pytest.mark.parametrize("make", [chain, lambda: models.Symmetrized(chain(), "reflection")])
def test_files_of_another_version_say_so(make, saved):
    wf, path = saved(make)
    as_of(path, "0.0.9")
    said = f"was saved by iterative-retraining 0.0.9, and this is {version.VERSION}: compare"
    with pytest.warns(version.OtherVersion, match=said):
        copy = keras.saving.load_model(path)
    for one, other in zip(copy(some_spins(wf)), wf(some_spins(wf))):
        np.testing.assert_array_equal(ops.convert_to_numpy(one), ops.convert_to_numpy(other))
    # What is saved now is of this version.
    assert copy.get_config() == wf.get_config()


def test_what_another_version_knows_and_this_one_does_not(saved):
    _, path = saved()
    as_of(path, "9.0.0", colour="blue")
    with pytest.raises(ValueError, match=r"by iterative-retraining 9\.0\.0, .* cannot read it:"):
        keras.saving.load_model(path)


def test_presets_of_another_version_are_vouched_for(monkeypatch, recwarn):
    monkeypatch.setattr(version, "VERSION", "0.0.1")
    zoo.load("gru-chain-80")
    assert [w for w in recwarn if w.category is version.OtherVersion] == []
