"""The presets: loaded, checked, as good as their cards, the same on each backend."""

import shutil

import numpy as np
import pytest
from keras import ops

import models
import vmc
from models import zoo

pytestmark = pytest.mark.any_backend


@pytest.mark.parametrize("name", models.presets())
def test_same_amplitudes_as_on_the_card(name):
    """The card's were computed on TensorFlow: this compares the backends."""
    wf = models.load(name)
    known = wf.card["fingerprint"]
    spins = np.array([[int(c) for c in row] for row in known["spins"]])
    spins = spins.reshape(-1, *known["shape"])
    log_amplitude, phase = (ops.convert_to_numpy(x) for x in wf(spins))
    np.testing.assert_allclose(log_amplitude, known["log_amplitude"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(np.exp(1j * (phase - known["phase"])), 1, atol=1e-5)


@pytest.mark.parametrize(
    "name",
    [
        "gru-chain-80",
        pytest.param("lstm-lattice-6", marks=pytest.mark.one_backend),
        pytest.param("lstm-lattice-wide-30-symmetrised", marks=pytest.mark.one_backend),
    ],
)
def test_samples_have_sound_local_energies(name):
    """At a small size, where the energy may be no better than roughly right."""
    wf = models.load(name)
    lattice = {1: vmc.Chain(8), 2: vmc.Square(2)}[wf.num_axes]
    hamiltonian = vmc.Heisenberg(lattice)
    exact, _ = vmc.ground_state(hamiltonian)
    estimate = vmc.estimate_energy(wf, hamiltonian, 200, seed=0)
    assert estimate.mean > exact - 4 * estimate.std_error
    assert estimate.relative_error(exact) < 0.3


@pytest.mark.slow
@pytest.mark.parametrize("direction", [vmc.Gradient(clip=1.0), vmc.NaturalGradient()])
@pytest.mark.parametrize("name", models.presets())
def test_trains_on(name, direction):
    """A step of each kind compiles and runs, on whichever backend."""
    wf = models.load(name)
    lattice = {1: vmc.Chain(8), 2: vmc.Square(2)}[wf.num_axes]
    before = wf.get_weights()
    stage = vmc.Stage(lattice, steps=2, num_samples=8, direction=direction)
    (history,) = vmc.retrain(wf, [stage], verbose=0)
    assert np.isfinite(history["energy"]).all()
    assert history["skipped"][-1] == 0
    assert any((a != b).any() for a, b in zip(before, wf.get_weights()))


def test_as_good_as_its_card():
    wf = models.load("gru-chain-80")
    row = wf.card["energies"][0]
    assert row["size"] == 80
    assert row["num_samples"] >= 20_000
    assert row["relative_error"] < 5e-4
    assert wf.units <= 64
    estimate = vmc.estimate_energy(wf, vmc.Heisenberg(vmc.Chain(80)), 1000, seed=1)
    error = np.hypot(estimate.std_error, row["std_error"])
    assert abs(estimate.mean - row["energy"]) < 4 * error


def test_unknown_names_list_the_nearest():
    with pytest.raises(
        ValueError, match=r"no preset 'gru-chain-8'\. The nearest are: gru-chain-80"
    ):
        models.load("gru-chain-8")
    with pytest.raises(ValueError, match=r"A file is loaded with keras\.saving\.load_model"):
        models.load("mine.keras")
    with pytest.raises(ValueError, match="no preset 80"):
        models.load(80)


def test_damage_is_noticed(tmp_path, monkeypatch):
    shutil.copytree(zoo.WEIGHTS / "gru-chain-80", tmp_path / "gru-chain-80")
    monkeypatch.setattr(zoo, "WEIGHTS", tmp_path)
    assert models.load("gru-chain-80").card["name"] == "gru-chain-80"
    path = tmp_path / "gru-chain-80" / "model.keras"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is damaged"):
        models.load("gru-chain-80")


def test_no_folder_of_weights(tmp_path, monkeypatch):
    monkeypatch.setattr(zoo, "WEIGHTS", tmp_path / "nowhere")
    for ask in (models.presets, lambda: models.load("gru-chain-80")):
        with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere .* install the package"):
            ask()
