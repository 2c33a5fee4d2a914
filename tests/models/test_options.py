"""Options cannot be changed under the graphs that hold them."""

import keras
import numpy as np
import pytest
from keras import ops

import models
from models.layers.readout import ConditionalReadout
from models.options import ReadOnlyOptions
from models.version import KEY
from tests.helpers import ratios

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]

MAKERS = {
    "chain": lambda: models.GRUChain(units=4, layer_norm=True, edge_distance=2),
    "lattice": lambda: models.LSTMLattice(units=4, num_layers=2, layer_norm=True),
    "gated": lambda: models.GatedLattice(units=4, layer_norm=True),
    "averaged": lambda: models.Symmetrized(models.GRUChain(units=4), "reflection"),
    "gru": lambda: models.MinimalGRUCell(4),
    "lstm": lambda: models.LSTMCell(4),
    "processor": lambda: models.ProcessorLayer(4, 8, residual=True),
    "gated cell": lambda: models.GatedCell(4),
    "readout": lambda: ConditionalReadout(4),
}
NOT_OPTIONS = {"name", "trainable", KEY}  # nothing depends on them but what Keras itself reads


@pytest.fixture(params=MAKERS)
def layer(request):
    return MAKERS[request.param]()


def ours(layer):
    """The layer and those of our own in it."""
    return [one for one in layer._flatten_layers() if type(one).__module__.startswith("models.")]


def test_all_that_is_in_a_config_is_read_only(layer):
    for one in ours(layer):
        options = one.get_config().keys() - NOT_OPTIONS
        assert len(options) >= 3
        for option in options:
            name = "dtype_policy" if option == "dtype" else option
            before = getattr(one, name)
            with pytest.raises(AttributeError, match=f"{option} of {type(one).__name__} is read-"):
                setattr(one, name, before)
            assert getattr(one, name) == before


def test_it_says_what_to_do_instead():
    with pytest.raises(AttributeError, match=r"make another with wf\.copy\(total_sz=\.\.\.\)\.$"):
        models.GRUChain(units=4).total_sz = 1
    with pytest.raises(AttributeError, match=r"make another layer\.$"):
        models.MinimalGRUCell(4).units = 8
    averaged = models.Symmetrized(models.GRUChain(units=4), "reflection")
    for name in ("total_sz", "phase", "marshall_sign"):
        with pytest.raises(AttributeError, match=f"{name} of Symmetrized is read-only"):
            setattr(averaged, name, getattr(averaged, name))


def test_a_copy_has_other_options(random_chain):
    wf = random_chain(total_sz=0)
    assert (ops.convert_to_numpy(wf.sample(20, (4,), seed=0)).sum(axis=1) == 2).all()
    with pytest.raises(AttributeError):
        wf.total_sz = 1
    other = wf.copy(total_sz=1)
    spins = ops.convert_to_numpy(other.sample(20, (4,), seed=0))
    assert (spins.sum(axis=1) == 3).all()
    assert np.isfinite(ops.convert_to_numpy(other(spins)[0])).all()
    assert wf.total_sz == 0
    assert (ops.convert_to_numpy(wf.sample(20, (4,), seed=0)).sum(axis=1) == 2).all()


def test_a_copy_has_another_sign(random_chain):
    wf = random_chain(marshall_sign=True)
    spins = np.array([[0, 1, 0, 0]])
    signed, plain = (
        ratios(one.flip_log_ratio(spins, [[0], [1]])) for one in (wf, wf.copy(marshall_sign=False))
    )
    np.testing.assert_allclose(signed / plain, [[-1, 1]], atol=1e-5)


class Mine(models.WaveFunction):
    """An option of one's own, set twice by `__init__`, and an attribute."""

    def __init__(self, gap, *, shift=0.0, **kwargs):
        super().__init__(**kwargs)
        self.gap = gap
        self.gap = float(gap)
        self.shift = shift
        self.counter = 0


def test_classes_of_ones_own():
    wf = Mine(3, shift=1.0, name="mine")
    assert (wf.gap, wf.shift) == (3.0, 1.0)
    for name in ("gap", "shift", "dtype_policy"):
        with pytest.raises(AttributeError, match="of Mine is read-only"):
            setattr(wf, name, 2)
    wf.counter += 1
    wf.card = {}
    wf.trainable = False
    assert (wf.counter, wf.card, wf.trainable) == (1, {}, False)


def test_keras_tracks_what_is_set():
    class Layer(ReadOnlyOptions, keras.layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.units = units
            self.scale = self.add_weight(shape=(units,), name="scale")
            self.inner = keras.layers.Dense(units)
            self.inner.build((None, units))

    layer = Layer(3)
    layer.more = keras.layers.Dense(2)
    layer.more.build((None, 3))
    assert [w.shape for w in layer.weights] == [(3,), (3, 3), (3,), (3, 2), (2,)]
