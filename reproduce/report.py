"""What a run leaves behind: figure, tables, settings, weights, verdicts."""

import contextlib
import csv
import dataclasses
import json
import shlex
import sys

from reproduce import plots, weights
from reproduce.interruption import Interrupted
from reproduce.results import GOOD
from reproduce.runs import RunError, Stopwatch, duration, versions
from reproduce.verdicts import table


class Report:
    """Writes a run's results after each stage, so that none is lost.

    Args:
        name: of the figure, and of its files.
        folder: where to write.
        recipe: see `reproduce.recipes.Recipe`.
        wf: the wave function that is trained.
        seed: of the run.
        draw: makes the figure of a list of `StageResult`s.
        judge: makes the verdicts of a list of `StageResult`s.
    """

    def __init__(self, name, folder, recipe, wf, seed, draw, judge):
        self.name = name
        self.folder = folder
        self.recipe = recipe
        self.wf = wf
        self.seed = seed
        self.draw = draw
        self.judge = judge
        self.results = []
        self._watch = Stopwatch()
        print(f"{weights.describe(wf)}, recipe '{recipe.name}', writing to {folder}", flush=True)

    def update(self, wave_function, results):
        """Writes everything about the stages so far.

        Args:
            wave_function: what the last stage trained.
            results: `StageResult`s.
        """
        weights.save(wave_function, self._weights(results[-1].label))
        self.results = results
        self.write()

    def write(self):
        """Writes everything but the weights."""
        self._write_csv(f"{self.name}.csv", [self._row(result) for result in self.results])
        self._write_csv("history.csv", [row for result in self.results for row in _steps(result)])
        self._write_json()
        plots.save(self.draw(self.results), self.folder, self.name)

    @contextlib.contextmanager
    def interruptible(self):
        """Tells how to go on, if the run is interrupted or fails."""
        try:
            yield
        except (Interrupted, RunError) as error:
            done, stages = len(self.results), len(self.recipe.stages)
            print(f"{done} of {stages} stages are done and stay in {self.folder}", file=sys.stderr)
            if isinstance(error, Interrupted):
                again = command(self.name, f"--output_dir={self.folder}")
                print(f"go on with: {again}", file=sys.stderr)
            elif done < stages:
                path = self._weights(f"{self.recipe.stages[done].label}-unfinished")
                weights.save(self.wf, path)
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
        verdicts = self.judge(self.results)
        header = ["", "energy", "± error", "reference", "relative error", "± error",
                  "before", "± error", "V-score", "time"]  # fmt: skip
        print("\n" + table([header, *map(_cells, self.results)]) + "\n")
        print("\n".join(map(str, verdicts)))
        seconds = sum(result.seconds for result in self.results)
        print(f"\nin {duration(seconds)}; see {self.folder}", flush=True)
        impossible = any(result.below_exact for result in self.results)
        return int(impossible or (strict and any(v.holds is False for v in verdicts)))

    def _weights(self, label):
        return self.folder / "weights" / f"{label}.keras"

    def _row(self, result):
        after = result.after
        error_before, bar_before = result.error_before or (None, None)
        return {
            "stage": result.label,
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

    def _write_csv(self, name, rows):
        with open(self.folder / name, "w", newline="", encoding="utf-8") as file:
            if rows:
                writer = csv.DictWriter(file, rows[0])
                writer.writeheader()
                writer.writerows(rows)

    def _write_json(self):
        content = {
            "figure": self.name,
            "command": command(self.name),
            "wave_function": weights.describe(self.wf),
            "seed": self.seed,
            **self.recipe.describe(),
            "versions": versions(),
            "seconds": round(self._watch.seconds(), 1),
            "results": [self._row(result) for result in self.results],
            "verdicts": [dataclasses.asdict(v) for v in self.judge(self.results)],
        }
        path = self.folder / f"{self.name}.json"
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def command(name, *more):
    """The command that makes this run's results, wherever it writes them.

    Args:
        name: of the figure.
        *more: arguments to add.
    """
    deciding, skip = [], False
    for argument in sys.argv[1:]:
        flag = argument.lstrip("-")
        if not skip and flag.split("=")[0] != "output_dir":
            deciding.append(argument)
        skip = not skip and flag == "output_dir"
    return shlex.join(["python", "-m", f"reproduce.{name}", *deciding, *more])


def _steps(result):
    for number in range(result.minibatches):
        yield {"stage": result.label, "minibatch": number + 1} | {
            name: values[number] for name, values in result.history.items()
        }


def _cells(result):
    error_before, bar_before = result.error_before or (None, None)
    return [
        result.label,
        f"{result.after.mean:.4f}",
        f"{result.after.std_error:.4f}",
        f"{result.reference:.4f}",
        f"{result.relative_error:.1e}",
        f"{result.relative_std_error:.0e}",
        "" if error_before is None else f"{error_before:.1e}",
        "" if bar_before is None else f"{bar_before:.0e}",
        f"{result.after.v_score:.1e}",
        duration(result.seconds),
    ]
