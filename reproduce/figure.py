"""The run that makes a figure or a table, whichever it is."""

import keras
from absl import flags

from reproduce import board, folders, settings, strategies
from reproduce.forecast import Forecast
from reproduce.growth import follow, grow
from reproduce.interruption import Interruption
from reproduce.record import RunRecord
from reproduce.runs import RunError
from vmc import CheckpointError
from vmc.training.checkpoint import locked
from vmc.training.replicas import is_chief

FLAGS = flags.FLAGS


def make(name, recipes, wave_function_class, draw, judge, sizes, scratch_size=None, summarise=None):
    """Trains by a recipe, measures, and leaves figure, tables and verdicts.

    Args:
        name: of the figure.
        recipes: a dict of name to a function that makes a `Recipe`.
        wave_function_class: what the recipes train.
        draw: makes the figure of a list of `StageResult`s and of that of a
            training from scratch, or None.
        judge: makes the verdicts of the same.
        sizes: the sizes asked for; None for the recipe's own.
        scratch_size: where `--compare_from_scratch` trains.
        summarise: makes a text of the results, to end with; or None.

    Returns:
        The exit status.
    """
    if FLAGS.tensorboard:
        board.check()
    make_recipe = recipes[FLAGS.recipe]
    recipe = settings.resolve(make_recipe, sizes)
    scratch = None
    if scratch_size and FLAGS.compare_from_scratch:
        scratch = settings.from_scratch(make_recipe, recipe, scratch_size)
    with strategies.scope(FLAGS.strategy, FLAGS.output_dir):
        wf = settings.wave_function(recipe, wave_function_class)
        runs = [(recipe, wf)]
        if scratch:
            keras.utils.set_random_seed(FLAGS.seed)
            # The same network, whatever weights decided which.
            runs.append((scratch, wave_function_class.from_config(wf.get_config())))
    deciding = {"seed": FLAGS.seed, "runs": [recipe.describe() for recipe, _ in runs]}

    def checkpoints(folder):
        return [
            folders.checkpoints(folder, deciding, FLAGS.checkpoint_seconds, number)
            for number in range(len(runs))
        ]

    if not is_chief(wf):
        with Interruption() as interruption:
            for (recipe, wf), kept in zip(runs, checkpoints(FLAGS.output_dir)):
                follow(wf, recipe, FLAGS.seed, interruption, kept)
        return 0
    folder = folders.output_folder(FLAGS.output_dir, f"out/{name}", deciding, FLAGS.resume)
    kept = checkpoints(folder)
    try:
        with locked(folder), Interruption() as interruption:
            record = RunRecord(name, folder, runs, FLAGS.seed, draw, judge)
            with record.interruptible():
                for number, (recipe, wf) in enumerate(runs):
                    record.begin(number)
                    forecast = Forecast(wf, recipe)
                    print(forecast, flush=True)
                    interruption.check()
                    record.results[number] = grow(
                        wf, recipe, FLAGS.seed, forecast, interruption, kept[number],
                        record.update, _board(folder, number),
                    )  # fmt: skip
            record.write()
            for written in kept:
                written.clear()
    except CheckpointError as error:
        raise RunError(str(error)) from error
    return record.finish(FLAGS.strict, summarise)


def _board(folder, number):
    """Writes one of a run's trainings for TensorBoard, if that is asked for; or None."""
    name = "from-scratch" if number else "growth"
    return board.Board(folder / "tensorboard" / name) if FLAGS.tensorboard else None
