"""Which spin components are measured, and what is said where it is not all of them."""

import dataclasses
import itertools

import numpy as np

from reproduce.console.notation import duration
from reproduce.experiment.cost import seconds_of_moves

LONGEST = 900  # seconds that all components may take, unless they are asked for


@dataclasses.dataclass(frozen=True)
class Components:
    """The components of S(q) and of the staggered magnetisation squared.

    Attributes:
        axes: `"xyz"`, or `"z"` for S^z alone.
        singlet: whether the state may be a singlet, whose S^z part is a
            third of the whole.
        remark: what to say where not all components are measured; None
            where they are.
    """

    axes: str
    singlet: bool
    remark: str | None


def choose(wf, lattice, num_samples, asked=None):
    """All components, unless S^z alone is asked for or the others take too long.

    Args:
        wf: a wave function.
        lattice: a `vmc.Lattice`.
        num_samples: that all components would be measured with.
        asked: `"xyz"` or `"z"`; None leaves the choice to the time it takes.

    Returns:
        `Components`.
    """
    singlet = wf.total_sz == 0
    seconds = num_samples * seconds_per_sample(wf, lattice)
    axes = asked or ("xyz" if seconds <= LONGEST else "z")
    if axes == "xyz":
        return Components(axes, singlet, None)
    if singlet:
        remark = (
            "Only S^z was measured for S(q) and m², and multiplied by three. That assumes a "
            "singlet, which total_sz=0 allows and does not prove"
        )
    else:
        remark = (
            "Only S^z was measured for S(q) and m², which are their S^z parts alone: with "
            f"total_sz={wf.total_sz} nothing says that those of S^x and S^y are as large"
        )
    return Components(
        axes, singlet, f"{remark}; --axes=xyz measures all, in about {duration(seconds)}."
    )


def seconds_per_sample(wf, lattice):
    """Time that the exchanges of all pairs of sites take, of which half are antiparallel."""
    pairs = np.array(list(itertools.combinations(range(lattice.num_sites), 2)), int)
    return seconds_of_moves(wf, lattice, pairs.reshape(-1, 2)) / 2
