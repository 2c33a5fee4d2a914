"""Flags that the figures share, and the run that they ask for."""

import dataclasses
import itertools
import os
import sys

import keras
from absl import flags

import vmc
from models.backend import has_accelerator
from reproduce import strategies, weights
from reproduce.reference import ground_state
from reproduce.runs import RunError
from vmc.measurement.estimate import sample_bytes
from vmc.training import replicas

FLAGS = flags.FLAGS

MAX_SIZE = 10_000  # sites along an axis
MAX_UNITS = 4096
MAX_LAYERS = 100
MAX_SEED = 2**31 - 1
MAX_RATE = 1e38  # a float32 holds no larger one


def define_flags(recipes):
    """Defines the flags of every run.

    Args:
        recipes: a dict of name to a function that makes a `Recipe`.
    """
    flags.DEFINE_enum("recipe", "quick", list(recipes), "How to train.")
    flags.DEFINE_list(
        "steps", None, "Minibatches of each stage after the first, or one number for each stage."
    )
    flags.DEFINE_integer("units", None, "Width of the network.")
    flags.DEFINE_integer("num_layers", None, "Layers of a square's network.")
    flags.DEFINE_integer("num_samples", None, "Samples of a minibatch.")
    flags.DEFINE_integer("evaluation_samples", None, "Samples of each size's final energy.")
    flags.DEFINE_float("learning_rate", None, "Learning rate, the same at every size.")
    flags.DEFINE_integer("seed", 0, "Decides weights and samples.")
    flags.DEFINE_bool(
        "deterministic", True, "On GPUs, add in an order that is always the same, if more slowly."
    )
    flags.DEFINE_enum("precision", "float32", ["float32", "float64"], "Of all weights and states.")
    flags.DEFINE_string("output_dir", None, "A new or empty folder for what the run writes.")
    flags.DEFINE_bool("resume", True, "Go on with an unfinished run of the same settings.")
    flags.DEFINE_float("checkpoint_seconds", 60.0, "Time from one checkpoint to the next.", 0.0)
    flags.DEFINE_bool("tensorboard", False, "Write scalars for TensorBoard too.")
    flags.DEFINE_string("weights", None, "A preset or .keras file to start from, or 'none'.")
    flags.DEFINE_enum(
        "strategy", "none", strategies.NAMES, "Train on one device, all here, or all of TF_CONFIG."
    )
    flags.DEFINE_bool("strict", False, "Exit with status 1 if a claim fell short.")


def define_growth_flags(sizes_help, scratch_size):
    """Defines the flags of a run that grows from size to size.

    Args:
        sizes_help: what the sizes are.
        scratch_size: where `--compare_from_scratch` trains.
    """
    flags.DEFINE_list("sizes", None, sizes_help)
    flags.DEFINE_bool(
        "compare_from_scratch",
        False,
        f"Also train at {scratch_size} from random weights, with as many minibatches as the "
        "growth takes up to there.",
    )


def resolve(make_recipe, sizes):
    """The recipe with the flags' overrides.

    Args:
        make_recipe: a function of sizes, steps and whether to start from scratch.
        sizes: the sizes asked for, or None.

    Returns:
        A `Recipe`.

    Raises:
        RunError: values that make no sense, each with what would.
    """
    check_ranges({
        "units": (1, MAX_UNITS),
        "num_layers": (1, MAX_LAYERS),
        "num_samples": (2, 10**9),
        "evaluation_samples": (1, 10**12),
        "seed": (0, MAX_SEED),
    })  # fmt: skip
    rate = FLAGS.learning_rate
    if rate is not None and not 0 < rate < MAX_RATE:
        raise RunError(f"--learning_rate must be positive and below {MAX_RATE:g}, not {rate}")
    default = make_recipe()
    start = FLAGS.weights or default.weights
    asked = _architecture()
    if FLAGS.num_layers and "num_layers" not in default.model:
        raise RunError("--num_layers is for squares: a chain's network has one layer")
    if FLAGS.weights is None and any(default.model[k] != v for k, v in asked.items()):
        start = None  # the recipe's weights have another architecture
    start = None if start == "none" else start
    recipe = make_recipe(sizes=sizes, from_scratch=start is None)
    if FLAGS.steps is not None:
        steps = _steps(recipe.stages)
        recipe = make_recipe(sizes=sizes, steps=steps, from_scratch=start is None)
    return _overridden(recipe, start)


