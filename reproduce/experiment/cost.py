"""How much arithmetic a run takes, and how long that is on a nominal machine.

The time is worked out and not measured, so that the same run is always
planned with the same numbers.
"""

import numpy as np

from models import Symmetrized

FLOPS = 3e10  # a second, of the nominal machine: about two cores with small networks
GRAPH_SECONDS = 3.0  # to trace a lattice's graphs and to run them once
STEP_SECONDS = 5e-3  # of a train step, however little it computes
GRADIENT_PASSES = 3  # the gradient takes as long as so many passes over its samples


def network_of(wf):
    """The network behind averages, and how many of its configurations make one amplitude."""
    images = 1
    while isinstance(wf, Symmetrized):
        wf, images = wf.base, images * wf.num_images
    return wf, images


def flops_per_site(wf):
    """Arithmetic of one site of one configuration: matrix products only.

    Every matrix of our networks meets every site once.
    """
    return sum(2 * int(np.prod(w.shape)) for w in wf.trainable_variables if len(w.shape) == 2)


def walked_sites(wf, moves, shape, wanted):
    """Sites that flip ratios visit where prefixes are shared.

    Args:
        wf: a wave function; one without walks visits all sites.
        moves: int `[num_moves, k]`, the sites that each flips.
        shape: the lattice's shape.
        wanted: bool `[samples, num_moves]`.
    """
    num_sites = int(np.prod(shape))
    if not hasattr(wf, "walk_start"):
        return int(wanted.sum()) * num_sites
    num_steps = 1 + wf.walk_start(num_sites - 1, shape)
    steps = [num_steps - wf.walk_start(int(move.min()), shape) for move in moves]
    return int((wanted * steps).sum()) * (num_sites // num_steps)


def seconds_of_moves(wf, lattice, moves):
    """Time of a sample's flip ratios.

    Args:
        wf: a wave function.
        lattice: a `vmc.Lattice`.
        moves: int `[num_moves, k]`, all of which count.
    """
    network, images = network_of(wf)
    sites = walked_sites(network, moves, lattice.shape, np.ones((1, len(moves)), bool))
    return images * flops_per_site(network) * sites / FLOPS


def seconds_per_sample(wf, hamiltonian):
    """Time of a sample's local energy."""
    return seconds_of_moves(wf, hamiltonian.lattice, hamiltonian.moves)


def seconds_per_step(wf, hamiltonian, num_samples):
    """Time of a train step: samples, their local energies and the gradient."""
    network, images = network_of(wf)
    passes = (1 + GRADIENT_PASSES) * hamiltonian.lattice.num_sites * flops_per_site(network)
    a_sample = seconds_per_sample(wf, hamiltonian) + images * passes / FLOPS
    return STEP_SECONDS + num_samples * a_sample
