"""What the command line asks of a run."""

import dataclasses

from reproduce.console.errors import RunError
from reproduce.console.options import CommandOptions, growing_numbers, option, whole_numbers
from reproduce.experiment import strategies

MAX_SIZE = 10_000  # sites along an axis
MAX_UNITS = 4096
MAX_LAYERS = 100
MAX_SEED = 2**31 - 1
MAX_RATE = 1e38  # a float32 holds no larger one
RECIPES = ("quick", "paper", "best")


@dataclasses.dataclass(frozen=True)
class Settings(CommandOptions):
    """What the command line asks of a run; None leaves a choice to the recipe.

    Raises:
        RunError: values that make no sense.

    Example:

    >>> settings = Settings(sizes=(80, 100), seed=3)
    >>> settings.steps_or(0, 50), settings.replace(steps=(7,)).steps_or(0, 50)
    ((0, 50), (0, 7))
    """

    recipe: str = option("quick", "How to train.", choices=RECIPES)
    sizes: tuple | None = option(None, "Lengths or sides, growing, such as 80,100,120.")
    steps: tuple | None = option(
        None, "Minibatches of each stage after the first, or one number for each stage."
    )
    units: int | None = option(None, "Width of the network.", least=1, largest=MAX_UNITS)
    num_layers: int | None = option(
        None, "Layers of the paper's square.", least=1, largest=MAX_LAYERS
    )
    num_samples: int | None = option(None, "Samples of a minibatch.", least=2, largest=10**9)
    evaluation_samples: int | None = option(
        None, "Samples of each size's final energy.", least=1, largest=10**12
    )
    learning_rate: float | None = option(None, "Learning rate, the same at every size.")
    seed: int = option(0, "Decides weights and samples.", least=0, largest=MAX_SEED)
    deterministic: bool = option(
        True, "On GPUs, add in an order that is always the same, if more slowly."
    )
    precision: str = option("float32", "Of all weights and states.", choices=("float32", "float64"))
    output_dir: str | None = option(None, "A new or empty folder for what the run writes.")
    resume: bool = option(True, "Go on with an unfinished run of the same settings.")
    checkpoint_seconds: float = option(60.0, "Time from one checkpoint to the next.", least=0.0)
    tensorboard: bool = option(False, "Write scalars for TensorBoard too.")
    weights: str | None = option(None, "A preset or .keras file to start from, or 'none'.")
    strategy: str = option(
        "none", "Train on one device, all here, or all of TF_CONFIG.", choices=strategies.NAMES
    )
    strict: bool = option(False, "Exit with status 1 if a claim fell short.")
    compare_from_scratch: bool = option(
        False,
        "Also train at one size from random weights, with as many minibatches as the growth "
        "takes up to there.",
    )

    def __post_init__(self):
        super().__post_init__()
        rate = self.learning_rate
        if rate is not None and not 0 < rate < MAX_RATE:
            raise RunError(f"--learning_rate must be positive and below {MAX_RATE:g}, not {rate}")
        if self.sizes is not None:
            object.__setattr__(self, "sizes", growing_numbers("sizes", self.sizes, MAX_SIZE))
        if self.steps is not None:
            steps = whole_numbers("steps", self.steps)
            if max(steps) >= 2**31:
                raise RunError(f"--steps must be below 2^31: {_said(steps)}")
            object.__setattr__(self, "steps", steps)

    def steps_or(self, *defaults):
        """The minibatches of each stage: those asked for, or a recipe's own.

        Args:
            *defaults: a recipe's own. A first stage without any only
                measures the weights it is given, and one number that is
                asked for leaves it so.

        Returns:
            A tuple of ints, one for each stage.

        Raises:
            RunError: another number of stages.
        """
        if self.steps is None:
            return defaults
        steps, trained = self.steps, self.steps[1:]
        if len(steps) == 1:
            first = steps if defaults[0] else (0,)
            steps, trained = (*first, *steps * (len(defaults) - 1)), steps
        if len(steps) != len(defaults):
            raise RunError(f"--steps needs one number or one for each of {len(defaults)} stages")
        if min(trained) < 1 or steps[0] < 0:
            raise RunError(f"--steps must be positive: {_said(self.steps)}")
        return steps

    def weights_or(self, default, model):
        """The weights to start from: those asked for, or a recipe's own.

        Args:
            default: a recipe's own, or None.
            model: the arguments of the network that they are of. Where
                another width or depth is asked for, they do not fit.

        Returns:
            A preset or a file; None for random weights.
        """
        if self.weights is not None:
            return None if self.weights == "none" else self.weights
        fits = all(model.get(name) == number for name, number in self.architecture.items())
        return default if fits else None

    @property
    def architecture(self):
        """The width and the number of layers that are asked for, where they are: a dict."""
        asked = {"units": self.units, "num_layers": self.num_layers}
        return {name: number for name, number in asked.items() if number}

    def adjusted(self, recipe):
        """A recipe with the network, minibatch, rate and samples that are asked for.

        Raises:
            RunError: the network does not have what is asked for.
        """
        if self.num_layers and "num_layers" not in recipe.model:
            raise RunError(f"--num_layers is for stacks: {recipe.network.__name__} has one layer")
        fields = {"num_samples": self.num_samples, "learning_rate": self.learning_rate}
        asked = {name: value for name, value in fields.items() if value is not None}
        precision = {} if self.precision == "float32" else {"dtype": self.precision}
        return dataclasses.replace(
            recipe,
            stages=tuple(dataclasses.replace(stage, **asked) for stage in recipe.stages),
            model=recipe.model | self.architecture | precision,
            evaluation_samples=self.evaluation_samples or recipe.evaluation_samples,
            evaluation_spins=None if self.evaluation_samples else recipe.evaluation_spins,
        )


def _said(steps):
    return ",".join(map(str, steps))
