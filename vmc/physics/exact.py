"""Small systems in full: all configurations, exact diagonalisation."""

import numpy as np
from scipy.sparse import linalg

from models.checks import whole_number
from models.magnetization import num_up_spins

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


def ground_state(hamiltonian, total_sz=None, num_states=1):
    """The lowest exact states by sparse diagonalisation (ARPACK), in all or in one sector.

    Args:
        hamiltonian: a `vmc.Hamiltonian`; for all sectors anything else with
            `to_sparse` too.
        total_sz: the total S^z of the states; None for any. With it there
            may be as many sites as memory allows, which is 24 for S^z = 0
            of a Heisenberg model in 8 GiB.
        num_states: how many states.

    Returns:
        `(energy, state)`: the total energy and the normalised vector `[2^n]`,
        real or complex as the matrix is, in the order of `configurations`. Of
        more than one state `[num_states]` energies, ascending, and vectors
        `[2^n, num_states]`.

    Raises:
        ValueError: more than 20 sites without a sector; a Hamiltonian that
            does not conserve S^z, or a total S^z that its sites cannot have;
            fewer states than are asked for.

    Example:

    Two spins in a singlet, and the lowest triplet:

    >>> import vmc
    >>> energy, state = ground_state(vmc.Heisenberg(vmc.Chain(2)))
    >>> round(energy, 6), np.round(state**2, 6).tolist()
    (-0.75, [0.0, 0.5, 0.5, 0.0])
    >>> energy, state = ground_state(vmc.Heisenberg(vmc.Chain(2)), total_sz=1)
    >>> round(energy, 6), np.round(state**2, 6).tolist()
    (0.25, [0.0, 0.0, 0.0, 1.0])
    """
    num_states = whole_number("num_states", num_states, 1)
    if total_sz is None:
        basis, matrix = None, hamiltonian.to_sparse()
    else:
        if not hamiltonian.conserves_sz:
            raise ValueError(f"{hamiltonian.label} does not conserve the total S^z.")
        basis = _with_up_spins(
            hamiltonian.lattice.num_sites, num_up_spins(hamiltonian.lattice.num_sites, total_sz)
        )
        matrix = hamiltonian.matrix(basis)
    size = matrix.shape[0]
    if num_states > size:
        raise ValueError(f"There are {size} states, fewer than num_states={num_states}.")
    if size <= max(64, 2 * num_states):
        values, vectors = np.linalg.eigh(matrix.toarray())
    else:
        start = np.random.default_rng(0).normal(size=size)
        values, vectors = linalg.eigsh(matrix, k=num_states, which="SA", v0=start)
    order = np.argsort(values)[:num_states]
    values, vectors = values[order], vectors[:, order]
    if basis is not None:
        inside = vectors
        vectors = np.zeros((2**hamiltonian.lattice.num_sites, num_states), inside.dtype)
        vectors[basis] = inside
    return (float(values[0]), vectors[:, 0]) if num_states == 1 else (values, vectors)


def _with_up_spins(num_sites, number):
    """All configurations with so many up spins, as ascending ints."""
    numbers = np.arange(2**num_sites)
    ups = np.zeros(len(numbers), "int8")
    for site in range(num_sites):
        ups += (numbers >> site & 1).astype("int8")
    return numbers[ups == number]
