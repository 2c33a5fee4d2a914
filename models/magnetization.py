"""A conserved total S^z: conditionals are masked where one spin value is left."""

import numbers

from keras import ops


def as_total_sz(total_sz):
    """A total S^z that some lattice has, or None for none conserved.

    Raises:
        ValueError: neither a whole nor a half number.
    """
    if total_sz is None:
        return None
    real = isinstance(total_sz, numbers.Real) and not isinstance(total_sz, bool)
    if not (real and float(2 * total_sz).is_integer()):
        raise ValueError(f"total_sz must be a whole or half number or None, not {total_sz!r}.")
    return int(total_sz) if total_sz == int(total_sz) else float(total_sz)


def num_up_spins(num_sites, total_sz):
    """Up spins in the sector of a total S^z, in units of one.

    Raises:
        ValueError: the sector does not exist on so many sites.
    """
    num_up = num_sites / 2 + total_sz
    if num_up != int(num_up) or not 0 <= num_up <= num_sites:
        raise ValueError(
            f"total_sz={total_sz} does not exist on {num_sites} sites: "
            f"sites / 2 + total_sz = {num_up} is not a whole number from 0 to {num_sites}."
        )
    return int(num_up)


def forced_sites(spins, num_up):
    """Sites whose spin the earlier ones leave no choice.

    Args:
        spins: int32 `[batch, sites]`.
        num_up: up spins of the sector.

    Returns:
        bool, the shape of `spins`. Beyond the point where a configuration
        leaves the sector it means nothing.
    """
    num_sites = spins.shape[1]
    ups_before = ops.cumsum(spins, axis=1) - spins
    ups_left = num_up - ups_before
    downs_before = ops.arange(num_sites, dtype="int32") - ups_before
    downs_left = num_sites - num_up - downs_before
    return ops.logical_or(ups_left <= 0, downs_left <= 0)
