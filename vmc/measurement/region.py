"""A region of a lattice: some of its sites."""

import numpy as np


def as_region(region, num_sites):
    """The sites of a region.

    Args:
        region: ints, sites in raster order.
        num_sites: sites of the lattice.

    Returns:
        int array `[sites of the region]`, sorted.

    Raises:
        ValueError: a site that is not on the lattice, or named twice.

    Example:

    >>> as_region([3, 1], 4).tolist()
    [1, 3]
    """
    sites = np.asarray(list(region))
    integers = sites.ndim == 1 and (np.issubdtype(sites.dtype, np.integer) or not sites.size)
    if not integers or ((sites < 0) | (sites >= num_sites)).any():
        raise ValueError(
            f"region must name sites by whole numbers from 0 to {num_sites - 1}, in raster "
            f"order, not {sites.tolist()}."
        )
    sites, times = np.unique(sites.astype(int), return_counts=True)
    if (times > 1).any():
        raise ValueError(f"region names site {sites[times > 1][0]} more than once.")
    return sites
