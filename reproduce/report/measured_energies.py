"""The energies among the results, in the convention that the benchmarks share.

VarBench and its successor write the Heisenberg model with Pauli matrices,
H = sum sigma . sigma. So their energies are four times those of
H = sum S . S, and their variances sixteen times.
"""

import dataclasses
import math

import vmc
from reproduce.report.stored_results import StoredResult
from reproduce.store.cards import named_lattice

PAULI = 4  # sigma . sigma / (S . S)


@dataclasses.dataclass(frozen=True)
class MeasuredEnergy:
    """An energy, with the row of the result that has it.

    Attributes:
        lattice: a `vmc.Chain` or `vmc.Square`.
        result: the `StoredResult`.
        row: the row, a dict.
        run: the record of the training that made it, a dict, or None.
        stage: the settings of its stage, a dict, empty without a run.
        rows_so_far: the rows of that training up to this one.
    """

    lattice: vmc.Lattice
    result: StoredResult
    row: dict
    run: dict | None = None
    stage: dict = dataclasses.field(default_factory=dict)
    rows_so_far: tuple = ()

    @property
    def energy(self):
        """The total energy, with Pauli matrices."""
        return PAULI * self.row["energy"]

    @property
    def std_error(self):
        """The energy's standard error."""
        return PAULI * self.row["std_error"]

    @property
    def variance(self):
        """The variance of the local energy."""
        return PAULI**2 * self.row["variance"]

    @property
    def preset(self):
        """The preset that was measured, or None."""
        return self.row.get("preset")

    @property
    def method(self):
        """The network, what it is averaged over, and which measurement it is."""
        if self.preset:
            return f"RNN, preset {self.preset}, arXiv:2003.06228"
        network = self.result.record.get("wave_function", "not recorded")
        group = self.stage.get("group")
        averaged = f", averaged over the group {group}" if group else ""
        where = f"{self.result.name} {self.row.get('stage', '')}"
        return f"RNN, {network}{averaged}, {where}, arXiv:2003.06228"


def measured_energies(results):
    """The energies of chains and squares among some results.

    Rows without an error or a variance are left out: no benchmark can rank them.

    Args:
        results: `StoredResult`s.

    Returns:
        A list of `MeasuredEnergy`s, chains first, by size.
    """
    found = [
        MeasuredEnergy(lattice, result, row, *training)
        for result in results
        for row, training in _with_trainings(result)
        if _is_measured(row)
        if type(lattice := named_lattice(row["lattice"])) in (vmc.Chain, vmc.Square)
    ]
    return sorted(found, key=lambda one: (len(one.lattice.shape), one.lattice.num_sites))


def _is_measured(row):
    numbers = [row.get(key) for key in ("energy", "std_error", "variance")]
    return "lattice" in row and all(
        isinstance(number, (int, float)) and math.isfinite(number) for number in numbers
    )


def _with_trainings(result):
    """Each row with its run, its stage and the run's rows up to it; `()` without a run.

    A run has a row for each of its stages, and one run's rows follow another's.
    """
    start = 0
    for run in result.runs:
        rows = result.rows[start : start + len(run["stages"])]
        for n, (row, stage) in enumerate(zip(rows, run["stages"])):
            yield row, (run, stage, tuple(rows[: n + 1]))
        start += len(run["stages"])
    for row in result.rows[start:]:
        yield row, ()
