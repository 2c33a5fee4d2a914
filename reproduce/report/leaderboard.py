"""Energies as rows of the quantum many-body leaderboard, the successor of VarBench.

It keeps a JSON file for each instance, which is a Hamiltonian on a lattice:
https://github.com/tzerweck/quantum-many-body-leaderboard describes the rows
in DATA.md and RULES.md. Add the rows made here to the leaderboard's file of
the same name. What the records do not say is null: nothing is guessed.
"""

import json

import models
from models.version import VERSION
from reproduce.console.notation import duration
from reproduce.report.measured_energies import measured_energies
from reproduce.report.training_cost import training_cost

MODEL = "Heisenberg"
EINF = 0  # the energy at infinite temperature: sigma . sigma has no trace
DIGITS = {"energy": 12, "sigma": 6, "energy_variance": 8}  # significant ones


def files(results, reference=None):
    """The rows of all energies, in files as the leaderboard has them.

    Args:
        results: `StoredResult`s.
        reference: where the energies are published, such as an arXiv
            number with a title. The leaderboard needs it.

    Returns:
        A dict of JSON texts by the files' paths, such as
        `"Heisenberg/chain_80_O.json"`.
    """
    instances = {}
    for measured in measured_energies(results):
        instance = _instance(measured.lattice)
        content = instances.setdefault(instance["instance_id"], instance | {"rows": []})
        content["rows"].append(_row(measured, reference))
    return {
        f"{name}.json": json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        for name, content in instances.items()
    }


def _instance(lattice):
    """The head of an instance's file: a rectangle's shorter side comes first."""
    n = lattice.num_sites
    axes = sorted(
        zip(lattice.shape, lattice.periodic_axes), key=lambda axis: (axis[0], not axis[1])
    )
    lengths = [length for length, _ in axes]
    ends = "".join("P" if joined else "O" for _, joined in axes)
    boundary = ends[0] if len(set(ends)) == 1 else ends
    if len(axes) == 1:
        name = "chain"
    elif lengths[0] == lengths[1]:
        name = "square"
    else:
        name = f"rectangular-{lengths[0]}x{lengths[1]}"
    return {
        "model": MODEL,
        "lattice": name,
        "n_sites": n,
        "boundary": boundary,
        "params": {},
        "instance_id": f"{MODEL}/{name}_{n}_{boundary}",
    }


def _row(measured, reference):
    """The row of an energy; its V-score is that of the rounded numbers."""
    dof = measured.lattice.num_sites
    values = {
        "energy": measured.energy,
        "sigma": measured.std_error,
        "energy_variance": measured.variance,
    }
    values = {key: float(f"{value:.{DIGITS[key]}g}") for key, value in values.items()}
    scale = (values["energy"] - EINF) ** 2
    return values | {
        "dof": dof,
        "einf": EINF,
        "v_score": dof * values["energy_variance"] / scale if scale else None,
        "method": _method(measured),
        "bound_type": "variational",
        "bound_type_reason": "the energy of one wave function at this size",
        "reference": reference,
        "peer_reviewed": None,
        "source": f"iterative-retraining {VERSION}, {measured.result.name}",
        "provenance": "primary",
        "compute": _compute(training_cost(measured)),
    }


def _method(measured):
    """The network, and how the error of its energy was estimated."""
    parts = [measured.method]
    if measured.preset in models.presets():
        parts.append(models.card(measured.preset)["architecture"])
    if count := measured.row.get("num_samples"):
        parts.append(f"mean of {count:,} independent samples, drawn without a Markov chain")
    return ", ".join(parts)


def _compute(cost):
    """The block of a row that says what the number cost, or None.

    Args:
        cost: a `TrainingCost`, or None.
    """
    if cost is None:
        return None
    time = None if cost.seconds is None else f"{cost.seconds / 3600:.2f} h"
    said = {
        "parameters": f"{cost.parameters:,} parameters" if cost.parameters else None,
        "iterations": f"{cost.minibatches:,} minibatches" if cost.minibatches else None,
        "samples": f"the last of {cost.samples:,} samples" if cost.samples else None,
        "time": f"{duration(cost.seconds)} with the measurements" if time else None,
        "processor": f"processor {cost.processor}" if cost.processor else None,
    }
    return {
        "parameters": cost.parameters,
        "gpu_hours": None,
        "device": None,
        "n_devices": None,
        "samples": cost.samples,
        "wall_clock": time,
        "cpu_core_hours": None,
        "bond_dimension": None,
        "iterations": cost.minibatches,
        "reported_as": f"{cost.record}: {', '.join(filter(None, said.values()))}",
        "source": cost.record,
        "scope": "row",
        "confidence": "high",
        "note": "All stages from random weights on. The samples are those of a minibatch.",
    }
