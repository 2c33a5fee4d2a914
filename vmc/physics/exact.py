"""Small systems in full: all configurations, exact diagonalisation."""

import numpy as np
from scipy.sparse import linalg

MAX_SITES = 20


def configurations(shape):
    """All configurations of a lattice, counted up in binary, the last site fastest.

    Args:
        shape: the lattice's shape, of at most 20 sites.

    Returns:
        int32 array `[2^n, *shape]`; row k holds the bits of k.

    Raises:
        ValueError: more than 20 sites.

    Example:

    >>> configurations((2,)).tolist()
    [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    num_sites = int(np.prod(shape))
    if num_sites > MAX_SITES:
        raise ValueError(f"Enumeration is for up to {MAX_SITES} sites, not {num_sites}.")
    bits = np.arange(2**num_sites)[:, None] >> np.arange(num_sites - 1, -1, -1)
    return (bits & 1).astype("int32").reshape(-1, *shape)


def ground_state(hamiltonian):
    """Exact ground state by sparse diagonalisation (ARPACK).

    Args:
        hamiltonian: a `vmc.Hamiltonian`, or anything else with `to_sparse`.

    Returns:
        `(energy, state)`: the total energy and the normalised vector, real
        `[2^n]`, in the order of `configurations`.

    Raises:
        ValueError: more than 20 sites.

    Example:

    Two spins in a singlet:

    >>> import vmc
    >>> energy, state = ground_state(vmc.Heisenberg(vmc.Chain(2)))
    >>> round(energy, 6), np.round(state**2, 6).tolist()
    (-0.75, [0.0, 0.5, 0.5, 0.0])
    """
    matrix = hamiltonian.to_sparse()
    if matrix.shape[0] <= 64:
        values, vectors = np.linalg.eigh(matrix.toarray())
    else:
        start = np.random.default_rng(0).normal(size=matrix.shape[0])
        values, vectors = linalg.eigsh(matrix, k=1, which="SA", v0=start)
    return float(values[0]), vectors[:, 0]
