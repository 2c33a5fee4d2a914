"""The ablation: what its variants change, and that it goes on where it stopped."""

import dataclasses
import json

import pytest

import vmc
from reproduce.ablation import __main__ as ablation
from reproduce.ablation.variants import SYSTEMS, VARIANTS, Variant

SMALL = {"chain-6": dataclasses.replace(
    SYSTEMS["chain-20"], sizes=(4, 6), options={"units": 4, "total_sz": 0},
    seconds=0.05, samples=40,
)}  # fmt: skip


def test_time_is_shared_out():
    shares = Variant(polish=0.4).shares(SYSTEMS["chain-80"])
    assert [size for size, *_ in shares] == [10, 20, 40, 80, 80]
    assert [share for *_, share in shares] == pytest.approx([0.04, 0.08, 0.16, 0.32, 0.4])
    assert VARIANTS["without growth"].shares(SYSTEMS["square-6"])[0][0] == 6


@pytest.mark.parametrize("name", VARIANTS)
def test_a_variant_changes_what_its_name_says(name):
    system = SYSTEMS["chain-80"]

    def plan(variant):
        stages = variant.stages(system, [7] * len(variant.shares(system)))
        return [stage.describe() for stage in stages], system.options | variant.options

    ours, changed = plan(VARIANTS["everything"]), plan(VARIANTS[name])
    optimizers = (VARIANTS[name].optimizer().use_ema, VARIANTS["everything"].optimizer().use_ema)
    assert (name == "everything") == (ours == changed)
    assert (name == "... with averaged weights") == (optimizers[0] != optimizers[1])
    if name == "average trained":
        assert [stage["group"] for stage in changed[0]] == [None] * 4 + ["reflection"]


def test_rows_are_made_once(in_process, monkeypatch, tmp_path):
    monkeypatch.setattr(ablation, "SYSTEMS", SMALL)
    monkeypatch.setattr(ablation, "VARIANTS", {"everything": Variant(polish=0.5)})
    for _ in range(2):
        assert in_process("ablation", ["--systems=chain-6"]) == (0, "")
    (path,) = (tmp_path / "out/ablation").glob("*/*.json")
    row = json.loads(path.read_text())
    assert [stage["lattice"] for stage in row["stages"]] == [
        repr(vmc.Chain(n)) for n in (4, 6, 6)
    ]  # fmt: skip
    assert row["relative_error"] > -4 * row["std_error"]
    assert min(row["steps"]) >= 1
    assert (tmp_path / "out/ablation/ablation.png").is_file()
    written = path.stat().st_mtime_ns
    assert in_process("ablation", ["--systems=chain-6"])[0] == 0
    assert path.stat().st_mtime_ns == written
    status, error = in_process("ablation", ["--systems=chain-6", "--samples=50"])
    assert status == 2
    assert "was made with other settings: samples is 40 there and 50 here" in error


def test_unknown_systems_are_named(in_process):
    status, error = in_process("ablation", ["--systems=cube-3"])
    assert status == 2
    assert "unknown systems cube-3: there are chain-20" in error
