"""The lattice: causality, normalisation, sampling, flips, its LSTM."""

import keras
import numpy as np
import pytest
from keras import ops

import models
import vmc
from models.backend import compiled
from tests.helpers import brute_force_ratios, chi_squared_p, psi, ratios

pytestmark = pytest.mark.eager
ANY_BACKEND = pytest.mark.any_backend
OPTIONS = [
    {},
    {"layer_norm": True, "edge_distance": 3},
    {"phase": "none", "marshall_sign": True, "total_sz": "smallest"},
]


def make_lattice(random_weights, sites, num_layers=2, **options):
    if options.get("total_sz") == "smallest":
        options["total_sz"] = sites % 2 / 2
    return random_weights(models.LSTMLattice(units=6, num_layers=num_layers, **options))


@ANY_BACKEND
def test_cell_is_that_of_keras():
    """`keras.layers.LSTMCell` is equations 13 to 18 too."""
    rng = np.random.default_rng(0)
    ours, theirs = models.LSTMCell(5), keras.layers.LSTMCell(5)
    ours.build((None, 3))
    theirs.build((None, 3))
    kernel, bias = (rng.normal(size=w.shape) for w in ours.get_weights())
    theirs.set_weights([kernel[:3], kernel[3:], bias])
    ours.set_weights([kernel, bias])
    inputs = rng.normal(size=(4, 3)).astype("float32")
    states = [rng.normal(size=(4, 5)).astype("float32") for _ in range(2)]
    for one, other in zip(ours(inputs, states)[1], theirs(inputs, states)[1]):
        np.testing.assert_allclose(
            ops.convert_to_numpy(one), ops.convert_to_numpy(other), atol=1e-6
        )


@pytest.mark.parametrize("num_layers", [1, pytest.param(2, marks=ANY_BACKEND), 3, 4, 5])
def test_causal(random_weights, num_layers):
    wf = make_lattice(random_weights, 12, num_layers, layer_norm=num_layers == 3)
    spins = ops.convert_to_numpy(wf.sample(2, (3, 4), seed=0))

    compiled_contexts = compiled(models.LSTMLattice.contexts)

    def contexts(spins):
        return ops.convert_to_numpy(compiled_contexts(wf, ops.convert_to_tensor(spins, "int32")))

    before = contexts(spins)
    for site in range(12):
        changed = spins.copy().reshape(2, 12)
        changed[:, site] = 1 - changed[:, site]
        difference = abs(contexts(changed.reshape(2, 3, 4)) - before).max(axis=(0, 2))
        assert (difference[: site + 1] == 0.0).all()
        assert site == 11 or difference[site + 1 :].max() > 0


@pytest.mark.parametrize(
    "shape",
    [(2, 2), (3, 3), pytest.param((2, 5), marks=ANY_BACKEND), (4, 3), (1, 4), (4, 1)],
)
@pytest.mark.parametrize("options", OPTIONS)
def test_normalised(random_weights, shape, options):
    wf = make_lattice(random_weights, np.prod(shape), **options)
    weights = abs(psi(wf, vmc.configurations(shape))) ** 2
    assert weights.sum() == pytest.approx(1, abs=1e-5)


@ANY_BACKEND
@pytest.mark.parametrize("options", OPTIONS)
def test_samples_follow_the_enumerated_probabilities(random_weights, options):
    wf = make_lattice(random_weights, 6, **options)
    probabilities = abs(psi(wf, vmc.configurations((2, 3)))) ** 2
    assert chi_squared_p(wf.sample(20_000, (2, 3), seed=2), probabilities) > 1e-3


@pytest.mark.parametrize("options", [*OPTIONS[:2], pytest.param(OPTIONS[2], marks=ANY_BACKEND)])
def test_sampling_sees_the_conditionals_of_a_full_pass(random_weights, monkeypatch, options):
    """Log-probabilities accumulated while sampling equal those of `wf(spins)`."""
    wf = make_lattice(random_weights, 35, **options)
    contexts = []
    original = wf.choose

    def recording(context, *rest):
        contexts.append(context)
        return original(context, *rest)

    # Run plainly, without a graph, so that the recorded contexts are values.
    monkeypatch.setattr(wf, "choose", recording)
    with run_eagerly():
        uniforms = np.random.default_rng(0).random((3, 35)).astype("float32")
        spins = type(wf).draw.__wrapped__(wf, ops.convert_to_tensor(uniforms), shape=(5, 7))
    recorded = ops.stack(contexts, axis=1)
    assert recorded.shape == (3, 35, 6)
    log_p, _ = wf.read_conditionals(spins, recorded)
    log_amplitude, _ = wf(spins)
    np.testing.assert_allclose(
        ops.convert_to_numpy(ops.sum(log_p, axis=1)) / 2,
        ops.convert_to_numpy(log_amplitude),
        rtol=0, atol=1e-5,
    )  # fmt: skip


def run_eagerly():
    if keras.backend.backend() == "jax":
        import jax

        return jax.disable_jit()
    import contextlib

    return contextlib.nullcontext()


@pytest.mark.parametrize("shape", [pytest.param((2, 2), marks=ANY_BACKEND), (3, 5), (6, 6)])
@pytest.mark.parametrize("options", OPTIONS)
def test_flip_ratios(random_weights, in_double, shape, options):
    wf = make_lattice(random_weights, np.prod(shape), **options)
    lattice = vmc.Square(*shape)
    spins = ops.convert_to_numpy(wf.sample(3, shape, seed=3))
    oracle = in_double(wf)
    bonds = np.concatenate([lattice.bonds(1), lattice.bonds(2)[:, ::-1]])
    for sites in (bonds, np.arange(lattice.num_sites)[:, None]):
        np.testing.assert_allclose(
            ratios(wf.flip_log_ratio(spins, sites)),
            brute_force_ratios(oracle, spins, sites),
            atol=5e-5, rtol=5e-5,
        )  # fmt: skip


@ANY_BACKEND
def test_errors(random_weights):
    with pytest.raises(ValueError, match=r"\[batch, rows, columns\], not \(2, 4\)"):
        make_lattice(random_weights, 4)(np.zeros((2, 4), int))
    with pytest.raises(ValueError, match=r"lattices of two axes, not on \(4,\)"):
        make_lattice(random_weights, 4).sample(2, (4,))
