"""All results as one HTML page, and as rows for VarBench and its successor.

    python -m reproduce.report                           # of the results that come with the package
    python -m reproduce.report --results=out --output=out/report.html
    python -m reproduce.report --leaderboard=out/leaderboard

Collects the results in a folder, each in a folder of its own as the runs
leave them: figures, tables, verdicts against the paper, exact references,
settings, and the commands that make them again. The page needs no other
file and no network.
"""

import dataclasses
import pathlib

from reproduce.console.command import run
from reproduce.console.options import CommandOptions, option
from reproduce.report import leaderboard, stored_results, varbench
from reproduce.report.measured_energies import measured_energies
from reproduce.report.page import page
from reproduce.store.files import write_text


@dataclasses.dataclass(frozen=True)
class Options(CommandOptions):
    """What is read, and where the report goes."""

    results: str | None = option(None, "Folder of results; by default the package's own.")
    output: str = option("out/report.html", "The page.")
    varbench: str = option("out/varbench.md", "The rows for VarBench.")
    leaderboard: str | None = option(
        None,
        "Folder for the rows of the quantum many-body leaderboard, a JSON file for each lattice. "
        "By default they are not written.",
    )
    leaderboard_reference: str | None = option(
        None, "Where the energies are published, which the leaderboard needs to know."
    )


def main(options):
    """Writes the report; returns the exit status."""
    results = stored_results.read(options.results)
    write_text(options.output, page(results))
    write_text(options.varbench, varbench.document(results))
    count = len(measured_energies(results))
    print(f"{len(results)} results in {options.output}, {count} energies in {options.varbench}")
    if options.leaderboard:
        files = leaderboard.files(results, options.leaderboard_reference)
        for name, text in files.items():
            write_text(pathlib.Path(options.leaderboard) / name, text)
        print(f"{count} energies on {len(files)} lattices in {options.leaderboard}")
    return 0


if __name__ == "__main__":
    run(main, Options)
