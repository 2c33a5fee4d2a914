"""Rows for the quantum many-body leaderboard keep the rules of its DATA.md and RULES.md."""

import json
import math
import re

import pytest

import models
import vmc
from reproduce.reference import reference_energy
from reproduce.report import leaderboard, stored_results
from reproduce.report.measured_energies import MeasuredEnergy, measured_energies
from reproduce.report.stored_results import StoredResult
from reproduce.report.training_cost import TrainingCost, training_cost

# What its files hold. (Their rows may hold more, which its maintainers fill in.)
INSTANCE = {"model", "lattice", "n_sites", "boundary", "params", "instance_id", "rows"}
ROW = {
    "energy", "sigma", "energy_variance", "dof", "einf", "v_score", "method", "bound_type",
    "bound_type_reason", "reference", "peer_reviewed", "source", "provenance", "compute",
}  # fmt: skip
COMPUTE = {
    "parameters", "gpu_hours", "device", "n_devices", "samples", "wall_clock", "cpu_core_hours",
    "bond_dimension", "iterations", "reported_as", "source", "scope", "confidence", "note",
}  # fmt: skip
# Its classes go by words in the method; these would make ours something else than a sampled bound.
OTHER_CLASSES = r"exact|extrapolat|QMC|Lanczos|fixed.node|projector|DMRG|MPS|PEPS|bond dimension"


def row(stage, energy, minibatches, seconds, **others):
    return others | {
        "stage": stage, "lattice": "Square(6, 6)", "energy": energy, "std_error": 0.003,
        "variance": 0.04, "num_samples": 4000, "minibatches": minibatches, "seconds": seconds,
    }  # fmt: skip


RUN = StoredResult(
    "mine",
    {
        "command": "python -m reproduce.table1",
        "wave_function": "LSTMLattice(units=4, num_layers=1)",
        "versions": {"processor": "AMD EPYC"},
        "runs": [
            {
                "weights": None,
                "stages": [
                    {"lattice": "Square(6, 6)", "steps": 20, "num_samples": 50},
                    {"lattice": "Square(6, 6)", "steps": 10, "num_samples": 30, "group": "square"},
                    {"lattice": "Square(6, 6)", "steps": 0, "num_samples": 20},
                ],
            },
            {
                "weights": "lstm-lattice-6",
                "stages": [{"lattice": "Square(6, 6)", "steps": 0, "num_samples": 7}],
            },
            {
                "weights": "out/6x6.keras",
                "stages": [{"lattice": "Square(6, 6)", "steps": 5, "num_samples": 8}],
            },
        ],
        "results": [
            row("a", -21.7, 20, 3600.0),
            row("b", -21.71, 10, 1800.0),
            row("c", -21.72, 0, 36.0),
            row("d", -21.73, 0, 0.4),
            row("e", -21.74, 5, 10.0),
            {"preset": "no-such"} | row("f", -21.75, 1, 1.0),
        ],
    },
)


@pytest.fixture(scope="module")
def shipped():
    """The files of the shipped results, by their paths."""
    return leaderboard.files(stored_results.read(), "Somebody, arXiv:0000.00000")


def test_files_are_where_it_has_them(shipped):
    assert {"Heisenberg/chain_200_O.json", "Heisenberg/square_100_O.json"} < set(shipped)
    for path, text in shipped.items():
        content = json.loads(text)
        assert set(content) == INSTANCE
        assert path == f"{content['instance_id']}.json"
        name = f"{content['lattice']}_{content['n_sites']}_{content['boundary']}"
        assert content["instance_id"] == f"{content['model']}/{name}"
        assert content["params"] == {}
    assert sum(len(json.loads(text)["rows"]) for text in shipped.values()) == len(
        measured_energies(stored_results.read())
    )


def test_rows_pass_its_checks(shipped):
    for text in shipped.values():
        content = json.loads(text)
        for one in content["rows"]:
            assert set(one) == ROW
            assert (one["dof"], one["einf"]) == (content["n_sites"], 0)
            assert one["sigma"] > 0
            score = one["dof"] * one["energy_variance"] / one["energy"] ** 2
            assert one["v_score"] == pytest.approx(score, rel=1e-9)
            assert one["bound_type"] == "variational"
            assert not re.search(OTHER_CLASSES, one["method"], re.IGNORECASE)
            assert "independent samples" in one["method"]
            assert one["reference"] == "Somebody, arXiv:0000.00000"
            cost = one["compute"]
            assert set(cost) == COMPUTE
            assert cost["reported_as"]
            assert cost["scope"] == "row"
            assert cost["parameters"] > 0
            # Of weights from a file nobody knows what they cost.
            assert cost["iterations"] is None or cost["samples"] > 0
            assert cost["gpu_hours"] is None or cost["device"]


