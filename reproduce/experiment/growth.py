"""Grows a wave function stage by stage, measuring it on the way."""

import dataclasses

import vmc
from reproduce.console.clock import Stopwatch
from reproduce.console.errors import RunError
from reproduce.experiment.progress import Progress
from reproduce.experiment.results import StageResult
from reproduce.reference import known_energy


def grow(wf, recipe, seed, forecast, interruption, checkpoints, on_result, board=None):
    """Trains and measures stage after stage.

    Args:
        wf: a wave function, trained in place.
        recipe: a `reproduce.experiment.recipe.Recipe`.
        seed: of all samples.
        forecast: a `reproduce.forecast.Forecast` of the run.
        interruption: a `reproduce.interruption.Interruption`, entered.
        checkpoints: `vmc.Checkpoints`; a run that they hold goes on.
        on_result: called after each stage with the list of `StageResult`s
            so far and the wave function that the stage trained, which is
            None where they were read from a checkpoint.
        board: a `reproduce.board.Board`, or None.

    Returns:
        The list of `StageResult`s.

    Raises:
        RunError: too many steps in a row were not finite, and the wave
            function holds the last good weights; a checkpoint could not be
            used or written; or another worker was lost.
        Interrupted: a signal came; the checkpoints hold where the run is.
    """
    growth = Growth(recipe, seed, forecast, interruption, on_result, board)
    callbacks = [growth.progress, interruption, *([board] if board else [])]
    _train(wf, recipe, callbacks=callbacks, seed=seed, checkpoints=checkpoints, observer=growth)
    interruption.check()
    return growth.results


def follow(wf, recipe, seed, interruption, checkpoints):
    """Trains like `grow`, on a machine that neither measures nor writes."""
    _train(wf, recipe, callbacks=[interruption], seed=seed, checkpoints=checkpoints)
    interruption.check()


def _train(wf, recipe, **kwargs):
    """`vmc.retrain`, with what the user can mend as a `RunError`."""
    try:
        vmc.retrain(
            wf, recipe.stages, recipe.make_hamiltonian, recipe.make_optimizer, verbose=0, **kwargs
        )
    except FloatingPointError as error:
        raise RunError(
            str(error).replace("a lower learning rate", "a lower --learning_rate")
        ) from error
    except vmc.CheckpointError as error:
        raise RunError(str(error)) from error
    except vmc.WorkerLost as error:
        raise RunError(f"{error}: start all of them again, to go on from a checkpoint") from error


class Growth(vmc.StageObserver):
    """Measures each stage of a run before and after.

    Args:
        recipe, seed, forecast, interruption, on_result, board: as of `grow`.
    """

    def __init__(self, recipe, seed, forecast, interruption, on_result, board=None):
        self.recipe = recipe
        self.seed = seed
        self.interruption = interruption
        self.on_result = on_result
        self.board = board
        self.results = []
        self.progress = Progress(recipe, forecast)
        self._begin(0)

    def _begin(self, number, before=None, seconds=0.0):
        """Starts to follow a stage, or goes on with it."""
        self._before = before
        self._seconds = seconds
        self._watch = Stopwatch()
        if number < len(self.recipe.stages):
            stage = self.recipe.stages[number]
            known = known_energy(self.recipe.make_hamiltonian(stage.lattice))
            self.progress.begin(number, known and known.energy)
            if self.board:
                self.board.begin(stage)

    def before_stage(self, number, stage, wave_function):
        if self.results:
            samples = self.recipe.evaluation_before(stage.lattice)
            self._before = self._measure(wave_function, stage, samples, self._seed(number))
            self.progress.line(
                f"before the first minibatch: {self.progress.measured(self._before)}"
            )

    def after_stage(self, number, stage, wave_function, history):
        after = self._measure(
            wave_function, stage, self.recipe.evaluation(stage.lattice), self._seed(number) + 1,
            on_chunk=self.progress.measuring,
        )  # fmt: skip
        self.progress.line(f"energy {self.progress.measured(after)}")
        self._add(stage, self._before, after, history, self._elapsed())
        self.on_result(self.results, wave_function)
        self._begin(number + 1)

    def state(self):
        return {
            "results": [
                {
                    "before": result.before and dataclasses.asdict(result.before),
                    "after": dataclasses.asdict(result.after),
                    "seconds": result.seconds,
                }
                for result in self.results
            ],
            "before": self._before and dataclasses.asdict(self._before),
            "seconds": self._elapsed(),
        }

    def restore(self, state, histories):
        for stage, row, history in zip(self.recipe.stages, state["results"], histories):
            before, after = _estimate(row["before"]), _estimate(row["after"])
            self._add(stage, before, after, history, row["seconds"])
        self.on_result(self.results, None)
        self._begin(len(self.results), _estimate(state["before"]), state["seconds"])
        self.progress.line("going on from a checkpoint")

    def _add(self, stage, before, after, history, seconds):
        known = known_energy(self.recipe.make_hamiltonian(stage.lattice))
        self.results.append(
            StageResult(
                stage.label,
                stage.lattice,
                known and known.energy,
                known and known.std_error,
                before,
                after,
                history,
                seconds,
            )
        )

    def _elapsed(self):
        return self._seconds + self._watch.seconds()

    def _seed(self, number):
        return self.seed + 1000 * (number + 1)

    def _measure(self, wave_function, stage, num_samples, seed, on_chunk=None):
        def after_chunk(estimate):
            if on_chunk:
                on_chunk(estimate)
            self.interruption.check()

        return vmc.estimate_energy(
            wave_function, self.recipe.make_hamiltonian(stage.lattice), num_samples, seed=seed,
            on_chunk=after_chunk,
        )  # fmt: skip


def _estimate(fields):
    """An estimate from what JSON kept of it, or None."""
    return fields and vmc.Estimate(**fields)
