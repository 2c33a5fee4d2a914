"""Energies as rows of VarBench, the variational benchmarks of arXiv:2302.04919."""

from reproduce.console.notation import markdown
from reproduce.report.measured_energies import measured_energies
from vmc.measurement.estimate import plus_minus

HEAD = ["Energy", "Sigma", "Energy Variance", "DOF", "Einf", "Method"]
EINF = "0"  # the energy at infinite temperature: sigma . sigma has no trace


def file_name(measured):
    """The file of VarBench that an energy belongs to.

    Args:
        measured: a `MeasuredEnergy`.
    """
    shape, n = measured.lattice.shape, measured.lattice.num_sites
    ends = "".join("P" if joined else "O" for joined in measured.lattice.periodic_axes)
    if len(shape) == 1:
        return f"Heisenberg/chain_{n}_{ends}_{n}.md"
    if shape[0] == shape[1]:
        return f"Heisenberg/square_{shape[0]}_{ends}_{n}.md"
    return f"Heisenberg/rectangular_{shape[0]}x{shape[1]}_{ends}_{n}.md"


def cells(measured):
    """An energy as the cells of a row, in the order of `HEAD`.

    Args:
        measured: a `MeasuredEnergy`.
    """
    energy, _, sigma = plus_minus(measured.energy, measured.std_error).partition(" ± ")
    variance = f"{measured.variance:.6g}"
    return [energy, sigma or "0", variance, str(measured.lattice.num_sites), EINF, measured.method]


def table_rows(results):
    """All energies as one table.

    Args:
        results: `StoredResult`s.

    Returns:
        Rows of text cells, the heads first; empty without energies.
    """
    rows = [[file_name(one), *cells(one)] for one in measured_energies(results)]
    return [["File", *HEAD], *rows] if rows else []


def document(results):
    """All energies as Markdown, with a table for each of VarBench's files.

    Args:
        results: `StoredResult`s.
    """
    files = {}
    for one in measured_energies(results):
        files.setdefault(file_name(one), []).append(cells(one))
    return "\n".join(f"## {file}\n\n{markdown([HEAD, *rows])}\n" for file, rows in files.items())
