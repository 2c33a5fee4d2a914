"""Presets in folders and on the hub."""

import hashlib
import json
import sys
import zipfile

import keras
import numpy as np
import pytest
from keras import ops

import models
from models import zoo
from models.model_card import model_card
from tests.models.hub_server import serving

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]

SPINS = np.array([[0, 1, 1, 0], [1, 0, 1, 0]])


def same(a, b):
    for x, y in zip(a(SPINS), b(SPINS)):
        np.testing.assert_array_equal(ops.convert_to_numpy(x), ops.convert_to_numpy(y))


@pytest.fixture
def wf(random_chain):
    return random_chain(units=3, total_sz=0)


@pytest.fixture
def folder(wf, tmp_path):
    wf.save_to_preset(tmp_path / "mine", card={"description": "A small one.", "license": "mit"})
    return tmp_path / "mine"


@pytest.fixture(scope="module")
def server():
    """One for all tests: the client remembers the first address that it was given."""
    with serving() as server:
        yield server


@pytest.fixture
def hub(server, folder, tmp_path, monkeypatch):
    pytest.importorskip("huggingface_hub")
    server.files = {path.name: path.read_bytes() for path in folder.iterdir()}
    server.broken = set()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("HF_TOKEN", "hf_of_nobody")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    return server


def change(path, edit):
    """Rewrites a .keras file with another config, and the card's SHA-256 with it."""
    with zipfile.ZipFile(path / "model.keras") as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(content["config.json"])
    edit(config)
    content["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path / "model.keras", "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    card = json.loads((path / "card.json").read_text())
    card["sha256"] = hashlib.sha256((path / "model.keras").read_bytes()).hexdigest()
    (path / "card.json").write_text(json.dumps(card))


def test_a_folder_is_read_back(wf, folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md", "card.json", "model.keras",
    ]  # fmt: skip
    back = models.GRUChain.from_preset(folder)
    same(back, wf)
    assert back.get_config() == wf.get_config()
    assert back.card["description"] == "A small one."
    assert back.card["parameters"] == wf.count_params()
    double = models.WaveFunction.from_preset(str(folder), dtype="float64")
    assert double.compute_dtype == "float64"
    assert double.card == back.card
    with pytest.raises(ValueError, match=r"holds a GRUChain, not a LSTMLattice: use models\.GRUC"):
        models.LSTMLattice.from_preset(folder)


def test_nothing_is_overwritten_unasked(wf, folder, random_chain):
    before = (folder / "model.keras").read_bytes()
    with pytest.raises(FileExistsError, match="is there already: overwrite=True replaces it"):
        wf.save_to_preset(folder)
    assert (folder / "model.keras").read_bytes() == before
    other = random_chain(units=3, total_sz=0, seed=5)
    other.save_to_preset(folder, overwrite=True)
    same(models.WaveFunction.from_preset(folder), other)
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_presets_of_the_package_by_name():
    wf = models.GRUChain.from_preset("gru-chain-80")
    assert wf.card["name"] == "gru-chain-80"
    with pytest.raises(ValueError, match="no preset 'gru-chain-8'"):
        models.GRUChain.from_preset("gru-chain-8")


@pytest.mark.parametrize("name", models.presets())
def test_each_preset_has_the_model_card_of_its_card(name):
    readme = (zoo.WEIGHTS / name / "README.md").read_text(encoding="utf-8")
    assert readme == model_card(models.card(name))


def test_the_model_card_is_yaml_with_metrics():
    yaml = pytest.importorskip("yaml")
    card = models.card("gru-chain-80")
    header = yaml.safe_load(model_card(card).split("---\n")[1])
    assert header["library_name"] == "keras"
    (index,) = header["model-index"]
    assert index["name"] == "gru-chain-80"
    metrics = {metric["type"]: metric["value"] for metric in index["results"][0]["metrics"]}
    assert metrics["relative_error"] == card["energies"][0]["relative_error"]
    assert metrics["relative_std_error"] == card["energies"][0]["relative_std_error"]
    assert "size 80" in index["results"][0]["dataset"]["name"]


def test_what_is_no_preset(tmp_path, folder):
    with pytest.raises(ValueError, match=r"holds no preset: it has no card.json and no model.ker"):
        models.WaveFunction.from_preset(tmp_path)
    with pytest.raises(ValueError, match="nowhere holds no preset"):
        models.WaveFunction.from_preset("./nowhere")
    (folder / "card.json").write_text("{")
    with pytest.raises(ValueError, match="is no card"):
        models.WaveFunction.from_preset(folder)


def test_a_wrong_checksum(folder):
    content = bytearray((folder / "model.keras").read_bytes())
    content[-1] ^= 1
    (folder / "model.keras").write_bytes(content)
    with pytest.raises(ValueError, match="is damaged: its SHA-256 is"):
        models.WaveFunction.from_preset(folder)


def test_a_file_of_a_later_version(folder):
    def edit(config):
        config["config"] |= {"package_version": "99.0", "an_option_to_come": 1}

    change(folder, edit)
    with pytest.raises(ValueError, match=r"was saved by iterative-retraining 99\.0"):
        models.WaveFunction.from_preset(folder)


@pytest.mark.parametrize(
    "name", ["os>system", "keras>Sequential", "builtins>eval", "Sequential", "nowhere>Wave"]
)
def test_a_file_of_another_class(folder, name):
    def edit(config):
        config |= {"registered_name": name, "class_name": name.split(">")[-1]}

    change(folder, edit)
    with pytest.raises(ValueError, match="is no wave function that is known here"):
        models.WaveFunction.from_preset(folder)


def test_code_in_a_file_does_not_run(folder, tmp_path):
    """A layer that calls a function, in place of one of an average's options."""
    lambda_layer = keras.layers.Lambda(lambda x: x)
    hidden = keras.saving.serialize_keras_object(lambda_layer)

    def edit(config):
        config |= {"class_name": "Symmetrized", "registered_name":
                   "iterative_retraining>Symmetrized"}  # fmt: skip
        config["config"] = {"base": hidden, "group": "reflection", "package_version": None}

    change(folder, edit)
    with pytest.raises(ValueError, match="cannot be read"):
        models.WaveFunction.from_preset(folder)


def test_from_the_hub_and_back(wf, folder, hub, tmp_path):
    same(models.GRUChain.from_preset("hf://user/mine"), wf)
    hub.files.clear()
    models.upload_preset("hf://user/mine", folder)
    assert sorted(hub.files) == ["README.md", "card.json", "model.keras"]
    assert hub.files["model.keras"] == (folder / "model.keras").read_bytes()


def test_a_broken_download(hub):
    hub.broken.add("model.keras")
    with pytest.raises(ValueError, match="hf://user/mine could not be downloaded"):
        models.GRUChain.from_preset("hf://user/mine")


def test_a_repository_that_is_no_preset(hub):
    del hub.files["card.json"]
    with pytest.raises(ValueError, match=r"holds no preset: it has no card\.json"):
        models.GRUChain.from_preset("hf://user/mine")


def test_addresses_and_a_missing_client(folder, monkeypatch):
    with pytest.raises(ValueError, match="looks like hf://user/name, not 'mine'"):
        models.upload_preset("mine", folder)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ImportError, match=r"pip install 'iterative-retraining\[hub\]'"):
        models.GRUChain.from_preset("hf://user/mine")
