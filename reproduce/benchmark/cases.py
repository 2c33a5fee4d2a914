"""What the benchmark runs on: the chain and the square, and their networks."""

import dataclasses
from collections.abc import Callable

import keras
import numpy as np

from models.signs import sublattice

TAUGHT_STEPS = 50
SHUFFLED = 0.35  # of the sites of what is taught, leaving some 3/4 of the bonds antiparallel


@dataclasses.dataclass(frozen=True)
class Case:
    """A lattice, the paper's network for it, and a network for the scaling table.

    Attributes:
        name: as the flag `--lattice` has it.
        lattice: makes a lattice of a size.
        size: where the parts of a step are measured.
        network: makes the wave function that is measured there.
        num_samples: minibatch.
        race: size and samples with which shared prefixes race brute force.
        taught_size: where networks learn what bonds look like.
        growing: makes the wave function of the scaling table.
        sizes: of the scaling table; None for as many as there is time for.
        repeats: of each measurement.
    """

    name: str
    lattice: Callable
    size: int
    network: Callable
    num_samples: int
    race: tuple[int, int]
    taught_size: int
    growing: Callable
    sizes: tuple[int, ...] | None
    repeats: int

    def taught(self, network):
        """A new wave function, with bonds that are antiparallel about as often as they should be.

        Only antiparallel bonds cost time: half of them in a wave function
        that knows nothing, about three quarters in a ground state. A few
        steps towards the likelihood of shuffled Néel states do that, for any
        network and much sooner than the energy would.
        """
        keras.utils.set_random_seed(0)
        wf = network()
        spins = shuffled_neel(self.lattice(self.taught_size), 50 * TAUGHT_STEPS)
        pupil = Likelihood(wf)
        pupil.compile(
            keras.optimizers.Adam(3e-3),
            loss=lambda _, log_amplitude: -2 * log_amplitude,
            # As in `vmc.VMC`: XLA is slow at the gradient through a loop.
            jit_compile=keras.backend.backend() == "jax",
        )
        pupil.fit(spins, np.zeros(len(spins)), batch_size=50, verbose=0)
        return wf


class Likelihood(keras.Model):
    """A wave function's log amplitude, for Keras to raise."""

    def __init__(self, wf):
        super().__init__()
        self.wf = wf

    def call(self, spins):
        return self.wf(spins)[0]


def shuffled_neel(lattice, num_samples):
    """Néel states with the spins of some sites shuffled: int32 `[num_samples, *shape]`.

    Shuffling keeps the magnetisation, which a network may conserve.
    """
    rng = np.random.default_rng(0)
    neel = sublattice(lattice.shape).astype("int32")
    spins = (neel + rng.integers(2, size=(num_samples, 1))).astype("int32") % 2
    for row in spins:
        some = rng.random(lattice.num_sites) < SHUFFLED
        row[some] = rng.permutation(row[some])
    return spins.reshape(num_samples, *lattice.shape)
