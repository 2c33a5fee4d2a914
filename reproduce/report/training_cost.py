"""What the training of a measured network cost, as its record or its model card says."""

import ast
import dataclasses
import functools

import models


@dataclasses.dataclass(frozen=True)
class TrainingCost:
    """The cost of a network, from random weights on. What nobody recorded is None.

    Attributes:
        record: where the numbers come from.
        parameters: number of weights.
        minibatches: minibatches of all stages.
        samples: samples of a minibatch of the last stage with any.
        seconds: wall time, with the measurements between the stages.
        processor: of the machine.
    """

    record: str
    parameters: int | None
    minibatches: int | None
    samples: int | None
    seconds: float | None
    processor: str | None


def training_cost(measured):
    """What the network of an energy cost.

    Args:
        measured: a `MeasuredEnergy`.

    Returns:
        A `TrainingCost`, or None if neither a run nor a card tells it.
    """
    if measured.preset:
        return _of_preset(measured.preset)
    if not measured.run:
        return None
    record = measured.result.record
    done = len(measured.rows_so_far)
    return _cost(
        record=f"record of {record.get('command', measured.result.name)}",
        parameters=_parameters(str(record.get("wave_function"))),
        minibatches=_sum(measured.rows_so_far, "minibatches"),
        stages=measured.run["stages"][:done],
        seconds=_sum(measured.rows_so_far, "seconds"),
        started_from=measured.run.get("weights"),
        processor=record.get("versions", {}).get("processor"),
    )


def _of_preset(name):
    """The cost of a preset, or None if no preset has this name."""
    if name not in models.presets():
        return None
    card = models.card(name)
    training = card["training"]
    return _cost(
        record=f"model card of {name}",
        parameters=card["parameters"],
        minibatches=training["minibatches"],
        stages=training["stages"],
        seconds=training["seconds"],
        started_from=training["started_from"],
        processor=card["versions"].get("processor"),
    )


def _cost(*, record, minibatches, seconds, stages, started_from, **others):
    """A cost, with that of the weights that the training started from."""
    trained = [stage for stage in stages if stage.get("steps")]
    samples = trained[-1].get("num_samples") if trained else None
    if started_from and (before := _of_preset(started_from)):
        record = f"{record} and {before.record}"
        minibatches = _add(minibatches, before.minibatches)
        seconds = _add(seconds, before.seconds)
        samples = samples or before.samples
    elif started_from:
        # Weights from a file have no card, so that nobody knows what they cost.
        minibatches = seconds = None
    return TrainingCost(record, minibatches=minibatches, seconds=seconds, samples=samples, **others)


def _sum(rows, key):
    values = [row.get(key) for row in rows]
    return None if None in values else sum(values)


def _add(a, b):
    return None if a is None or b is None else a + b


@functools.cache
def _parameters(architecture):
    """The number of weights of an architecture, as records describe it.

    Returns:
        An int, or None if the text describes no wave function of `models`.

    Example:

    >>> _parameters("GRUChain(units=64, phase='none', marshall_sign=True, total_sz=0)")
    12738
    """
    try:
        return _made(ast.parse(architecture, mode="eval").body).count_params()
    except (AttributeError, SyntaxError, TypeError, ValueError):
        return None


def _made(call):
    """The wave function that a call makes, of literals and maybe the base of an average."""
    cls = getattr(models, call.func.id)
    if not issubclass(cls, models.WaveFunction):
        raise TypeError(f"{call.func.id} is not a wave function")
    bases = [_made(base) for base in call.args]
    return cls(*bases, **{option.arg: ast.literal_eval(option.value) for option in call.keywords})
