"""What a run leaves behind: figure, tables, settings, weights, verdicts."""

import contextlib
import dataclasses
import sys

from reproduce.console.command import command_line
from reproduce.console.environment import versions
from reproduce.console.errors import RunError
from reproduce.console.interruption import Interrupted
from reproduce.console.notation import duration, table
from reproduce.experiment import style
from reproduce.experiment.results import GOOD
from reproduce.store import weights
from reproduce.store.files import write_csv, write_json


class RunRecord:
    """Writes a run's results after each stage, so that none is lost.

    Args:
        experiment: an `Experiment`.
        folder: where to write.
        runs: pairs of a recipe and the wave function that it trains: the
            run itself, and maybe a training from scratch to compare with.
        seed: of the run.

    Attributes:
        results: for each run a list of `StageResult`s.
    """

    def __init__(self, experiment, folder, runs, seed):
        self.experiment = experiment
        self.name = experiment.name
        self.folder = folder
        self.runs = runs
        self.seed = seed
        self.results = [[] for _ in runs]
        self._number = 0

    def begin(self, number):
        """Starts to follow a run."""
        self._number = number
        recipe, wf = self.runs[number]
        print(f"{weights.describe(wf)}, recipe '{recipe.name}', writing to {self.folder}")

    def update(self, results, wave_function=None):
        """Writes everything about the stages so far.

        Args:
            results: `StageResult`s of the run that is followed.
            wave_function: what the last stage trained; None where the
                results were read from a checkpoint, and are written already.
        """
        self.results[self._number] = results
        if wave_function is not None:
            weights.save(wave_function, self._weights(results[-1].label))
            self.write()

    def write(self):
        """Writes everything but the weights."""
        steps = [row for name, r in self._all() for row in _steps(name, r)]
        write_csv(self.folder / f"{self.name}.csv", self._rows())
        write_csv(self.folder / "history.csv", steps)
        self._write_json()
        style.save(self.experiment.draw(*self._compared()), self.folder, self.name)

    @contextlib.contextmanager
    def interruptible(self):
        """Tells how to go on, if the run is interrupted or fails."""
        try:
            yield
        except (Interrupted, RunError) as error:
            recipe, wf = self.runs[self._number]
            done, stages = len(self.results[self._number]), len(recipe.stages)
            print(f"{done} of {stages} stages are done and stay in {self.folder}", file=sys.stderr)
            if isinstance(error, Interrupted):
                again = command_line(self.name, f"--output_dir={self.folder}")
                print(f"go on with: {again}", file=sys.stderr)
            elif done < stages:
                path = self._weights(f"{recipe.stages[done].label}-unfinished")
                weights.save(wf, path)
                print(f"the last good weights are in {path}", file=sys.stderr)
            raise

    def finish(self, strict):
        """Prints the table and the verdicts.

        Args:
            strict: whether a claim that fell short is a failure.

        Returns:
            The exit status: 1 for an energy below the exact one, and for a
            claim that fell short where that is asked for.
        """
        verdicts = self.experiment.judge(*self._compared())
        header = ["", "energy", "± error", "reference", "relative error", "± error",
                  "before", "± error", "V-score", "time"]  # fmt: skip
        print("\n" + table([header, *(_cells(name, r) for name, r in self._all())]) + "\n")
        if self.experiment.summarise:
            print(self.experiment.summarise(self.results[0]) + "\n")
        print("\n".join(map(str, verdicts)))
        print(f"\nin {duration(self._seconds())}; see {self.folder}", flush=True)
        impossible = any(result.below_exact for _, result in self._all())
        return int(impossible or (strict and any(v.holds is False for v in verdicts)))

    def _seconds(self):
        """Wall time of all stages, also of those before an interruption."""
        return sum(result.seconds for _, result in self._all())

    def _compared(self):
        """The results, and that of the training from scratch or None."""
        growth, *scratch = self.results
        return growth, (scratch[0][0] if scratch and scratch[0] else None)

    def _all(self):
        """All results with their names, those from scratch too."""
        growth, *scratch = self.results
        return [(r.label, r) for r in growth] + [
            (f"{r.label} from scratch", r) for results in scratch for r in results
        ]

    def _weights(self, label):
        folder = self.folder / "weights"
        return (folder / "from-scratch" if self._number else folder) / f"{label}.keras"

    def _rows(self):
        return [self._row(name, result) for name, result in self._all()]

    def _row(self, name, result):
        after = result.after
        error_before, bar_before = result.error_before or (None, None)
        return {
            "stage": name,
            "lattice": repr(result.lattice),
            "energy": after.mean,
            "std_error": after.std_error,
            "reference": result.reference,
            "reference_error": result.reference_error,
            "relative_error": result.relative_error,
            "relative_std_error": result.relative_std_error,
            "relative_error_before": error_before,
            "relative_std_error_before": bar_before,
            "variance": after.variance,
            "imaginary_mean": after.imaginary_mean,
            "v_score": after.v_score,
            "num_samples": after.num_samples,
            "minibatches": result.minibatches,
            f"minibatches_until_{GOOD:.0e}": result.minibatches_until(GOOD),
            "seconds": round(result.seconds, 1),
        }

    def _write_json(self):
        content = {
            "figure": self.name,
            "command": command_line(self.name),
            "wave_function": weights.describe(self.runs[0][1]),
            "seed": self.seed,
            "runs": [recipe.describe() for recipe, _ in self.runs],
            "versions": versions(),
            "seconds": round(self._seconds(), 1),
            "results": self._rows(),
            "verdicts": [dataclasses.asdict(v) for v in self.experiment.judge(*self._compared())],
        }
        write_json(self.folder / f"{self.name}.json", content)


def _steps(name, result):
    for number in range(result.minibatches):
        yield {"stage": name, "minibatch": number + 1} | {
            quantity: values[number] for quantity, values in result.history.items()
        }


def _cells(name, result):
    error_before, bar_before = result.error_before or (None, None)
    return [
        name,
        f"{result.after.mean:.4f}",
        f"{result.after.std_error:.4f}",
        _said(result.reference, ".4f"),
        _said(result.relative_error, ".1e"),
        _said(result.relative_std_error, ".0e"),
        _said(error_before, ".1e"),
        _said(bar_before, ".0e"),
        f"{result.after.v_score:.1e}",
        duration(result.seconds),
    ]


def _said(number, style):
    """A number as text; nothing where it is not known."""
    return "" if number is None else format(number, style)
