"""Does an average over symmetries leave a Hamiltonian's ground state as it is?"""

import numpy as np

from models.magnetization import num_up_spins
from models.signs import sublattice
from models.symmetry import GROUPS, TRANSLATIONS, permutations


def check_average(hamiltonian, wf):
    """ValueError where a `models.Symmetrized` averages the ground state away.

    Args:
        hamiltonian: a `vmc.Hamiltonian`.
        wf: the average; the message says what to use in place of its options.
    """
    if wf.group == TRANSLATIONS and not hamiltonian.lattice.periodic:
        raise ValueError(
            f"Translations and a momentum need a periodic lattice, unlike {hamiltonian.lattice}."
        )
    if not _symmetric(hamiltonian, wf.group):
        others = [repr(group) for group in GROUPS if _symmetric(hamiltonian, group)]
        use = f"use {' or '.join(others)}" if others else "do not average over it"
        raise ValueError(f"{hamiltonian.label} does not have the symmetry {wf.group!r}: {use}.")
    sites = np.arange(hamiltonian.lattice.num_sites)
    if wf.spin_flip and not hamiltonian.probe.symmetric(sites, spin_flip=True):
        raise ValueError(f"A flip of all spins changes {hamiltonian.label}: use spin_flip=False.")
    if not _keeps_signs(hamiltonian, wf, wf.marshall_frame, wf.spin_flip):
        frame = bool(hamiltonian.marshall_frame)
        options = [(frame, wf.spin_flip), (frame, False), (not frame, wf.spin_flip)]
        frame, flip = next(
            (o for o in options if _keeps_signs(hamiltonian, wf, *o)), (frame, False)
        )
        use = [f"marshall_frame={frame}"] * (frame != wf.marshall_frame)
        use += ["spin_flip=False"] * (flip != wf.spin_flip)
        raise ValueError(
            f"The ground state of {hamiltonian.label} changes its sign among the images of "
            f"a configuration, and averages to zero: use {' and '.join(use)}."
        )


def _symmetric(hamiltonian, group):
    """Whether the Hamiltonian has the symmetries of a group, and its lattice their shape."""
    try:
        group = permutations(group, hamiltonian.lattice.shape)
    except ValueError:
        return False
    return all(hamiltonian.probe.symmetric(permutation) for permutation in group[1:])


def _keeps_signs(hamiltonian, wf, marshall_frame, spin_flip):
    """Whether the ground state has one sign in all images, in a frame; True if nobody knows."""
    if wf.own_sector:  # which need not be the ground state's
        return True
    sites = hamiltonian.sign_sites()
    if sites is None:
        return True
    shape = hamiltonian.lattice.shape
    # Up spins on these sites still change the sign in the frame.
    odd = sites != (sublattice(shape) * marshall_frame)
    images = odd[permutations(wf.group, shape)]
    same = (images == odd).all(axis=1)
    if wf.total_sz is not None and num_up_spins(len(odd), wf.total_sz) % 2 == 0:
        # On all other sites there are as many up spins, modulo 2.
        same |= (images != odd).all(axis=1)
    return bool(same.all()) and not (spin_flip and odd.sum() % 2)
