"""Lattices by their names."""

import ast

from vmc.physics.lattice import Lattice


def named_lattice(name):
    """The lattice of a name, which is its `repr`.

    Args:
        name: of any class of lattices that has been imported.

    Raises:
        ValueError: it names none.

    Example:

    >>> import vmc
    >>> named_lattice("Square(6, 6)") == vmc.Square(6)
    True
    >>> named_lattice("Square(4, 3, periodic=(True, False))")
    Square(4, 3, periodic=(True, False))
    """
    try:
        found = _made(name)
        if _made(repr(found)) == found:
            return found
    except (AttributeError, KeyError, SyntaxError, TypeError, ValueError):
        pass
    raise ValueError(f"{name!r} names no lattice, as 'Square(4, 3, periodic=(True, False))' does.")


def _made(name):
    """What a call of a class of lattices makes, whose arguments are literals."""
    call = ast.parse(name, mode="eval").body
    make = _lattice_classes()[call.func.id]
    options = {option.arg: ast.literal_eval(option.value) for option in call.keywords}
    return make(*map(ast.literal_eval, call.args), **options)


def _lattice_classes():
    """All classes of lattices by their names; of two of one name ours, or else the later one."""
    classes = [Lattice]
    for cls in classes:  # which grow as they are gone through
        classes += cls.__subclasses__()
    ours = [cls for cls in classes if cls.__module__.split(".")[0] == "vmc"]
    return {cls.__name__: cls for cls in classes + ours}
