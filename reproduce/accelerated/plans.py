"""What is trained on an accelerator, side after side, and for which share of the time."""

import dataclasses

import vmc


@dataclasses.dataclass(frozen=True)
class Phase:
    """Part of the run: training at one side, or a measurement.

    Attributes:
        side: of the square, or the length of the chain.
        share: of the time, in arbitrary units.
        num_samples: of a minibatch, or of one call of a measurement.
        rate: learning rate, which falls along a cosine; 0 measures.
        to: fraction of the rate at the end.
        temperature: of equation 24, which falls to zero.
        averaged: train or measure the average over the square's symmetries
            and the spin flip. Its weights do not go on to the next side.
        chain: a chain instead of a square.
    """

    side: int  # or the length of a chain
    share: float
    num_samples: int
    rate: float = 0.0
    to: float = 0.02
    temperature: float = 0.0
    averaged: bool = False
    chain: bool = False

    @property
    def lattice(self):
        return vmc.Chain(self.side) if self.chain else vmc.Square(self.side)

    @property
    def name(self):
        return f"{self.side}{'-averaged' if self.averaged else ''}"


PLANS = {
    "grow": (
        Phase(4, 20, 500, 2e-2, 0.1, temperature=0.05),
        Phase(6, 110, 1000, 1e-2),
        Phase(6, 25, 200, 1e-3, 0.02, averaged=True),
        Phase(6, 12, 250, averaged=True),
        Phase(8, 90, 600, 5e-3),
        Phase(8, 20, 100, 1e-3, 0.02, averaged=True),
        Phase(8, 12, 100, averaged=True),
        Phase(10, 90, 500, 3e-3),
        Phase(10, 20, 100, 1e-3, 0.02, averaged=True),
        Phase(10, 12, 100, averaged=True),
        Phase(12, 40, 500, 2e-3),
        Phase(14, 30, 300, 1e-3),
        Phase(16, 50, 300, 1e-3),
        Phase(16, 10, 50, averaged=True),
        Phase(20, 35, 200, 5e-4),
        Phase(20, 7, 200),
        Phase(24, 25, 200, 3e-4),
        Phase(30, 35, 100, 3e-4),
        Phase(30, 8, 100),
    ),
    # On from a trained square of 10x10.
    "larger": (
        Phase(10, 100, 500, 3e-3),
        Phase(12, 55, 500, 2e-3),
        Phase(14, 45, 300, 1.5e-3),
        Phase(16, 115, 300, 1.5e-3),
        Phase(20, 95, 200, 8e-4),
        Phase(24, 40, 150, 5e-4),
        Phase(30, 90, 100, 4e-4),
    ),
    # Averages trained at each side, each from the weights of its side.
    "averages": (
        Phase(6, 35, 200, 1e-3, 0.02, averaged=True),
        Phase(6, 10, 250, averaged=True),
        Phase(8, 45, 100, 1e-3, 0.02, averaged=True),
        Phase(8, 10, 100, averaged=True),
        Phase(10, 65, 100, 1e-3, 0.02, averaged=True),
        Phase(10, 12, 100, averaged=True),
        Phase(16, 95, 50, 1e-3, 0.02, averaged=True),
        Phase(16, 20, 50, averaged=True),
        Phase(20, 60, 30, 7e-4, 0.02, averaged=True),
        Phase(20, 20, 30, averaged=True),
        Phase(30, 60, 20, 5e-4, 0.02, averaged=True),
        Phase(30, 20, 20, averaged=True),
    ),
    # Averages that are trained already.
    "measured": (
        Phase(6, 30, 250, averaged=True),
        Phase(8, 20, 100, averaged=True),
        Phase(10, 35, 100, averaged=True),
    ),
    # On from a trained square of 30x30.
    "largest": (
        Phase(30, 220, 100, 4e-4),
        Phase(30, 15, 100),
        Phase(30, 65, 20, averaged=True),
    ),
    # On from a trained chain of 300.
    "chain": (
        Phase(300, 15, 200, 1e-4, chain=True),
        Phase(500, 25, 200, 1e-4, chain=True),
        Phase(1000, 75, 100, 1e-4, chain=True),
    ),
}
