"""The Marshall sign, and the frame in which it is taken out."""

import numpy as np
from keras import ops


def sublattice(shape):
    """1 on the sublattice of even coordinate sum, 0 on the other.

    Args:
        shape: the lattice's shape, a tuple of ints.

    Returns:
        int32 `[sites]` in raster order.
    """
    return 1 - np.indices(shape).sum(0).reshape(-1).astype("int32") % 2


def marshall_phase(spins, dtype):
    """pi for each up spin of the even sublattice, modulo 2 pi.

    With these signs the ground state of the Heisenberg antiferromagnet on a
    bipartite lattice is positive (Marshall 1955).

    Args:
        spins: int `[batch, *shape]`.
        dtype: of the result.

    Returns:
        float `[batch]`, 0 or pi.
    """
    even = sublattice(spins.shape[1:]).reshape(spins.shape[1:])
    ups = ops.sum(ops.multiply(spins, even), axis=tuple(range(1, len(spins.shape))))
    return np.pi * ops.cast(ups % 2, dtype)
