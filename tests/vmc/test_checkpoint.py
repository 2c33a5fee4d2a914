"""Checkpoints: whole or not at all, and the older one where the newer is damaged."""

import errno
import os

import numpy as np
import pytest

import vmc
from vmc.training.checkpoint import locked

SETTINGS = {"seed": 0, "stages": [{"steps": 5}]}


@pytest.fixture
def three(tmp_path):
    """A folder into which three checkpoints were written."""
    checkpoints = vmc.Checkpoints(tmp_path / "checkpoints")
    for step in range(3):
        checkpoints.write({"step": step}, {"weights": np.full(100, step)}, SETTINGS)
    return checkpoints


def test_the_last_two_are_kept(three):
    assert [path.name for path in three.files()] == ["00000001.checkpoint", "00000002.checkpoint"]
    assert os.listdir(three.folder).count("00000002.partial") == 0
    record, arrays = three.read(SETTINGS)
    assert record == {"step": 2}
    np.testing.assert_array_equal(arrays["weights"], np.full(100, 2))


@pytest.mark.parametrize("where", [0, 30, 64, 65, 200, "middle", -1])
def test_damage_is_told_and_the_one_before_used(three, where, caplog):
    newest = three.files()[-1]
    content = bytearray(newest.read_bytes())
    content[len(content) // 2 if where == "middle" else where] ^= 0xFF
    newest.write_bytes(content)
    record, _ = three.read(SETTINGS)
    assert record == {"step": 1}
    assert f"{newest} is damaged" in caplog.text


@pytest.mark.parametrize("length", [0, 1, 64, 66, 500])
def test_truncation_is_told_and_the_one_before_used(three, length, caplog):
    newest = three.files()[-1]
    newest.write_bytes(newest.read_bytes()[:length])
    record, _ = three.read(SETTINGS)
    assert record == {"step": 1}
    assert f"{newest} is damaged" in caplog.text


def test_never_from_nothing_where_all_are_damaged(three):
    for path in three.files():
        path.write_bytes(b"")
    with pytest.raises(vmc.CheckpointError, match=r"no checkpoint in .* is whole"):
        three.read(SETTINGS)


def test_other_settings_are_listed(three):
    with pytest.raises(vmc.CheckpointError) as error:
        three.read({"seed": 1, "stages": [{"steps": 7, "rate": 0.1}]})
    text = str(error.value)
    assert "seed is 0 there and 1 here" in text
    assert "stages[0].steps is 5 there and 7 here" in text
    assert "stages[0].rate is None there and 0.1 here" in text
    with pytest.raises(vmc.CheckpointError, match="stages has 1 entries there and 2 here"):
        three.read({"seed": 0, "stages": [{"steps": 5}] * 2})


def test_a_full_disk_leaves_the_one_before(three, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(vmc.CheckpointError, match=r"No space left.*00000002.checkpoint is intact"):
        three.write({"step": 3}, {}, SETTINGS)
    assert len(os.listdir(three.folder)) == 2
    record, _ = three.read(SETTINGS)
    assert record == {"step": 2}


def test_a_folder_is_for_one_run(tmp_path):
    with locked(tmp_path):
        second = locked(tmp_path)
        with pytest.raises(vmc.CheckpointError, match="another run is writing to"):
            second.__enter__()
    # Neither a lock that was given back nor the file of a killed run stands in the way.
    (tmp_path / ".lock").touch()
    with locked(tmp_path):
        pass


def test_clear(three):
    three.clear()
    assert not three.folder.exists()
    assert three.read(SETTINGS) is None
