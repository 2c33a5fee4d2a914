"""All results as one HTML page, and as rows for VarBench.

    python -m reproduce.report                           # of the results that come with the package
    python -m reproduce.report --results=out --output=out/report.html

Collects the results in a folder, each in a folder of its own as the runs
leave them: figures, tables, verdicts against the paper, exact references,
settings, and the commands that make them again. The page needs no other
file and no network.
"""

import pathlib

from absl import flags

from reproduce.report import archive, varbench
from reproduce.report.page import page
from reproduce.runs import RunError, run

FLAGS = flags.FLAGS


def define_flags():
    """Defines the flags."""
    flags.DEFINE_string("results", None, "Folder of results; by default the package's own.")
    flags.DEFINE_string("output", "out/report.html", "The page.")
    flags.DEFINE_string("varbench", "out/varbench.md", "The rows for VarBench.")


def main():
    """Writes the report; returns the exit status."""
    results = archive.read(FLAGS.results)
    rows = varbench.rows(results)
    _write(FLAGS.output, page(results))
    _write(FLAGS.varbench, varbench.document(rows))
    print(f"{len(results)} results in {FLAGS.output}, {len(rows)} energies in {FLAGS.varbench}")
    return 0


def _write(path, text):
    path = pathlib.Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}") from error


if __name__ == "__main__":
    define_flags()
    run(main)
