"""Every numeric flag of every script at zero, below and far above: a clear line, or it works."""

import pytest
from absl import flags

from reproduce.ablation import __main__ as ablation
from reproduce.benchmark import __main__ as benchmark
from reproduce.console.errors import RunError
from reproduce.store import folders

FIGURE = (
    "units", "num_layers", "num_samples", "evaluation_samples", "learning_rate", "seed",
    "checkpoint_seconds", "steps",
)  # fmt: skip
SCRIPTS = {
    "fig3": (["--weights=none"], [*FIGURE, "sizes"]),
    "fig4": (["--weights=none"], [*FIGURE, "sizes", "max_side"]),
    "table1": (["--weights=none"], [*FIGURE, "side"]),
    "benchmark": (
        [],
        ["sites", "side", "units", "num_layers", "num_samples", "repeats", "scaling", "sides",
         "seconds"],
    ),
    "observables": ([], ["size", "num_samples", "seed"]),
    "check": (["--output_dir=checked"], ["sizes", "max_samples"]),
    "ablation": ([], ["seconds", "samples", "seed"]),
    "publish": (
        ["--run=nowhere", "--stage=80", "--name=a", "--description=a"],
        ["samples", "other_samples", "other_sizes"],
    ),
}  # fmt: skip
HUGE = 10**18
# Whatever else is tried gets a line that names the flag. (At such a rate a
# run stops by itself, with the last finite weights.)
WORKS = {
    ("seed", 0), ("checkpoint_seconds", 0), ("checkpoint_seconds", HUGE), ("learning_rate", HUGE),
    ("max_samples", HUGE),  # the cards have fewer
    ("ablation", "seconds", HUGE), ("ablation", "samples", HUGE),  # who asks for it gets it
}  # fmt: skip
CHECKED_AGAINST_THE_RUN = {"samples", "other_samples", "other_sizes"}


class Accepted(RunError):
    """Instead of the work itself, which comes after all flags have been checked."""


@pytest.mark.parametrize("script", SCRIPTS)
def test_zero_below_and_far_above(script, in_process, monkeypatch):
    def accept(*args, **kwargs):
        raise Accepted("accepted")

    monkeypatch.setattr(folders, "output_folder", accept)
    monkeypatch.setattr(benchmark, "all_lattices", accept)
    monkeypatch.setattr(ablation, "measure", accept)
    arguments, names = SCRIPTS[script]
    wrong = {}
    for name in names:
        for value in (0, -1, HUGE):
            try:
                status, text = in_process(script, [*arguments, f"--{name}={value}"])
            except flags.IllegalFlagValueError as error:  # absl prints it, without a traceback
                status, text = 2, f"error: {error}\n"
            if {(name, value), (script, name, value)} & WORKS:
                clear = text == "error: accepted\n"
            elif name in CHECKED_AGAINST_THE_RUN:
                clear = f"--{name}" in text or "nowhere holds no run" in text
            else:
                clear = f"--{name}" in text
            if status != 2 or text.count("\n") != 1 or not clear:
                wrong[name, value] = text
    assert wrong == {}