def test_energies_have_pauli_matrices(shipped):
    """Its exact 6x6 energy lies below ours by what our relative errors say."""
    exact = -86.9071441699763
    assert 4 * reference_energy(vmc.Heisenberg(vmc.Square(6))).energy == pytest.approx(
        exact, abs=1e-9
    )
    rows = json.loads(shipped["Heisenberg/square_36_O.json"])["rows"]
    (table1,) = [r for r in stored_results.read() if r.name == "table1"]
    for one, ours in zip(rows, table1.rows):
        assert one["source"].endswith(", table1")
        assert (one["energy"] - exact) / -exact == pytest.approx(ours["relative_error"], abs=1e-9)
        assert one["sigma"] == pytest.approx(4 * ours["std_error"], rel=1e-5)
        assert one["sigma"] == pytest.approx(
            math.sqrt(one["energy_variance"] / ours["num_samples"]), rel=1e-4
        )


@pytest.mark.parametrize(
    ("lattice", "name"),
    [
        (vmc.Chain(20, periodic=True), "chain_20_P"),
        (vmc.Square(16), "square_256_O"),
        (vmc.Square(6, 8, periodic=True), "rectangular-6x8_48_P"),
        (vmc.Square(20, 10, periodic=(False, True)), "rectangular-10x20_200_PO"),
    ],
    ids=str,
)
def test_instances_have_its_names(lattice, name):
    measured = MeasuredEnergy(lattice, RUN, row("a", -1.0, 1, 1.0))
    assert leaderboard._instance(measured.lattice)["instance_id"] == f"Heisenberg/{name}"


def test_the_cost_is_of_all_stages_so_far():
    costs = [training_cost(one) for one in measured_energies([RUN])]
    parameters = models.LSTMLattice(units=4, num_layers=1).count_params()
    card = models.card("lstm-lattice-6")["training"]
    record = "record of python -m reproduce.table1"
    assert costs == [
        TrainingCost(record, parameters, 20, 50, 3600.0, "AMD EPYC"),
        TrainingCost(record, parameters, 30, 30, 5400.0, "AMD EPYC"),
        TrainingCost(record, parameters, 30, 30, 5436.0, "AMD EPYC"),
        TrainingCost(
            f"{record} and model card of lstm-lattice-6", parameters, card["minibatches"], 100,
            card["seconds"] + 0.4, "AMD EPYC",
        ),
        TrainingCost(record, parameters, None, 8, None, "AMD EPYC"),
        None,
    ]  # fmt: skip


def test_the_cost_of_a_preset_has_what_it_started_from():
    check = StoredResult("check", {"results": [{"preset": "lstm-lattice-6-symmetrised"} |
                                               row("a", -21.7, 1, 1.0)]})  # fmt: skip
    (measured,) = measured_energies([check])
    cost = training_cost(measured)
    cards = [models.card(name) for name in ("lstm-lattice-6", "lstm-lattice-6-symmetrised")]
    assert cost.minibatches == sum(card["training"]["minibatches"] for card in cards) == 9320
    assert cost.seconds == sum(card["training"]["seconds"] for card in cards)
    assert cost.parameters == 28802
    (text,) = leaderboard.files([check]).values()
    (one,) = json.loads(text)["rows"]
    assert "Symmetrized(LSTMLattice(units=32" in one["method"]
    assert one["reference"] is None
    assert one["compute"]["wall_clock"] == "0.83 h"
    assert one["compute"]["iterations"] == 9320


@pytest.mark.parametrize(
    "text",
    ["not recorded", "LSTMLattice(", "print(1)", "LSTMLattice(units=open('x'))", "load('x')"],
)
def test_other_text_than_a_wave_function_has_no_parameters(text):
    record = RUN.record | {"wave_function": text}
    first = measured_energies([StoredResult("mine", record)])[0]
    assert training_cost(first).parameters is None


def test_the_flag_writes_them(tmp_path, in_process):
    (tmp_path / "results/mine").mkdir(parents=True)
    (tmp_path / "results/mine/mine.json").write_text(json.dumps(
        RUN.record | {"results": RUN.rows[:1], "runs": []}))  # fmt: skip
    assert in_process("report", ["--results=results"])[0] == 0
    assert [path.name for path in (tmp_path / "out").iterdir()] != []
    assert not list(tmp_path.rglob("square_36_O.json"))
    assert in_process("report", ["--results=results", "--leaderboard=lb"])[0] == 0
    (one,) = json.loads((tmp_path / "lb/Heisenberg/square_36_O.json").read_text())["rows"]
    assert one["energy"] == -86.8
    assert one["compute"] is None
