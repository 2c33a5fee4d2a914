"""Uniform random numbers: their bits, and that what is drawn with them has its probability."""

import keras
import numpy as np
import pytest
from keras import ops

import models
import vmc
from models.uniforms import BITS, from_words, uniforms
from tests.helpers import backend_is_tensorflow, psi

pytestmark = pytest.mark.any_backend

NUM_ODD = 1000  # random upper bits that each power is tried with


def words_with_lowest_bit(number, seed=0):
    """Random bits whose first one that is set is this one of the 60, `[2, NUM_ODD]`."""
    rng = np.random.default_rng(seed)
    words = rng.integers(0, 2**BITS, size=(2, NUM_ODD), dtype="int32")
    row, bit = divmod(number, BITS)
    words[:row] = 0
    words[row] = (words[row] << bit | 1 << bit) & (2**BITS - 1)
    return words


@pytest.mark.parametrize("number", range(2 * BITS))
def test_a_power_for_each_bit(number):
    """2^-(n+1) of all words have bit n as their lowest, so P(u < 2^-k) is 2^-k."""
    words = words_with_lowest_bit(number)
    u = ops.convert_to_numpy(from_words(words)).astype("float64")
    assert (u >= 2.0 ** -(number + 1)).all()
    assert (u < 2.0**-number).all()
    # Between two powers of two they lie evenly, as the second word's upper bits do.
    np.testing.assert_array_equal(u * 2.0 ** (number + 1) - 1, (words[1] >> 7) / 2**23)


def test_no_bits_at_all_are_not_zero():
    assert ops.convert_to_numpy(from_words(np.zeros((2, 1), "int32"))) == 2.0**-61


def test_below_one_after_every_cast():
    largest = from_words(np.full((2, 1), 2**BITS - 1, "int32"))
    assert keras.backend.standardize_dtype(largest.dtype) == "float32"
    assert ops.convert_to_numpy(largest) == 1 - 2.0**-24
    for dtype in ("float32", "float64"):
        assert ops.convert_to_numpy(ops.cast(largest, dtype)) < 1
        assert ops.convert_to_numpy(largest).astype(dtype) < 1


def test_many_of_them():
    u = ops.convert_to_numpy(uniforms((4000, 1000), seed=3)).astype("float64").reshape(-1)
    for k in range(1, 19):
        for below in (u < 2.0**-k, u >= 1 - 2.0**-k):
            p = 2.0**-k
            deviation = (below.mean() - p) / np.sqrt(p * (1 - p) / u.size)
            assert abs(deviation) < 4.5, k
    counts = np.histogram(u, bins=1000, range=(0, 1))[0]
    assert ((counts - 4000) ** 2 / 4000).sum() == pytest.approx(1000, abs=5 * np.sqrt(2000))
    pairs = np.corrcoef(u[:-1], u[1:])[0, 1]
    assert abs(pairs) < 5 / np.sqrt(u.size)


def test_seeds_give_them_once():
    one, again, other = (ops.convert_to_numpy(uniforms((7, 5), seed)) for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).all()
    generator, plain = (keras.random.SeedGenerator(1) for _ in range(2))
    wf = models.GRUChain(units=2)
    for _ in range(2):
        wf.sample(3, (4,), seed=generator)
        keras.random.uniform((3, 4), seed=plain)
        states = (ops.convert_to_numpy(seed.state.value) for seed in (generator, plain))
        np.testing.assert_array_equal(*states)


def product(make, gap, **options):
    """A product state: the log of the odds of up is the gap at every site."""
    wf = make(units=2, phase="none", **options)
    for weight in wf.weights:
        weight.assign(np.zeros(weight.shape))
    wf.readout.bias.assign([-gap / 2, gap / 2])
    return wf


def square(**options):
    return models.LSTMLattice(num_layers=1, **options)


