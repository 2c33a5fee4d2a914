"""What decides a run, as JSON can hold it and as two runs can be compared by."""

import dataclasses
import hashlib

import numpy as np

from models.version import KEY


def describe(thing):
    """An object by what it is: its class and what it holds, in full precision.

    Two objects have the same description if they are made the same way,
    also in other processes. Names that Keras gives in passing, and the
    version of this package, decide nothing and are left out.

    Args:
        thing: numbers, text, arrays, lists and dicts of them, dataclasses,
            Keras objects, functions, or objects such as a `vmc.Hamiltonian`.

    Returns:
        What JSON can hold.

    Example:

    >>> import vmc
    >>> describe(vmc.Heisenberg(vmc.Chain(4)))["Heisenberg"]["j1"]
    1.0
    >>> describe([np.float32(0.5), np.int64(3), True, None])
    [0.5, 3, True, None]
    """
    if thing is None or isinstance(thing, (bool, int, float, str)):
        return thing
    if isinstance(thing, np.generic):
        return describe(thing.item())
    if isinstance(thing, complex):
        return {"complex": [thing.real, thing.imag]}
    if isinstance(thing, np.ndarray):
        digest = hashlib.sha256(np.ascontiguousarray(thing).tobytes()).hexdigest()
        return {"array": [str(thing.dtype), list(thing.shape), digest]}
    if isinstance(thing, dict):
        return {str(k): describe(v) for k, v in thing.items() if k not in ("name", KEY)}
    if isinstance(thing, (list, tuple, set, frozenset)):
        return [describe(part) for part in thing]
    if callable(thing) and hasattr(thing, "__qualname__"):
        return thing.__qualname__
    return {type(thing).__qualname__: describe(_content(thing))}


def _content(thing):
    if dataclasses.is_dataclass(thing):
        return {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing)}
    if hasattr(thing, "get_config"):
        return thing.get_config()
    caches = getattr(thing, "caches", ())
    return {k: v for k, v in getattr(thing, "__dict__", {}).items() if k not in caches}


def differences(before, now, path=""):
    """What differs between two descriptions, a line each."""
    if isinstance(before, dict) and isinstance(now, dict):
        names = [*before, *(name for name in now if name not in before)]
        return [
            line
            for name in names
            for line in differences(before.get(name), now.get(name), f"{path}.{name}".lstrip("."))
        ]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        pairs = enumerate(zip(before, now))
        return [line for k, (b, n) in pairs for line in differences(b, n, f"{path}[{k}]")]
    if isinstance(before, list) and isinstance(now, list):
        return [f"{path} has {len(before)} entries there and {len(now)} here"]
    return [] if before == now else [f"{path} is {before!r} there and {now!r} here"]
