"""Runs scripts without a new interpreter for each."""

import functools

from absl import flags

from reproduce.runs import guarded


def run_in_process(script, arguments, monkeypatch):
    """A script's exit status for a command line.

    Args:
        script: its module, with `define_flags`, `main` and absl's `FLAGS`.
        arguments: of the command line, without the name of the script.
        monkeypatch: pytest's fixture.
    """
    # Flags are global, and the next script defines others of the same names.
    values = flags.FlagValues()
    monkeypatch.setattr(script, "FLAGS", values)
    for kind in ("enum", "list", "integer", "float", "string", "bool"):
        define = getattr(flags, f"DEFINE_{kind}")
        monkeypatch.setattr(flags, f"DEFINE_{kind}", functools.partial(define, flag_values=values))
    script.define_flags()
    return guarded(script.main, values([script.__name__, *arguments]))
