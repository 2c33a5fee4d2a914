"""An experiment: recipes, and what is drawn and judged of a run by one of them."""

import dataclasses
from collections.abc import Callable

import keras

from reproduce.console.errors import RunError
from reproduce.console.interruption import Interruption
from reproduce.experiment import board, start, strategies
from reproduce.experiment.forecast import Forecast
from reproduce.experiment.growth import follow, grow
from reproduce.experiment.record import RunRecord
from reproduce.store import folders
from vmc import CheckpointError
from vmc.training.checkpoint import locked
from vmc.training.replicas import is_chief


@dataclasses.dataclass(frozen=True)
class Experiment:
    """Recipes, and what is drawn and judged of a run by one of them.

    Attributes:
        name: of the figure or table, and of its files.
        recipes: a dict of name to a function of `Settings` that makes a
            `Recipe`.
        draw: makes the figure of a list of `StageResult`s and of that of a
            training from scratch, or None.
        judge: makes the `Verdict`s of the same.
        summarise: makes a text of the results, to end with; or None.
        scratch_size: where a training from scratch is compared; or None.
        needs_reference: whether every stage must have a reference energy.
    """

    name: str
    recipes: dict
    draw: Callable
    judge: Callable
    summarise: Callable | None = None
    scratch_size: int | None = None
    needs_reference: bool = True

    def run(self, settings):
        """Trains by a recipe, measures, and leaves figure, tables and verdicts.

        Args:
            settings: a `Settings`.

        Returns:
            The exit status.
        """
        if settings.tensorboard:
            board.check()
        recipes = self._recipes(settings)
        with strategies.scope(settings.strategy, settings.output_dir):
            runs = self._start(recipes, settings)
        return _train(self, settings, runs)

    def _recipes(self, settings):
        """The recipe, and that of a training from scratch where one is asked for."""
        make = self.recipes[settings.recipe]
        recipe = settings.adjusted(make(settings))
        if not (self.scratch_size and settings.compare_from_scratch):
            return [recipe]
        return [recipe, from_scratch(make, settings, recipe, self.scratch_size)]

    def _start(self, recipes, settings):
        """Pairs of a recipe and the wave function that it starts from."""
        start.prepare(settings)
        wf = start.wave_function(recipes[0], settings, self.needs_reference)
        runs = [(recipes[0], wf)]
        for scratch in recipes[1:]:
            keras.utils.set_random_seed(settings.seed)
            # The same network, whatever weights decided which.
            runs.append((scratch, type(wf).from_config(wf.get_config())))
        return runs


def from_scratch(make, settings, grown, size):
    """The recipe of a training from scratch that a growth is compared with.

    Args:
        make: makes a recipe of `Settings`.
        settings: those of the growth.
        grown: the growth's recipe.
        size: where to train; one of the growth's.

    Returns:
        A `Recipe` of one stage with as many samples as the growth takes at
        this size and those before it.

    Raises:
        RunError: the growth does not pass through this size.
    """
    passed = [stage.lattice.shape[0] for stage in grown.stages]
    if size not in passed:
        raise RunError(f"--compare_from_scratch compares at {size}, which must be among the sizes")
    stages = grown.stages[: passed.index(size) + 1]
    samples = sum(stage.steps * stage.num_samples for stage in stages)
    settings = settings.replace(weights="none", sizes=(size,), steps=(1,))
    (stage,) = settings.adjusted(make(settings)).stages
    settings = settings.replace(steps=(max(1, samples // stage.num_samples),))
    recipe = settings.adjusted(make(settings))
    return dataclasses.replace(recipe, name=f"{recipe.name}, from scratch")


def _train(experiment, settings, runs):
    """Trains all runs, or follows the chief that does; returns the exit status."""
    deciding = {"seed": settings.seed, "runs": [recipe.describe() for recipe, _ in runs]}
    chief = is_chief(runs[0][1])
    if chief:
        folder = folders.output_folder(
            settings.output_dir, f"out/{experiment.name}", deciding, settings.resume
        )
    else:
        folder = folders.RunFolder(settings.output_dir, deciding)
    kept = [folder.checkpoints(settings.checkpoint_seconds, number) for number in range(len(runs))]
    if not chief:
        with Interruption() as interruption:
            for (recipe, wf), checkpoints in zip(runs, kept):
                follow(wf, recipe, settings.seed, interruption, checkpoints)
        return 0
    try:
        with locked(folder.path), Interruption() as interruption:
            record = RunRecord(experiment, folder.path, runs, settings.seed)
            with record.interruptible():
                for number, (recipe, wf) in enumerate(runs):
                    record.begin(number)
                    forecast = Forecast(wf, recipe)
                    print(forecast, flush=True)
                    interruption.check()
                    record.results[number] = grow(
                        wf, recipe, settings.seed, forecast, interruption, kept[number],
                        record.update, _board(settings, folder.path, number),
                    )  # fmt: skip
            record.write()
            for checkpoints in kept:
                checkpoints.clear()
    except CheckpointError as error:
        raise RunError(str(error)) from error
    return record.finish(settings.strict)


def _board(settings, folder, number):
    """Writes one of the runs for TensorBoard, if that is asked for; or None."""
    name = "from-scratch" if number else "growth"
    return board.Board(folder / "tensorboard" / name) if settings.tensorboard else None
