"""Whether the shipped presets are as good as their cards say.

    python -m reproduce.check --quick              # under two minutes on two cores
    python -m reproduce.check                      # as many samples as on the cards
    python -m reproduce.check --presets=gru-chain-80 --sizes=80,100
    python -m reproduce.check --seconds=1200 --table   # and the README's first table

Measures every preset at every size on its card with samples that are always
the same, and compares with the card and the reference. The exit status is 1
if a model got worse than its card by more than 4 standard errors, or lies
below the reference by more than 4.
"""

import dataclasses

import models
from reproduce.check import plan
from reproduce.check.paper import side_by_side
from reproduce.check.rows import CheckedRow, check
from reproduce.console.clock import Stopwatch
from reproduce.console.command import command_line, run
from reproduce.console.environment import versions
from reproduce.console.errors import RunError
from reproduce.console.notation import duration, markdown, scientific, table
from reproduce.console.options import CommandOptions, option, whole_numbers
from reproduce.reference.paper_numbers import paper_energy
from reproduce.store import cards, folders
from reproduce.store.files import write_csv, write_json, write_text
from vmc.measurement.estimate import plus_minus


@dataclasses.dataclass(frozen=True)
class Options(CommandOptions):
    """What is checked."""

    quick: bool = option(False, "Few samples, and no more sizes than two minutes allow.")
    seconds: float | None = option(
        None, "As many samples as about so many seconds allow, at most the cards'.", least=1.0
    )
    presets: tuple | None = option(None, "Which presets; all by default.")
    sizes: tuple | None = option(None, "Which of the sizes on their cards; all by default.")
    max_samples: int | None = option(None, "Samples at each size, at most.", least=2)
    table: bool = option(False, "Print paper, this project and exact as Markdown.")
    output_dir: str | None = option(None, "A new or empty folder for what is measured.")

    def __post_init__(self):
        super().__post_init__()
        if self.sizes is not None:
            object.__setattr__(self, "sizes", whole_numbers("sizes", self.sizes))


def main(options):
    """Checks; returns the exit status."""
    plans = _plans(options)
    folder = options.output_dir and folders.output_folder(
        options.output_dir, None, {}, resume=False
    )
    watch = Stopwatch()
    expected = sum(plan.total_seconds(wf, rows) for wf, rows in plans.values())
    print(f"about {duration(expected)} on two cores", flush=True)
    checked = [
        check(name, wf, card, num_samples)
        for name, (wf, rows) in plans.items()
        for card, num_samples in rows
    ]
    print("\n" + table([HEAD, *map(_cells, checked)]))
    left_out = sum(len(wf.card["energies"]) for wf, _ in plans.values()) - len(checked)
    if left_out and not options.sizes:
        print(f"{left_out} sizes are left out, for which there is no time")
    rows = checked + _not_measured(plans, checked, options.sizes)
    _print_paper(rows, options.table)
    failed = [row for row in checked if row.failed]
    print(f"\n{len(checked) - len(failed)} of {len(checked)} are as good as their cards, "
          f"in {duration(watch.seconds())}", flush=True)  # fmt: skip
    if folder:
        _write(folder.path, checked, rows, watch.seconds())
    return int(bool(failed))


HEAD = ["preset", "size", "energy", "samples", "card", "reference", "relative error",
        "σ from card", "verdict"]  # fmt: skip


def _cells(row):
    measured, card = row.measured, row.card
    bar = row.std_error / abs(measured["reference"])
    return [
        row.preset,
        str(card["size"]),
        plus_minus(measured["energy"], row.std_error),
        str(measured["num_samples"]),
        plus_minus(card["energy"], card["std_error"]),
        plus_minus(measured["reference"], measured["reference_error"]),
        scientific(measured["relative_error"], bar),
        f"{row.from_card:+.1f}",
        row.verdict,
    ]


def _plans(options):
    """For each preset asked for its wave function, and sizes with samples; RunError for others."""
    known = models.presets()
    names = list(known) if options.presets is None else options.presets
    sizes = options.sizes
    plans = {}
    for name in names:
        try:
            wf = models.load(name)
        except ValueError as error:
            raise RunError(str(error)) from error
        rows = plan.full(wf, options.max_samples)
        if options.quick or options.seconds:
            # Of all presets, so that a preset's samples are the same whichever are asked for.
            share = (options.seconds or plan.QUICK_SECONDS) / len(known)
            most = None if options.seconds else plan.QUICK_SAMPLES
            rows = plan.within(
                wf, share, min(filter(None, (options.max_samples, most)), default=None)
            )
        plans[name] = wf, [pair for pair in rows if sizes is None or pair[0]["size"] in sizes]
    if not any(rows for _, rows in plans.values()):
        raise RunError("no preset's card has one of --sizes, or there is no time for it")
    return plans


def _not_measured(plans, checked, sizes):
    """The other rows of the presets' cards, of which nothing was measured now."""
    done = {(row.preset, row.card["size"]) for row in checked}
    return [
        CheckedRow(name, cards.lattice(wf, card["size"]), card, None)
        for name, (wf, _) in plans.items()
        for card in wf.card["energies"]
        if (name, card["size"]) not in done and (sizes is None or card["size"] in sizes)
    ]


def _print_paper(rows, as_markdown):
    """What the paper gives a number for, or all lattices as Markdown."""
    if as_markdown:
        print("\n" + markdown(side_by_side(rows)))
        return
    numbers = [row for row in rows if isinstance(paper_energy(row.lattice), float)]
    if numbers:
        print("\nbeside the paper, energies per site\n" + table(side_by_side(numbers)))


def _write(folder, checked, rows, seconds):
    measured = [row.describe() for row in checked]
    write_csv(folder / "check.csv", measured)
    content = {
        "command": command_line("check"),
        "versions": versions(),
        "seconds": round(seconds, 1),
    }
    content |= {"results": measured}
    write_json(folder / "check.json", content)
    write_text(folder / "paper.md", markdown(side_by_side(rows)) + "\n")


if __name__ == "__main__":
    run(main, Options)
