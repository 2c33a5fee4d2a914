"""What wave functions accept, and what they say to the rest."""

import keras
import numpy as np
import pytest
from keras import ops

import models

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]


def symmetrized(**options):
    return models.Symmetrized(models.GRUChain(units=4, **options), "reflection")


@pytest.fixture(params=["chain", "lattice", "gated", "symmetrized"])
def wf_and_shape(request):
    return {
        "chain": lambda: (models.GRUChain(units=4), (4,)),
        "lattice": lambda: (models.LSTMLattice(units=4, num_layers=2), (2, 2)),
        "gated": lambda: (models.GatedLattice(units=4), (2, 2)),
        "symmetrized": lambda: (symmetrized(), (4,)),
    }[request.param]()


@pytest.mark.parametrize(
    "wave_function", [models.GRUChain, models.LSTMLattice, models.GatedLattice]
)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        *(({"units": u}, "units must be a whole number above 0") for u in (0, 2.5, "4", None)),
        *(
            ({"edge_distance": d}, "edge_distance must be a whole number that is not negative")
            for d in (-1, 0.5)
        ),
        ({"phase": "some"}, "phase must be"),
        *(({"total_sz": s}, "total_sz must be a whole or half number") for s in ("a", 0.3, np.inf)),
        *(
            ({"dtype": name}, f"float32 or float64, not {name}")
            for name in ("mixed_float16", "mixed_bfloat16", "float16")
        ),
    ],
)
def test_options_are_checked(wave_function, options, message):
    with pytest.raises(ValueError, match=message):
        wave_function(**options)


@pytest.mark.parametrize("name", ["num_layers", "feedforward_units"])
@pytest.mark.parametrize("value", [0, 1.5, -2, True])
def test_options_of_lattices_are_checked(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a whole number above 0"):
        models.LSTMLattice(**{"units": 4, name: value})


def test_no_half_precision_by_a_global_policy():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        with pytest.raises(ValueError, match="float32 or float64, not mixed_bfloat16"):
            models.GRUChain(units=4)
    finally:
        keras.config.set_dtype_policy(policy)


def test_whole_numbers_of_any_type():
    wf = models.GRUChain(units=np.int64(4), edge_distance=2.0, total_sz=np.float64(0))
    assert wf.get_config() == {
        **wf.get_config(), "units": 4, "edge_distance": 2, "total_sz": 0
    }  # fmt: skip
    assert type(wf.get_config()["total_sz"]) is int
    assert models.GRUChain(units=4, total_sz=0.5).total_sz == 0.5


def test_samples_of_any_whole_number_and_seed(wf_and_shape):
    wf, shape = wf_and_shape
    expected = ops.convert_to_numpy(wf.sample(5, shape, seed=3))
    for arguments in ((5.0, shape, np.uint32(3)), (np.int16(5), np.array(shape), np.int64(3))):
        np.testing.assert_array_equal(ops.convert_to_numpy(wf.sample(*arguments)), expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        *(((3, (4,), s), "seed must be a whole number from 0") for s in (-1, 2**32, 1.5, "a")),
        *(((3, (n,)), "A length must be a whole number above 0") for n in (0, 4.5, "4")),
        *(((3, shape), "lattices of one axis") for shape in ((), (2, 2))),
        *(((n, (4,)), "num_samples must be a whole number above 0") for n in (0, 2.5, "3")),
    ],
)
def test_arguments_of_sample_are_checked(arguments, message):
    with pytest.raises(ValueError, match=message):
        models.GRUChain(units=4).sample(*arguments)


def test_lists_are_spins(wf_and_shape):
    wf, shape = wf_and_shape
    spins = np.reshape([0, 1, 1, 1], (1, *shape))
    for ours, theirs in zip(wf(spins.tolist()), wf(spins)):
        np.testing.assert_array_equal(ops.convert_to_numpy(ours), ops.convert_to_numpy(theirs))


@pytest.mark.parametrize("spins", [None, [[0, 1], [1]], [[0.5, 1]], [[]], [[2, 0]]])
def test_spins_that_are_none(spins):
    with pytest.raises(ValueError, match=r"^spins ") as error:
        models.GRUChain(units=4)(spins)
    assert "Exception encountered" not in str(error.value)


def test_no_configurations_have_no_amplitudes(wf_and_shape):
    wf, shape = wf_and_shape
    nothing = np.zeros((0, *shape), int)
    assert [tuple(x.shape) for x in wf(nothing)] == [(0,), (0,)]
    for wanted in (None, np.zeros((0, 2), bool)):
        ratios = wf.flip_log_ratio(nothing, [[0], [1]], wanted)
        assert [tuple(x.shape) for x in ratios] == [(0, 2), (0, 2)]
    no_moves = wf.flip_log_ratio(np.zeros((3, *shape), int), np.zeros((0, 1), int))
    assert [tuple(x.shape) for x in no_moves] == [(3, 0), (3, 0)]


def test_wanted_is_one_for_each_pair(wf_and_shape):
    wf, shape = wf_and_shape
    with pytest.raises(ValueError, match=r"wanted must have the shape \(3, 2\), not \(2, 3\)"):
        wf.flip_log_ratio(np.zeros((3, *shape), int), [[0], [1]], np.ones((2, 3), bool))


def test_unwanted_ratios_are_zero(wf_and_shape):
    wf, shape = wf_and_shape
    d_log, d_phase = wf.flip_log_ratio(np.zeros((1, *shape), int), [[0], [1]], [[True, False]])
    assert np.isfinite(ops.convert_to_numpy(d_log)).tolist() == [[True, False]]
    assert ops.convert_to_numpy(d_log)[0, 1] == -np.inf
    assert ops.convert_to_numpy(d_phase)[0, 1] == 0


@pytest.mark.parametrize("make", [lambda **o: models.GRUChain(units=4, **o), symmetrized])
def test_no_ratios_outside_the_sector(make):
    """There psi is zero: a ratio to it would not be a number."""
    wf = make(total_sz=0)
    with pytest.raises(ValueError, match=r"1 of the 2 configurations .* 2 up spins, .* number 1"):
        wf.flip_log_ratio([[0, 1, 0, 1], [0, 1, 1, 1]], [[0, 1]])
