"""A preset's energy, measured again and held against its card and the reference."""

import dataclasses
import math

import vmc
from reproduce.experiment.results import SIGMAS
from reproduce.store import cards

# Which of a card's samples these are not: cards are measured with the size
# as the seed, and what is measured again shall be independent of that.
OTHER_SAMPLES = 2**20


@dataclasses.dataclass(frozen=True)
class CheckedRow:
    """One size of a preset.

    Attributes:
        preset: its name.
        lattice: where it was measured.
        card: the row of its card, as `reproduce.cards.measure` made it.
        measured: the same, measured again; None where it was not.
    """

    preset: str
    lattice: vmc.Lattice
    card: dict
    measured: dict | None

    @property
    def std_error(self):
        """Standard error of the energy, of the larger of both variances.

        A few samples can miss what makes the variance; the card's, which
        are more, know better. A model that got worse has the larger one.
        """
        variance = max(self.card["variance"], self.measured["variance"])
        return math.sqrt(variance / self.measured["num_samples"])

    @property
    def from_card(self):
        """How far the energy lies above the card's, in standard errors."""
        gap = self.measured["energy"] - self.card["energy"]
        return gap / math.hypot(self.std_error, self.card["std_error"])

    @property
    def from_reference(self):
        """How far the energy lies above the reference, in standard errors."""
        gap = self.measured["energy"] - self.measured["reference"]
        return gap / math.hypot(self.std_error, self.measured["reference_error"])

    @property
    def failed(self):
        """Whether something is wrong with the model, or with what measures it."""
        return self.from_card > SIGMAS or self.from_reference < -SIGMAS

    @property
    def verdict(self):
        """What to think of it, in words."""
        if self.from_reference < -SIGMAS:
            return "BELOW THE REFERENCE"
        if self.from_card > SIGMAS:
            return "WORSE THAN ITS CARD"
        return "better than its card" if self.from_card < -SIGMAS else "as its card says"

    def describe(self):
        """Everything about the row, as CSV and JSON can hold it."""
        return {
            "preset": self.preset,
            "lattice": repr(self.lattice),
            **self.measured,
            "std_error": self.std_error,
            "relative_std_error": self.std_error / abs(self.measured["reference"]),
            "card_energy": self.card["energy"],
            "card_std_error": self.card["std_error"],
            "sigmas_from_card": self.from_card,
            "sigmas_from_reference": self.from_reference,
            "verdict": self.verdict,
        }


def check(name, wf, card, num_samples):
    """Measures a preset again at a size of its card.

    Args:
        name: of the preset.
        wf: its wave function.
        card: the card's row.
        num_samples: how many samples.

    Returns:
        A `CheckedRow`.
    """
    size = card["size"]
    print(name, end=", ", flush=True)
    measured = cards.measure(wf, size, num_samples, seed=OTHER_SAMPLES + size)
    return CheckedRow(name, cards.lattice(wf, size), card, measured)
