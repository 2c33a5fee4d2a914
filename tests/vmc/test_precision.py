"""Single against double precision, in amplitudes, energies and training."""

import numpy as np
import pytest
from keras import ops

import models
import vmc
from tests.helpers import backend_is_tensorflow

needs_doubles = pytest.mark.skipif(
    not backend_is_tensorflow(), reason="on JAX, some of Keras' operations are single precision"
)


@needs_doubles
def test_local_energies_of_80_sites_in_single_precision():
    """Rounding is less than a thousandth of the sampling noise, and no bias."""
    hamiltonian = vmc.Heisenberg(vmc.Chain(80))
    single, double = (models.load("gru-chain-80", dtype) for dtype in ("float32", "float64"))
    spins = single.sample(200, (80,), seed=0)
    np.testing.assert_array_equal(spins, double.sample(200, (80,), seed=0))
    energies = ops.convert_to_numpy(hamiltonian.local_energy(double, spins))
    assert energies.dtype == "complex128"
    error = ops.convert_to_numpy(hamiltonian.local_energy(single, spins)) - energies
    assert abs(error).max() < 3e-5
    assert abs(error.real.mean()) < 2e-6
    assert error.std() < 1e-3 * energies.std()


@needs_doubles
@pytest.mark.parametrize("make", [
    lambda: models.GRUChain(units=4, total_sz=0),
    lambda: models.Symmetrized(models.GRUChain(units=4, layer_norm=True), "reflection"),
])  # fmt: skip
def test_a_twin_in_double_precision(make):
    wf = make()
    twin = wf.astype("float64")
    assert {v.dtype for v in twin.variables} == {"float64"}
    spins = wf.sample(10, (6,), seed=0)
    for ours, theirs in zip(wf(spins), twin(spins)):
        assert theirs.dtype == "float64"
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert wf.astype("float32") is wf
    back = twin.astype("float32").get_weights()
    for ours, theirs in zip(wf.get_weights(), back, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@needs_doubles
def test_everything_is_trained_in_double_precision():
    wf = models.GRUChain(units=4, dtype="float64")
    for options in ({"group": "reflection"}, {"direction": vmc.NaturalGradient()}):
        stage = vmc.Stage(
            vmc.Chain(6), 2, learning_rate=1e-2, num_samples=10, local_energy_clip=5.0,
            temperature=vmc.paper_temperature(), magnetization_penalty=10.0, **options,
        )  # fmt: skip
        (history,) = vmc.retrain(wf, [stage], verbose=0)
        assert history["skipped"].tolist() == [0, 0]
        # Digits that float32 does not have.
        assert (history["energy"] != history["energy"].astype("float32")).all()
    assert {v.dtype for v in wf.variables} == {"float64"}
