"""The options of a command: a frozen dataclass, filled from the command line.

A command declares its options once, as fields of a class:

>>> @dataclasses.dataclass(frozen=True)
... class Options(CommandOptions):
...     seed: int = option(0, "Decides weights and samples.", least=0)

The command line is read once, into such an object. Whatever the command
does from there on depends on the object alone, and a test makes one.
"""

import dataclasses
import itertools
import types
import typing

from absl import flags

from reproduce.console.errors import RunError

DEFINE = {
    bool: flags.DEFINE_bool,
    int: flags.DEFINE_integer,
    float: flags.DEFINE_float,
    str: flags.DEFINE_string,
    tuple: flags.DEFINE_list,
}


def option(default, help, *, choices=None, least=None, largest=None, required=False):
    """A field of `CommandOptions`.

    Args:
        default: its value where the command line does not name it.
        help: what `--help` says.
        choices: the values it can have, of text.
        least, largest: the range of a number, both of them inside.
        required: whether the command line must name it.

    Returns:
        A dataclass field.
    """
    metadata = {"help": help, "choices": choices, "least": least, "largest": largest}
    return dataclasses.field(default=default, metadata=metadata | {"required": required})


@dataclasses.dataclass(frozen=True)
class CommandOptions:
    """The options of a command; a derived class adds its own by `option`.

    Raises:
        RunError: a number outside its range.
    """

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            least, largest = field.metadata["least"], field.metadata["largest"]
            if value is None or least is None:
                continue
            if not (value >= least and (largest is None or value <= largest)):
                where = (
                    f"be at least {least}" if largest is None else f"lie in {least} ... {largest}"
                )
                raise RunError(f"--{field.name} must {where}, not {value}")

    def replace(self, **changes):
        """The same options with other values of some."""
        return dataclasses.replace(self, **changes)


def define(cls, flag_values=flags.FLAGS, program=None):
    """Defines the flags of a class of options.

    Args:
        cls: derived from `CommandOptions`.
        flag_values: where to define them.
        program: the name under which `--help` lists them.
    """
    kinds = typing.get_type_hints(cls)
    for field in dataclasses.fields(cls):
        kind, data = _kind(kinds[field.name]), field.metadata
        arguments = {"flag_values": flag_values, "required": data["required"]}
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        if data["choices"]:
            flags.DEFINE_enum(field.name, default, data["choices"], data["help"], **arguments)
        else:
            DEFINE[kind](field.name, default, data["help"], **arguments)
        if program:
            flag_values.register_key_flag_for_module(program, flag_values[field.name])


def read(cls, flag_values=flags.FLAGS):
    """The options that the command line asks for.

    Args:
        cls: as it was defined.
        flag_values: parsed flags.

    Raises:
        RunError: values that make no sense.
    """
    values = {field.name: flag_values[field.name].value for field in dataclasses.fields(cls)}
    return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


def whole_numbers(name, values):
    """The values of a list as ints; RunError if one is not a whole number, or there are no values.

    Args:
        name: of the option.
        values: texts or ints.
    """
    try:
        numbers = tuple(int(value) for value in values)
    except ValueError as error:
        raise RunError(f"--{name} must be whole numbers: {_said(values)}") from error
    if not numbers:
        raise RunError(f"--{name} must not be empty")
    return numbers


def growing_numbers(name, values, largest):
    """The values of a list as sizes that grow, from 2 to the largest: a tuple of ints.

    Raises:
        RunError: they do not.
    """
    sizes = whole_numbers(name, values)
    if not all(2 <= size <= largest for size in sizes):
        raise RunError(f"--{name} must lie in 2 ... {largest}: {_said(values)}")
    if any(b <= a for a, b in itertools.pairwise(sizes)):
        raise RunError(f"--{name} must grow: {_said(values)}")
    return sizes


def _said(values):
    return ",".join(map(str, values))


def _kind(hint):
    """The type of an option's values; one that may be None has the other's."""
    if isinstance(hint, types.UnionType):
        (hint,) = set(typing.get_args(hint)) - {type(None)}
    return hint
