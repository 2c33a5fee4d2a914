"""Energies as rows of VarBench, the variational benchmarks of arXiv:2302.04919.

Its Heisenberg model is written with Pauli matrices, H = sum sigma . sigma, so
energies are four times ours and variances sixteen times.
"""

import dataclasses
import itertools

from reproduce.console.notation import markdown
from reproduce.store.cards import named_lattice
from vmc.measurement.estimate import plus_minus

PAULI = 4  # sigma . sigma / (S . S)
HEAD = ["Energy", "Sigma", "Energy Variance", "DOF", "Einf", "Method"]
EINF = "0"  # the trace of sigma . sigma, so the energy at infinite temperature


@dataclasses.dataclass(frozen=True)
class VarBenchRow:
    """An energy in our units, and how it was found.

    Attributes:
        lattice: a `vmc.Lattice` with open ends.
        energy: total energy.
        std_error: its standard error.
        variance: of the energy.
        method: in words.
    """

    lattice: object
    energy: float
    std_error: float
    variance: float
    method: str

    @property
    def file(self):
        """The file of VarBench that it belongs to."""
        shape, n = self.lattice.shape, self.lattice.num_sites
        if len(shape) == 1:
            return f"Heisenberg/chain_{n}_O_{n}.md"
        if shape[0] == shape[1]:
            return f"Heisenberg/square_{shape[0]}_OO_{n}.md"
        return f"Heisenberg/rectangular_{shape[0]}x{shape[1]}_OO_{n}.md"

    def cells(self):
        """The row's cells, in VarBench's units."""
        text = plus_minus(PAULI * self.energy, PAULI * self.std_error)
        energy, _, sigma = text.partition(" ± ")
        variance = f"{PAULI**2 * self.variance:.6g}"
        return [energy, sigma or "0", variance, str(self.lattice.num_sites), EINF, self.method]


def rows(results):
    """The rows of all energies in some results, chains first, by size.

    Args:
        results: `reproduce.report.archive.Result`s.

    Returns:
        A list of `VarBenchRow`s.
    """
    found = []
    for result in results:
        for row, stage in itertools.zip_longest(result.rows, result.stages, fillvalue={}):
            if {"lattice", "energy", "std_error", "variance"} <= row.keys():
                numbers = (float(row[key]) for key in ("energy", "std_error", "variance"))
                lattice = named_lattice(row["lattice"])
                found.append(VarBenchRow(lattice, *numbers, _method(result, row, stage)))
    return sorted(found, key=lambda row: (len(row.lattice.shape), row.lattice.num_sites))


def _method(result, row, stage):
    """The network, what it is averaged over, and what measured it."""
    if "preset" in row:
        return f"RNN, preset {row['preset']}, arXiv:2003.06228"
    network = result.record.get("wave_function", "not recorded")
    averaged = f", averaged over the group {stage['group']}" if stage.get("group") else ""
    return f"RNN, {network}{averaged}, {result.name} {row.get('stage', '')}, arXiv:2003.06228"


def document(found):
    """The rows as Markdown, a table for each of VarBench's files."""
    files = {}
    for row in found:
        files.setdefault(row.file, []).append(row)
    parts = (
        f"## {file}\n\n{markdown([HEAD, *(row.cells() for row in group)])}\n"
        for file, group in files.items()
    )
    return "\n".join(parts)
