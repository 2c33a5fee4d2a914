"""Options of layers and wave functions, which hold from the first to the last call."""

import inspect

import keras

KERAS = (*keras.layers.Layer.__mro__, *keras.Model.__mro__)
# Of any layer. Keras reads these anew, but for the dtype, which it keeps under another name.
KERAS_OPTIONS = frozenset(inspect.signature(keras.layers.Layer.__init__).parameters)


class _ReadOnlyAfterInit(type):
    """Ends the time in which a layer's own `__init__` sets its options."""

    def __call__(cls, *args, **kwargs):
        layer = super().__call__(*args, **kwargs)
        vars(layer)["_is_made"] = True
        return layer


class ReadOnlyOptions(metaclass=_ReadOnlyAfterInit):
    """A layer whose options can be read and not set, once it is made.

    Graphs hold the options that they were traced with. A value that was
    set later would be true of what is traced after it and of nothing else:
    a wave function would draw samples of one S^z and give them the
    amplitudes of another. An option is what an `__init__` takes by its name;
    the dtype is one.

    A base class, to be named before the layer's:

    >>> class Twice(ReadOnlyOptions, keras.layers.Layer):
    ...     def __init__(self, units, **kwargs):
    ...         super().__init__(**kwargs)
    ...         self.units = units
    >>> layer = Twice(4)
    >>> layer.units = 5
    Traceback (most recent call last):
    AttributeError: units of Twice is read-only, since graphs hold it: make another layer.
    """

    def __setattr__(self, name, value):
        if "_is_made" in vars(self):
            self._check_may_be_set(name)
        super().__setattr__(name, value)

    def _check_may_be_set(self, name):
        option = "dtype" if name == "dtype_policy" else name
        own = getattr(type(self), name, None)
        if option == "dtype" or option in option_names(type(self)):
            another = f"with wf.copy({option}=...)" if hasattr(self, "copy") else "layer"
            raise AttributeError(
                f"{option} of {type(self).__name__} is read-only, since graphs hold it: "
                f"make another {another}."
            )
        if isinstance(own, property) and own.fset is None:
            raise AttributeError(
                f"{name} of {type(self).__name__} is read-only: it follows from the options "
                "that another one can be made with."
            )


def option_names(cls):
    """The options of a layer's class and of those that it is derived from.

    Args:
        cls: a class. What Keras' own classes take is left out.

    Returns:
        A set of names.

    Example:

    >>> class Base(keras.layers.Layer):
    ...     def __init__(self, units, name=None, **kwargs):
    ...         super().__init__(name=name, **kwargs)
    >>> class Derived(Base):
    ...     def __init__(self, *, bias=True, **kwargs):
    ...         super().__init__(**kwargs)
    >>> sorted(option_names(Derived))
    ['bias', 'units']
    """
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {
        parameter.name
        for base in cls.__mro__
        if base not in KERAS and "__init__" in vars(base)
        for parameter in inspect.signature(base.__init__).parameters.values()
        if parameter.kind in named and parameter.name not in KERAS_OPTIONS
    }
