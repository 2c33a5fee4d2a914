"""The run that makes a figure or a table, whichever it is."""

from absl import flags

from reproduce import folders, settings
from reproduce.forecast import Forecast
from reproduce.growth import grow
from reproduce.interruption import Interruption
from reproduce.report import Report
from reproduce.runs import RunError
from vmc import CheckpointError
from vmc.checkpoint import locked

FLAGS = flags.FLAGS


def make(name, recipes, wave_function_class, draw, judge):
    """Trains by a recipe, measures, and leaves figure, tables and verdicts.

    Args:
        name: of the figure.
        recipes: a dict of name to a function that makes a `Recipe`.
        wave_function_class: what the recipes train.
        draw: makes the figure of a list of `StageResult`s.
        judge: makes the verdicts of a list of `StageResult`s.

    Returns:
        The exit status.
    """
    recipe = settings.resolve(recipes[FLAGS.recipe])
    wf = settings.wave_function(recipe, wave_function_class)
    deciding = {"seed": FLAGS.seed} | recipe.describe()
    folder = folders.output_folder(FLAGS.output_dir, f"out/{name}", deciding, FLAGS.resume)
    checkpoints = folders.checkpoints(folder, deciding, FLAGS.checkpoint_seconds)
    try:
        with locked(folder), Interruption() as interruption:
            report = Report(name, folder, recipe, wf, FLAGS.seed, draw, judge)
            with report.interruptible():
                forecast = Forecast(wf, recipe)
                print(forecast, flush=True)
                interruption.check()
                report.results = grow(
                    wf, recipe, FLAGS.seed, forecast, interruption, checkpoints, report.update
                )
            report.write()
            checkpoints.clear()
    except CheckpointError as error:
        raise RunError(str(error)) from error
    return report.finish(FLAGS.strict)