def from_scratch(make_recipe, grown, size):
    """The recipe of a training from scratch that a growth is compared with.

    Args:
        make_recipe: as of `resolve`.
        grown: the growth's recipe.
        size: where to train; one of the growth's.

    Returns:
        A `Recipe` of one stage with as many samples as the growth takes at
        this size and those before it.

    Raises:
        RunError: the growth does not pass through this size.
    """
    number = [stage.lattice.shape[0] for stage in grown.stages]
    if size not in number:
        raise RunError(f"--compare_from_scratch compares at {size}, which must be among the sizes")
    passed = grown.stages[: number.index(size) + 1]
    samples = sum(stage.steps * stage.num_samples for stage in passed)
    (stage,) = _overridden(make_recipe((size,), (1,), from_scratch=True), None).stages
    steps = max(1, samples // stage.num_samples)
    recipe = _overridden(make_recipe((size,), (steps,), from_scratch=True), None)
    return dataclasses.replace(recipe, name=f"{recipe.name}, from scratch")


def _overridden(recipe, start):
    """A recipe with the overrides that change no stage's place."""
    stages = recipe.stages
    if FLAGS.num_samples is not None:
        stages = [dataclasses.replace(s, num_samples=FLAGS.num_samples) for s in stages]
    if FLAGS.learning_rate is not None:
        stages = [dataclasses.replace(s, learning_rate=FLAGS.learning_rate) for s in stages]
    return dataclasses.replace(
        recipe,
        stages=tuple(stages),
        weights=start,
        model=recipe.model | _model_overrides(),
        evaluation_samples=FLAGS.evaluation_samples or recipe.evaluation_samples,
        evaluation_spins=None if FLAGS.evaluation_samples else recipe.evaluation_spins,
    )


def _model_overrides():
    """What the flags say of the model, where it is not the default."""
    return _architecture() | ({} if FLAGS.precision == "float32" else {"dtype": FLAGS.precision})


def _architecture():
    """The width and number of layers that are asked for, where they are."""
    asked = {"units": FLAGS.units, "num_layers": FLAGS.num_layers}
    return {name: number for name, number in asked.items() if number}


def wave_function(recipe, wave_function_class):
    """The wave function that a recipe starts from, checked against its lattices.

    Raises:
        RunError: weights of another architecture, sizes that the wave
            function has not got, or that have no reference energy.
    """
    keras.utils.set_random_seed(FLAGS.seed)
    if FLAGS.deterministic and keras.backend.backend() == "tensorflow" and has_accelerator():
        # CPUs do so by themselves.
        sys.modules["tensorflow"].config.experimental.enable_op_determinism()
    if FLAGS.precision == "float64" and keras.backend.backend() != "tensorflow":
        raise RunError(
            "--precision=float64 needs KERAS_BACKEND=tensorflow: elsewhere some of Keras' "
            "operations compute in float32 whatever they are given"
        )
    if recipe.weights:
        wf = weights.load(recipe.weights, wave_function_class, **_architecture())
        wf = wf.astype(FLAGS.precision)
    else:
        wf = wave_function_class(**recipe.model)
    for stage in recipe.stages:
        try:
            if wf.total_sz is not None:
                wf.num_up(stage.lattice.num_sites)
            ground_state(stage.lattice)
            vmc.Heisenberg(stage.lattice).check(wf)
            replicas.share(wf, stage.num_samples)
        except (KeyError, ValueError) as error:
            raise RunError(error.args[0]) from error
        _check_memory(wf, stage)
    return wf


def sizes():
    """The sizes asked for, or None.

    Raises:
        RunError: they make no sense.
    """
    return None if FLAGS.sizes is None else growing_numbers("sizes", FLAGS.sizes)


def _steps(stages):
    steps = whole_numbers("steps", FLAGS.steps)
    if max(steps) >= 2**31:
        raise RunError(f"--steps must be below 2^31: {','.join(FLAGS.steps)}")
    if len(steps) == 1:
        # A first stage without steps only measures the weights it is given.
        first = steps if stages[0].steps else [0]
        steps, trained = [*first, *steps * (len(stages) - 1)], steps
    else:
        trained = steps[1:]
    if len(steps) != len(stages):
        raise RunError(f"--steps needs one number or one for each of {len(stages)} stages")
    if min(trained) < 1 or steps[0] < 0:
        raise RunError(f"--steps must be positive: {','.join(FLAGS.steps)}")
    return steps


def growing_numbers(name, values):
    """A list flag's values as sizes that grow: a tuple of ints; RunError if they are none."""
    sizes = whole_numbers(name, values)
    if not all(2 <= size <= MAX_SIZE for size in sizes):
        raise RunError(f"--{name} must lie in 2 ... {MAX_SIZE}: {','.join(values)}")
    if any(b <= a for a, b in itertools.pairwise(sizes)):
        raise RunError(f"--{name} must grow: {','.join(values)}")
    return tuple(sizes)


def check_ranges(ranges):
    """RunError if a flag's value lies outside its range.

    Args:
        ranges: a dict of a flag's name to its least and largest value.
    """
    for name, (least, largest) in ranges.items():
        value = FLAGS[name].value
        if value is not None and not least <= value <= largest:
            raise RunError(f"--{name} must lie in {least} ... {largest}, not {value}")


def _check_memory(wf, stage):
    """RunError if a minibatch cannot fit into this machine's memory."""
    if not hasattr(os, "sysconf"):  # on Windows
        return
    wf = stage.wave_function(wf)
    needed = stage.num_samples * sample_bytes(wf, vmc.Heisenberg(stage.lattice))
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > there:
        raise RunError(
            f"{stage.num_samples} samples at {stage.lattice} take {needed / 2**30:,.0f} GiB, and "
            f"this machine has {there / 2**30:,.0f}: use a smaller --num_samples"
        )


def whole_numbers(name, values):
    """A list flag's values as ints; RunError if they are none."""
    try:
        numbers = [int(value) for value in values]
    except ValueError as error:
        raise RunError(f"--{name} must be whole numbers: {','.join(values)}") from error
    if not numbers:
        raise RunError(f"--{name} must not be empty")
    return numbers
