"""The ablation: what its variants change, and that it goes on where it stopped."""

import dataclasses
import json

import pytest

import models
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


@pytest.mark.parametrize(
    ("system", "same"),
    [
        ("chain-80", {"everything", "with a second layer"}),
        ("square-6", {"everything"}),
        ("square-4", {"everything", "without growth"}),
    ],
)
def test_variants_are_other_trainings_than_ours(system, same):
    assert {n for n, v in VARIANTS.items() if not v.applies(SYSTEMS[system])} == same


def test_a_variant_changes_what_its_name_says():
    chain, square = SYSTEMS["chain-80"], SYSTEMS["square-6"]
    averaged = VARIANTS["average trained"]
    stages = averaged.stages(chain, [7] * len(averaged.shares(chain)))
    assert [stage.group for stage in stages] == [None] * 3 + ["reflection"]
    assert VARIANTS["weights averaged"].make_optimizer().use_ema
    assert not VARIANTS["everything"].make_optimizer().use_ema
    adam = [name for name, v in VARIANTS.items() if type(v.make_optimizer()).__name__ == "Adam"]
    assert adam == ["Adam instead of Muon", "Adam, then natural gradient"]
    polished = VARIANTS["Muon, then natural gradient"]
    assert polished.stages(square, [7] * 3)[-1].direction == vmc.NaturalGradient()


def test_both_networks_of_squares_learn_in_the_same_way():
    for side in ("6", "10"):
        gated, papers = SYSTEMS[f"gated-{side}"], SYSTEMS[f"square-{side}"]
        changed = {"wave_function": papers.wave_function, "options": papers.options}
        assert gated.wave_function is models.GatedLattice
        assert dataclasses.replace(gated, **changed) == papers


def test_variants_that_are_asked_for(in_process, monkeypatch, tmp_path):
    monkeypatch.setattr(ablation, "measure", lambda name, system, label, variant, seed: made(label))
    arguments = ["--systems=square-6,gated-6", "--variants=everything,without growth"]
    assert in_process("ablation", arguments) == (0, "")
    rows = {str(path.relative_to(tmp_path / "out/ablation"))
            for path in (tmp_path / "out/ablation").glob("*/*.json")}  # fmt: skip
    assert rows == {f"{system}/{row}.json" for system in ("square-6", "gated-6")
                    for row in ("everything", "without-growth")}  # fmt: skip
    status, error = in_process("ablation", ["--variants=with magic"])
    assert status == 2
    assert "unknown variants with magic: there are everything, " in error


def made(label):
    numbers = {"relative_error": 0.1, "std_error": 0.01}
    return {
        "system": "square-6", "variant": label, "stages": [{"group": None}], **numbers,
        **{f"averaged_{name}": number for name, number in numbers.items()},
    }  # fmt: skip


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
    table = json.loads((tmp_path / "out/ablation/ablation.json").read_text())
    assert table["command"].startswith("python -m reproduce.ablation")
    first, average = table["results"]
    assert first["variant"] == "everything"
    assert first["chain-6"].startswith(f"{row['relative_error']:.1e} ± ")
    assert average["chain-6"].startswith(f"{row['averaged_relative_error']:.1e} ± ")
    written = path.stat().st_mtime_ns
    assert in_process("ablation", ["--systems=chain-6"])[0] == 0
    assert path.stat().st_mtime_ns == written
    status, error = in_process("ablation", ["--systems=chain-6", "--samples=50"])
    assert status == 2
    assert "was made with other settings: samples is 40 there and 50 here" in error


@pytest.mark.parametrize(
    ("group", "shown"), [(None, "3.0e-03 ± 1e-04"), ("square", "1.0e-03 ± 2e-04")]
)
def test_what_was_trained_is_shown(group, shown):
    """A network that was trained as its average is worth what the average is."""
    row = {"system": "square-6", "variant": "average trained", "stages": [{"group": group}]}
    row |= {"relative_error": 3e-3, "std_error": 1e-4}
    row |= {"averaged_relative_error": 1e-3, "averaged_std_error": 2e-4}
    cells = {line["variant"]: line["square-6"] for line in ablation.side_by_side([row])}
    assert cells["average trained"] == shown


def test_unknown_systems_are_named(in_process):
    status, error = in_process("ablation", ["--systems=cube-3"])
    assert status == 2
    assert "unknown systems cube-3: there are chain-20" in error
