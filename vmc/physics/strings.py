"""Products of Pauli matrices on different sites."""

import itertools
import numbers
from typing import NamedTuple

import keras
import numpy as np
from keras import ops


class PauliString(NamedTuple):
    """Pauli matrices on different sites, in the order of the sites.

    Attributes:
        letters: of X, Y and Z.
        sites: as many ints, ascending.

    Example:

    >>> string = PauliString("XYZ", (0, 2, 3))
    >>> string.flipped, string.signed
    ((0, 2), (2, 3))
    """

    letters: str
    sites: tuple

    @property
    def flipped(self):
        """The sites whose spins it flips."""
        return tuple(site for letter, site in zip(*self) if letter in "XY")

    @property
    def signed(self):
        """The sites whose spins change the sign of its element, those of Y and Z."""
        return tuple(site for letter, site in zip(*self) if letter in "YZ")

    @property
    def factor(self):
        """Its element where all spins are up, of Y = [[0, -i], [i, 0]]."""
        return (-1j) ** self.letters.count("Y")


def parsed(term, lattice):
    """A term of a `vmc.PauliSum` as a `PauliString` and a float; ValueError if it is invalid."""
    try:
        letters, sites, value = term
        sites = [_whole(site) for site in sites]
    except (TypeError, ValueError) as error:
        raise ValueError(
            f'A term is letters, sites and a coefficient, as ("XX", [0, 1], 0.5), not {term!r}.'
        ) from error
    named = f"The term {tuple(term)!r}"
    if not isinstance(letters, str) or set(letters) - set("IXYZ") or len(letters) != len(sites):
        raise ValueError(f"{named} needs one letter I, X, Y or Z for each of its sites.")
    if len(set(sites)) < len(sites):
        raise ValueError(f"{named} names a site twice.")
    if any(not 0 <= site < lattice.num_sites for site in sites):
        raise ValueError(
            f"{named} names a site outside of {lattice}, whose sites are 0 to "
            f"{lattice.num_sites - 1}."
        )
    if not isinstance(value, numbers.Number) or not np.isfinite(value):
        raise ValueError(f"{named} needs a finite number as its coefficient.")
    if np.imag(value):
        raise ValueError(f"{named} is not Hermitian: its coefficient must be real.")
    pairs = sorted((site, letter) for letter, site in zip(letters, sites) if letter != "I")
    string = PauliString("".join(letter for _, letter in pairs), tuple(site for site, _ in pairs))
    return string, float(np.real(value))


def _whole(site):
    if isinstance(site, bool) or int(site) != site:
        raise ValueError(site)
    return int(site)


def added(terms):
    """A dict of the coefficient of each string."""
    total = {}
    for string, value in terms:
        total[string] = total.get(string, 0.0) + value
    return total


def conserve_sz(terms):
    """Whether a sum of strings commutes with the total S^z.

    Args:
        terms: a dict of coefficients by `PauliString`.

    Example:

    >>> xx, yy = (PauliString(letters, (0, 1)) for letters in ("XX", "YY"))
    >>> conserve_sz({xx: 1.0, yy: 1.0}), conserve_sz({xx: 1.0, yy: 0.5})
    (True, False)
    """
    # Products of sigma^z on sites that stay are independent of each other, so that the
    # strings which share them and their flips must vanish where S^z would change.
    groups = {}
    for string, value in terms.items():
        outside = tuple(site for site in string.signed if site not in string.flipped)
        groups.setdefault((string.flipped, outside), []).append((string, value))
    for (flipped, _), group in groups.items():
        for z in itertools.product((1, -1), repeat=len(flipped)):
            if sum(z):
                at = dict(zip(flipped, z))
                element = sum(
                    value * string.factor * np.prod([at.get(site, 1) for site in string.signed])
                    for string, value in group
                )
                if abs(element) > 1e-12 * max(abs(value) for _, value in group):
                    return False
    return True


class Products:
    """Elements of groups of strings: sums of coefficients times products of sigma^z.

    Args:
        groups: for each element the pairs of a `PauliString` and its
            coefficient.
        num_sites: sites of the lattice.

    Calling it with sigma^z, float `[batch, num_sites]`, gives `[batch,
    groups]`, complex where one of the coefficients is.
    """

    def __init__(self, groups, num_sites):
        most = max(map(len, groups), default=0)
        longest = max((len(s.signed) for group in groups for s, _ in group), default=0)
        # Of strings and sites that are not there: coefficient 0, and a spin that is always 1.
        self.coefficients = np.zeros((len(groups), most), complex)
        self.sites = np.full((len(groups), most, longest), num_sites)
        for number, group in enumerate(groups):
            for place, (string, value) in enumerate(group):
                self.coefficients[number, place] = value * string.factor
                self.sites[number, place, : len(string.signed)] = string.signed
        self.is_complex = bool(self.coefficients.imag.any())

    def __call__(self, z):
        extended = ops.concatenate([z, ops.ones_like(z[:, :1])], axis=1)
        products = ops.ones((z.shape[0], *self.coefficients.shape), dtype=z.dtype)
        for sites in np.moveaxis(self.sites, -1, 0):
            taken = ops.take(extended, sites.reshape(-1), axis=1)
            products = products * ops.reshape(taken, products.shape)
        real = ops.sum(products * ops.cast(self.coefficients.real, z.dtype), axis=-1)
        if not self.is_complex:
            return real
        imaginary = ops.sum(products * ops.cast(self.coefficients.imag, z.dtype), axis=-1)
        double = keras.backend.standardize_dtype(z.dtype) == "float64"
        dtype = "complex128" if double else "complex64"
        return ops.cast(real, dtype) + 1j * ops.cast(imaginary, dtype)
