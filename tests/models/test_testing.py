"""The check of wave functions: it passes the sound ones, and names what is wrong with others."""

import keras
import pytest
from keras import ops

import models
from models.testing import check_wave_function

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: models.GRUChain(units=4, phase="free", edge_distance=2), (6,)),
        (lambda: models.LSTMLattice(units=3, num_layers=1, total_sz=0), (2, 3)),
        (lambda: models.GatedLattice(units=3), (2, 3)),
        (lambda: models.Symmetrized(models.GRUChain(units=3), "reflection"), (5,)),
    ],
    ids=["chain", "lattice", "gated", "average"],
)
def test_sound_ones_pass(make, shape, random_weights):
    wf = make()
    wf.sample(1, shape, seed=0)
    check_wave_function(random_weights(wf, scale=0.8), shape)


@keras.saving.register_keras_serializable(package="broken")
class Louder(models.GRUChain):
    """Not normalised."""

    def call(self, spins, training=False):
        log_amplitude, phase = super().call(spins)
        return log_amplitude + 0.01, phase


@keras.saving.register_keras_serializable(package="broken")
class Clairvoyant(models.GRUChain):
    """Each site sees the last one."""

    def contexts(self, spins):
        last = ops.cast(spins[:, -1:, None], self.compute_dtype)
        return super().contexts(spins) + 0 * last + 1e-3 * last


@keras.saving.register_keras_serializable(package="broken")
class Deaf(models.GRUChain):
    """Samples of something else."""

    def draw(self, uniforms, *, shape):
        return ops.cast(uniforms < 0.7, "int32")


@keras.saving.register_keras_serializable(package="broken")
class Approximate(models.GRUChain):
    """Ratios that are half right."""

    def compute_flip_log_ratio(self, spins, wanted, *, moves):
        d_log, d_phase = super().compute_flip_log_ratio(spins, wanted, moves=moves)
        return d_log * 0.9, d_phase


@keras.saving.register_keras_serializable(package="broken")
class Forgetful(models.GRUChain):
    """An option that no config keeps."""

    def __init__(self, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def contexts(self, spins):
        return self.scale * super().contexts(spins)

    def compute_flip_log_ratio(self, spins, wanted, *, moves):
        return models.WaveFunction.compute_flip_log_ratio(self, spins, wanted, moves=moves)

    def draw(self, uniforms, *, shape):
        return models.autoregressive.Autoregressive.draw(self, uniforms, shape=shape)


@pytest.mark.parametrize(
    ("wf", "message"),
    [
        (Louder(units=4), "the probabilities sum to 1.02"),
        (Clairvoyant(units=4), "the probabilities sum to|depends on sites that are visited later"),
        (Deaf(units=4), "samples do not follow the probabilities"),
        (Approximate(units=4), "flip ratios differ from whole passes"),
        (Forgetful(units=4, scale=3.0), "a file gives other amplitudes"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_broken_ones_are_named(wf, message, random_weights):
    with pytest.raises(AssertionError, match=message):
        check_wave_function(random_weights(wf), (5,))


def test_large_lattices_are_refused():
    with pytest.raises(ValueError, match="up to 16 sites, not 20"):
        check_wave_function(models.GRUChain(units=2), (20,))
