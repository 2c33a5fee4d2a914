"""Amplitudes where the size of the batch is not known: as of a plain call."""

import keras
import numpy as np
import pytest
from keras import ops

import models
from models.layers import processor
from tests.helpers import backend_is_tensorflow, backend_is_torch

pytestmark = pytest.mark.any_backend

ALL = {"phase": "free", "marshall_sign": True, "layer_norm": True, "edge_distance": 2}


def chain(**options):
    return models.GRUChain(units=4, **options)


def lattice(**options):
    return models.LSTMLattice(**{"units": 4, "num_layers": 1, **options})


def gated(**options):
    return models.GatedLattice(units=4, **options)


def averaged(base, group, **options):
    return lambda: models.Symmetrized(base(**options), group, spin_flip=True)


CASES = {
    "chain": (chain, (6,)),
    "chain with all options": (lambda: chain(total_sz=0, **ALL), (6,)),
    "chain without phase": (lambda: chain(phase="none", total_sz=-1), (6,)),
    "one site": (lambda: chain(edge_distance=2), (1,)),
    "lattice": (lattice, (2, 3)),
    "lattice of two layers with all options": (
        lambda: lattice(num_layers=2, total_sz=0, **ALL), (2, 3),
    ),
    "lattice without phase": (lambda: lattice(num_layers=2, phase="none", total_sz=1), (2, 3)),
    "row": (lambda: lattice(edge_distance=1), (1, 3)),
    "column": (lambda: lattice(num_layers=2), (3, 1)),
    "gated lattice with all options": (lambda: gated(total_sz=0, **ALL), (2, 3)),
    "gated row": (lambda: gated(tensorized=False, edge_distance=1), (1, 3)),
    "averaged chain": (averaged(chain, "reflection", total_sz=0, **ALL), (6,)),
    "averaged lattice": (averaged(lattice, "square", num_layers=2, edge_distance=1), (2, 2)),
}  # fmt: skip


def by_predict(wf, spins, folder):
    return wf.predict(spins, batch_size=8, verbose=0)


def by_functional_model(wf, spins, folder):
    inputs = keras.Input(spins.shape[1:], dtype="int32")
    outputs = keras.Model(inputs, wf(inputs))
    np.testing.assert_allclose(  # the two ways to use it
        outputs.predict(spins, batch_size=16, verbose=0)[0],
        ops.convert_to_numpy(outputs(spins)[0]), rtol=1e-5, atol=1e-5,
    )  # fmt: skip
    return outputs(spins)


def by_data(wf, spins, folder):
    import tensorflow as tf

    parts = list(tf.data.Dataset.from_tensor_slices(spins).batch(8).map(wf))
    return [np.concatenate(part) for part in zip(*parts)]


def by_function(wf, spins, folder):
    import tensorflow as tf

    signature = [tf.TensorSpec([None, *spins.shape[1:]], tf.int32)]
    return tf.function(wf, input_signature=signature)(spins)


def by_export(wf, spins, folder):
    import tensorflow as tf

    wf.export(folder / "exported", verbose=False)
    loaded = tf.saved_model.load(folder / "exported")
    return loaded.serve(spins)


def by_symbolic_export(wf, spins, folder):
    import jax
    import jax.export

    (batch,) = jax.export.symbolic_shape("batch")
    shape = jax.ShapeDtypeStruct((batch, *spins.shape[1:]), "int32")
    exported = jax.export.export(jax.jit(lambda spins: wf(spins)))(shape)
    return exported.call(spins)


WAYS = {
    "tensorflow": [by_functional_model, by_data, by_function, by_export],
    "jax": [by_functional_model, by_symbolic_export],
    "torch": [by_functional_model],
}[keras.backend.backend()]
OF_EACH_KIND = [
    "chain with all options", "lattice", "gated lattice with all options", "averaged chain"
]  # fmt: skip


@pytest.mark.parametrize(
    ("case", "way"),
    [(case, by_predict) for case in CASES] + [(c, way) for c in OF_EACH_KIND for way in WAYS],
)
def test_as_of_a_plain_call(case, way, random_weights, tmp_path):
    make, shape = CASES[case]
    wf = random_weights(make())
    spins = np.random.default_rng(0).integers(0, 2, size=(19, *shape)).astype("int32")
    expected = [ops.convert_to_numpy(x) for x in wf(spins)]
    found = [ops.convert_to_numpy(x) for x in way(wf, spins, tmp_path)]
    for one, other in zip(found, expected, strict=True):
        assert one.shape == (19,)
        assert one.dtype == other.dtype
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("case", ["chain", "lattice"])
def test_in_float64(case, random_weights, in_double):
    make, shape = CASES[case]
    wf = in_double(random_weights(make()))
    spins = np.random.default_rng(0).integers(0, 2, size=(19, *shape)).astype("int32")
    for one, other in zip(wf.predict(spins, batch_size=8, verbose=0), wf(spins), strict=True):
        assert one.dtype == "float64"
        np.testing.assert_allclose(one, ops.convert_to_numpy(other), rtol=1e-12, atol=1e-12)