@pytest.mark.parametrize("gap", [-30, -16.7, -3, -0.1, 0.1, 3, 16.7, 30])
@pytest.mark.parametrize(("make", "shape"), [(models.GRUChain, (1,)), (square, (1, 1))])
@pytest.mark.parametrize("double", [False, True])
def test_each_spin_is_as_probable_as_the_model_says(make, shape, gap, double, in_double):
    """The rarer one comes of the uniforms below its probability, and of no others."""
    wf = product(make, gap)
    wf = in_double(wf) if double else wf
    p = 1 / (1 + np.exp(abs(gap)))
    up, down = np.ones((1, *shape), int), np.zeros((1, *shape), int)
    assert abs(psi(wf, up if gap < 0 else down)) ** 2 == pytest.approx(p, rel=1e-5)
    rarer = p * np.array([1e-4, 0.5, 1 - 1e-5])
    others = np.concatenate([p * np.array([1 + 1e-5, 1.5]), [0.6, 1 - 2**-24]])
    given = np.concatenate([rarer, others]).astype("float32")[:, None]
    spins = ops.convert_to_numpy(wf.draw(given, shape=shape)).reshape(-1)
    is_rare = spins == (1 if gap < 0 else 0)
    assert is_rare.tolist() == [True] * len(rarer) + [False] * len(others)


@pytest.mark.parametrize("gap", [-30.0, 30.0])
@pytest.mark.parametrize("double", [False, True])
def test_energies_without_impossible_samples(gap, double, in_double):
    """-(n - 1) (1 - 2p)^2 - 2 n sqrt(p (1 - p)) is the energy of this product state."""
    n, p = 100, 1 / (1 + np.exp(30.0))
    wf = product(models.GRUChain, gap)
    wf = in_double(wf) if double else wf
    right = -(n - 1) * (1 - 2 * p) ** 2 - 2 * n * np.sqrt(p * (1 - p))
    estimate = vmc.estimate_energy(wf, vmc.Ising(vmc.Chain(n), field=1.0), 1000, seed=47)
    assert estimate.mean == pytest.approx(right, abs=1e-4)
    minority = 1 if gap < 0 else 0
    assert not any(
        (ops.convert_to_numpy(wf.sample(20_000, (100,), seed=seed)) == minority).any()
        for seed in range(10)
    )


class Recorder(models.WaveFunction):
    """Keeps the numbers that it is to draw from; only sampled."""

    num_axes = 1

    def draw(self, uniforms, *, shape):
        self.drawn_from = ops.convert_to_numpy(uniforms)
        return ops.cast(uniforms < 0.5, "int32")


@pytest.mark.parametrize("by", ["sample", "BornDistribution"])
def test_all_that_draw_have_fine_numbers(by):
    """Two thirds of them are no multiples of 2^-23."""
    wf = Recorder()
    if by == "sample":
        wf.sample(1000, (10,), seed=0)
    elif backend_is_tensorflow():
        models.BornDistribution(wf, (10,)).sample(1000, seed=0)
    else:
        pytest.skip("is TensorFlow's")
    assert wf.drawn_from.shape == (1000, 10)
    assert (wf.drawn_from * 2.0**23 % 1 != 0).mean() == pytest.approx(2 / 3, abs=0.03)


@pytest.mark.parametrize(
    ("make", "shape", "group"),
    [(models.GRUChain, (3,), "reflection"), (square, (2, 2), "square")],
)
@pytest.mark.parametrize("spin_flip", [False, True])
def test_images_are_equally_probable(make, shape, group, spin_flip):
    """Each is chosen by the numbers of its own share of 0 ... 1, whatever their precision."""
    wf = models.Symmetrized(product(make, -30), group, spin_flip=spin_flip)
    sites = int(np.prod(shape))
    size = wf.num_images
    edges = np.arange(size) / size
    chosen = np.concatenate([edges + 2.0**-30, edges + 1 / size - 2.0**-24, [1 - 2.0**-53]])
    # One spin is up, by a number below its probability; the first site's is.
    given = np.full((len(chosen), sites + 1), 0.6)
    given[:, 0] = chosen
    given[:, 1] = 1e-14
    spins = ops.convert_to_numpy(wf.draw(given.astype("float64"), shape=shape))
    base = np.zeros((1, sites), "int32")
    base[:, 0] = 1
    images = ops.convert_to_numpy(wf.images(base.reshape(1, *shape)))[:, 0]
    np.testing.assert_array_equal(spins, images[[*range(size), *range(size), size - 1]])
