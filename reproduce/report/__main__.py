"""All results as one HTML page, and as rows for VarBench.

    python -m reproduce.report                           # of the results that come with the package
    python -m reproduce.report --results=out --output=out/report.html

Collects the results in a folder, each in a folder of its own as the runs
leave them: figures, tables, verdicts against the paper, exact references,
settings, and the commands that make them again. The page needs no other
file and no network.
"""

import dataclasses

from reproduce.console.command import run
from reproduce.console.options import CommandOptions, option
from reproduce.report import archive, varbench
from reproduce.report.page import page
from reproduce.store.files import write_text


@dataclasses.dataclass(frozen=True)
class Options(CommandOptions):
    """What is read, and where the report goes."""

    results: str | None = option(None, "Folder of results; by default the package's own.")
    output: str = option("out/report.html", "The page.")
    varbench: str = option("out/varbench.md", "The rows for VarBench.")


def main(options):
    """Writes the report; returns the exit status."""
    results = archive.read(options.results)
    rows = varbench.rows(results)
    write_text(options.output, page(results))
    write_text(options.varbench, varbench.document(rows))
    print(f"{len(results)} results in {options.output}, {len(rows)} energies in {options.varbench}")
    return 0


if __name__ == "__main__":
    run(main, Options)
