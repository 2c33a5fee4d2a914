"""The check of the zoo: a good preset passes, a worsened one does not."""

import contextlib
import hashlib
import io
import json

import numpy as np
import pytest

import models
import vmc
from models import zoo
from reproduce.check import paper, plan
from reproduce.check.rows import CheckedRow
from reproduce.experiment import cost
from reproduce.reference import Reference
from reproduce.store import cards
from tests.helpers import read_csv

SIZES = (6, 8)


def ship(folder, wf, energies):
    """Puts a wave function into a zoo, with a card of these energies."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.keras"
    wf.save(path)
    card = {
        "description": "A tiny one.",
        "energies": energies,
        "training": {"seconds": 7200, "started_from": None},
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    (folder / "card.json").write_text(json.dumps(card))


@pytest.fixture
def good(random_chain):
    return random_chain(units=4, total_sz=0, marshall_sign=True, phase="none", scale=0.2)


@pytest.fixture
def energies(good):
    return [cards.measure(good, size, 600, seed=size) for size in SIZES]


@pytest.fixture
def checked(tmp_path, monkeypatch, in_process):
    """Checks a zoo of one preset: exit status and what was printed."""

    def run(wf, energies, *arguments):
        ship(tmp_path / "zoo/tiny", wf, energies)
        monkeypatch.setattr(zoo, "WEIGHTS", tmp_path / "zoo")
        with contextlib.redirect_stdout(io.StringIO()) as output:
            status, error = in_process("check", list(arguments))
        assert error == ""
        return status, output.getvalue()

    return run


def test_a_good_preset_passes(good, energies, checked, tmp_path):
    status, output = checked(good, energies, "--output_dir=out")
    assert status == 0
    assert "2 of 2 are as good as their cards" in output
    rows = read_csv(tmp_path / "out/check.csv")
    assert [row["size"] for row in rows] == ["6", "8"]
    assert [row["num_samples"] for row in rows] == ["600", "600"]
    for row, card in zip(rows, energies):
        # Independent samples, so another energy, of the same model.
        assert float(row["energy"]) != card["energy"]
        assert abs(float(row["sigmas_from_card"])) < 4
        assert float(row["reference"]) == card["reference"]
    record = json.loads((tmp_path / "out/check.json").read_text())
    assert record["results"][0]["energy"] == float(rows[0]["energy"])
    beside_paper = (tmp_path / "out/paper.md").read_text().splitlines()
    assert [line.split("|")[1].strip() for line in beside_paper[2:]] == ["chain of 6", "chain of 8"]
    assert all("| 2 h on two cores |" in line for line in beside_paper[2:])

    checked(good, energies, "--output_dir=again")
    again = read_csv(tmp_path / "again/check.csv")
    assert [row["energy"] for row in again] == [row["energy"] for row in rows]


def test_a_worsened_preset_fails(good, energies, checked):
    worse = models.GRUChain.from_config({**good.get_config(), "marshall_sign": False})
    worse.set_weights(good.get_weights())
    status, output = checked(worse, energies, "--quick")
    assert status == 1
    assert "WORSE THAN ITS CARD" in output
    assert "0 of 2 are as good as their cards" in output


def test_an_impossible_energy_fails(good, energies, checked, monkeypatch):
    high = Reference(energies[0]["energy"] + 1, 0.0, "a slip")
    monkeypatch.setattr(cards, "reference_energy", lambda hamiltonian: high)
    status, output = checked(good, energies, "--sizes=6")
    assert status == 1
    assert "BELOW THE REFERENCE" in output
    assert "WORSE" not in output


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--presets=gru-chain-8", "There is no preset 'gru-chain-8'. The nearest are: gru-chain"),
        ("--sizes=7", "no preset's card has one of --sizes"),
        ("--sizes=x", "--sizes must be whole numbers: x"),
        ("--max_samples=1", "--max_samples must be at least 2, not 1"),
    ],
)
def test_bad_flags_get_one_line(argument, message, in_process):
    status, error = in_process("check", [argument])
    assert status == 2
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1


def row(energy, variance, num_samples, card_energy=-21.7, reference=-21.7268, side=6):
    card = {"size": side, "energy": card_energy, "std_error": 0.003, "variance": 0.04}
    card |= {"reference": reference, "reference_error": 0.0}
    card |= {"num_samples": 10_000, "relative_error": card_energy / -reference + 1}
    measured = {"energy": energy, "variance": variance, "num_samples": num_samples}
    measured |= {"reference": reference, "reference_error": 0.0, "reference_method": "a sum"}
    measured["relative_error"] = energy / -reference + 1
    return CheckedRow("some", vmc.Square(side), card, measured)


def test_standard_errors_count_the_larger_variance():
    few = row(-21.66, 0.0001, 100)
    assert few.std_error == pytest.approx(0.02)  # the card's 0.04 over 100
    assert few.from_card == pytest.approx(0.04 / np.hypot(0.02, 0.003))
    assert not few.failed
    assert row(-21.66, 0.16, 100).std_error == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("energy", "verdict", "failed"),
    [
        (-21.7, "as its card says", False),
        (-21.685, "as its card says", False),  # +3.7 standard errors
        (-21.683, "WORSE THAN ITS CARD", True),  # +4.1
        (-21.715, "as its card says", False),
        (-21.719, "better than its card", False),  # -4.9, above the reference
        (-21.738, "BELOW THE REFERENCE", True),  # -4.5 from the reference
    ],
)
def test_verdicts(energy, verdict, failed):
    measured = row(energy, 0.04, 6400)  # std_error 0.0025; with the card's 0.0039
    assert (measured.verdict, measured.failed) == (verdict, failed)


def test_the_paper_beside_us():
    unlucky, lucky = row(-21.6, 0.04, 400, -21.71), row(-21.72, 0.04, 400, -21.69)
    head, square, larger = paper.side_by_side(
        [row(-39.4, 0.04, 400, -39.4, -39.618, 8), lucky, unlucky]
    )
    cells = dict(zip(head, square))
    # The best by its card, lucky or not in what was measured now.
    assert cells["lattice"] == "square 6x6"
    assert cells["energy per site"] == "-0.603056 ± 0.000083"
    assert cells["relative error"] == "(7.7 ± 1.4)·10⁻⁴"
    assert cells["measured again"] == "(5.8 ± 0.5)·10⁻³"
    assert cells["reference"] == "-0.603522"
    assert cells["the paper's"] == "1.7·10⁻⁴"
    assert cells["best published growth"] == "(4.7 ± 3.3)·10⁻⁶ in 10 GPU h"
    assert dict(zip(head, larger))["the paper's"] == "a curve only"
    assert paper.paper_energy(vmc.Chain(20)) is None


@pytest.fixture(scope="module")
def presets():
    return [models.load(name) for name in models.presets()]


def test_the_full_check_takes_the_cards_samples(presets):
    for wf in presets:
        assert [n for _, n in plan.full(wf)] == [row["num_samples"] for row in wf.card["energies"]]
        assert max(n for _, n in plan.full(wf, 50)) == 50


@pytest.mark.parametrize("seconds", [5, 20, 1000])
def test_the_quick_check_keeps_to_its_time(presets, seconds):
    for wf in presets:
        rows = plan.within(wf, seconds, 400)
        assert rows == plan.within(wf, seconds, 400)
        assert all(10 <= n <= 400 for _, n in rows)
        if len(rows) > 1:
            assert rows[0][0] == wf.card["energies"][0]
            assert plan.total_seconds(wf, rows) <= seconds
    assert sum(len(plan.within(wf, 100_000)) for wf in presets) == sum(
        len(wf.card["energies"]) for wf in presets
    )


def test_averages_cost_their_images(random_chain):
    base = random_chain(units=4)
    wf = models.Symmetrized(base, "reflection", spin_flip=True)
    seconds = plan.seconds_per_sample(base, 10)
    assert plan.seconds_per_sample(wf, 10) == 4 * seconds
    # Nine bonds walk over 10, 9, ... 2 sites.
    flops = 2 * ((2 + 4) * 2 * 4 + 4 * 4 + 4 * 6)
    assert seconds == pytest.approx(54 * flops / cost.FLOPS)
