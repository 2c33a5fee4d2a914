"""Table I with our row, and the paper's result held against a run."""

import vmc
from reproduce.console.notation import table
from reproduce.experiment.verdicts import Verdict, of_every_run
from reproduce.reference import paper
from reproduce.reference.table1 import SIDE, paper_error, table_1


def published(results):
    """Table I, with this run's last stage and the exact energy beside the paper's."""
    last = results[-1]
    if last.lattice != vmc.Square(SIDE):
        return f"Table I is about {vmc.Square(SIDE)}, this run about {last.lattice}."
    energy = last.after.per_site
    return table(table_1([(f"this run, {last.label}", energy.mean, energy.std_error)]))


def verdicts(results, scratch=None):
    """Whether this run reaches the paper's energy, and the physics' verdict.

    Args:
        results: `StageResult`s of the stages.
        scratch: nothing; this table compares with no training from scratch.

    Returns:
        A list of `Verdict`s.
    """
    value = paper()["table1"]["lstm"]["value"]
    claim = f"a symmetrised five-layer LSTM reaches {value} per site on 6x6"
    last = results[-1]
    if last.lattice != vmc.Square(SIDE):
        reached = Verdict(claim, None, f"this run is about {last.lattice}")
    else:
        energy = last.after.per_site
        measured = (
            f"{energy.mean:.6f} ± {energy.std_error:.6f} ({last.label}), relative error "
            f"{last.relative_error:.1e} ± {last.relative_std_error:.0e}"
        )
        gap = (last.relative_error - paper_error()) / last.relative_std_error
        holds = bool(gap <= 0) if abs(gap) > 2 else None
        measured += f", {gap:+.1f} standard errors from the paper's {paper_error():.1e}"
        reached = Verdict(claim, holds, measured)
    return [reached, *of_every_run(results)]
