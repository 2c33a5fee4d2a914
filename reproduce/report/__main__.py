"""All results as one HTML page, and as rows for VarBench and its successor.

    python -m reproduce.report                           # of the results that come with the package
    python -m reproduce.report --results=out --output=out/report.html
    python -m reproduce.report --leaderboard=out/leaderboard

Collects the results in a folder, each in a folder of its own as the runs
leave them: figures, tables, verdicts against the paper, exact references,
settings, and the commands that make them again. The page needs no other
file and no network.
"""

import pathlib

from absl import flags

from reproduce.report import leaderboard, stored_results, varbench
from reproduce.report.measured_energies import measured_energies
from reproduce.report.page import page
from reproduce.runs import RunError, run

FLAGS = flags.FLAGS


def define_flags():
    """Defines the flags."""
    flags.DEFINE_string("results", None, "Folder of results; by default the package's own.")
    flags.DEFINE_string("output", "out/report.html", "The page.")
    flags.DEFINE_string("varbench", "out/varbench.md", "The rows for VarBench.")
    flags.DEFINE_string(
        "leaderboard", None,
        "Folder for the rows of the quantum many-body leaderboard, a JSON file for each lattice. "
        "By default they are not written.",
    )  # fmt: skip
    flags.DEFINE_string(
        "leaderboard_reference", None,
        "Where the energies are published, which the leaderboard needs to know.",
    )  # fmt: skip


def main():
    """Writes the report; returns the exit status."""
    results = stored_results.read(FLAGS.results)
    _write(FLAGS.output, page(results))
    _write(FLAGS.varbench, varbench.document(results))
    count = len(measured_energies(results))
    print(f"{len(results)} results in {FLAGS.output}, {count} energies in {FLAGS.varbench}")
    if FLAGS.leaderboard:
        files = leaderboard.files(results, FLAGS.leaderboard_reference)
        for name, text in files.items():
            _write(pathlib.Path(FLAGS.leaderboard) / name, text)
        print(f"{count} energies on {len(files)} lattices in {FLAGS.leaderboard}")
    return 0


def _write(path, text):
    """Writes a text; RunError if that fails."""
    path = pathlib.Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RunError(f"cannot write {path}: {error.strerror}") from error


if __name__ == "__main__":
    define_flags()
    run(main)
