"""Symmetry groups of lattices, as permutations of their sites."""

import numpy as np

GROUPS = {"reflection": 1, "rectangle": 2, "square": 2}  # number of axes
TRANSLATIONS = "translations"  # of lattices of any number of axes, if they are periodic


def permutations(group, shape):
    """Where each group element finds the new value of each site.

    Args:
        group: `"reflection"` (a chain's two elements), `"rectangle"` (the
            four of a rectangle), `"square"` (the eight of a square) or
            `"translations"` (as many as there are sites; along all axes,
            in raster order of the steps).
        shape: the lattice's shape.

    Returns:
        int array `[elements, sites]`: the transformed configuration is
        `spins[permutation]`. The identity comes first.

    Raises:
        ValueError: the group is unknown, or does not act on the lattice.
    """
    if group == TRANSLATIONS:
        # Site k of the image by d steps holds site k + d.
        steps = np.indices(shape).reshape(len(shape), -1)
        sites = (steps[:, None, :] + steps[:, :, None]) % np.reshape(shape, (-1, 1, 1))
        return np.ravel_multi_index(tuple(sites), shape)
    if group not in GROUPS:
        raise ValueError(f"group must be one of {', '.join(GROUPS)}, not {group!r}.")
    if len(shape) != GROUPS[group]:
        raise ValueError(f"The group {group!r} does not act on a lattice of shape {shape}.")
    if group == "square" and shape[0] != shape[1]:
        raise ValueError(f"A lattice of shape {shape} is not a square: use 'rectangle'.")
    sites = np.arange(np.prod(shape)).reshape(shape)
    if group == "reflection":
        images = [sites, sites[::-1]]
    else:
        images = [sites, sites[::-1], sites[:, ::-1], sites[::-1, ::-1]]
    if group == "square":
        images += [image.T for image in images]
    return np.stack([image.reshape(-1) for image in images])