def test_where_both_ways_run_in_one_loop(random_weights, monkeypatch):
    monkeypatch.setattr(processor, "has_accelerator", lambda: True)
    wf = random_weights(lattice(num_layers=2, **ALL))
    spins = np.random.default_rng(0).integers(0, 2, size=(19, 2, 3)).astype("int32")
    for one, other in zip(wf.predict(spins, batch_size=8, verbose=0), wf(spins)):
        np.testing.assert_allclose(one, ops.convert_to_numpy(other), rtol=1e-5, atol=1e-5)


@pytest.mark.skipif(not backend_is_tensorflow(), reason="knows all shapes but TensorFlow")
@pytest.mark.parametrize("case", ["chain with all options", "column", "averaged lattice"])
def test_none_at_all(case):
    import tensorflow as tf

    make, shape = CASES[case]
    function = tf.function(make(), input_signature=[tf.TensorSpec([None, *shape], tf.int32)])
    assert [x.shape for x in function(np.zeros((0, *shape), "int32"))] == [(0,), (0,)]


@pytest.mark.skipif(not backend_is_tensorflow(), reason="is TensorFlow Probability's")
@pytest.mark.parametrize("case", ["chain", "averaged chain"])
def test_probabilities(case, random_weights):
    import tensorflow as tf

    make, shape = CASES[case]
    born = models.BornDistribution(random_weights(make()), shape)
    spins = np.random.default_rng(0).integers(0, 2, size=(3, 5, *shape)).astype("int32")
    signature = [tf.TensorSpec([None, None, *shape], tf.int32)]
    for method in (born.log_prob, born.prob):
        found = tf.function(method, input_signature=signature)(spins)
        np.testing.assert_allclose(found, method(spins), rtol=1e-5)


def traced(function, shape):
    """Traces a function of spins for any batch."""
    if backend_is_tensorflow():
        import tensorflow as tf

        return tf.function(function).get_concrete_function(tf.TensorSpec([None, *shape], tf.int32))
    import jax
    import jax.export

    (batch,) = jax.export.symbolic_shape("batch")
    return jax.eval_shape(function, jax.ShapeDtypeStruct((batch, *shape), "int32"))


@pytest.mark.skipif(backend_is_torch(), reason="PyTorch traces no graph")
@pytest.mark.parametrize("case", ["chain", "lattice", "averaged chain"])
def test_what_needs_to_know_it_says_so(case):
    make, shape = CASES[case]
    wf = make()
    width = wf.uniforms_per_sample(shape)
    for function, of, name in (
        (lambda spins: wf.flip_log_ratio(spins, [[0]]), shape, "flip_log_ratio"),
        (lambda numbers: wf.draw(numbers, shape=shape), (width,), "draw"),
    ):
        with pytest.raises(ValueError, match=f"{name} needs to know all lengths") as error:
            traced(function, of)
        # TensorFlow puts the way there before it.
        assert name in str(error.value).strip().splitlines()[-1]


def test_lattices_must_be_known():
    with pytest.raises(ValueError, match=r"spins of the shape \(None, None\) are on no known lat"):
        chain()(keras.Input((None,), dtype="int32"))


def test_exports_need_a_lattice(tmp_path):
    with pytest.raises(ValueError, match="export needs the lattice's shape: call the wave func"):
        chain().export(tmp_path / "exported")


@pytest.mark.skipif(not backend_is_tensorflow(), reason="is TensorFlow's format")
def test_exports_of_a_given_lattice(tmp_path, random_weights):
    import tensorflow as tf

    wf = random_weights(chain())
    signature = [keras.InputSpec(shape=(None, 5), dtype="int32")]
    wf.export(tmp_path / "exported", input_signature=signature, verbose=False)
    spins = np.random.default_rng(0).integers(0, 2, size=(4, 5)).astype("int32")
    loaded = tf.saved_model.load(tmp_path / "exported")
    found = loaded.serve(spins)
    np.testing.assert_allclose(found[0], wf(spins)[0], rtol=1e-5)
