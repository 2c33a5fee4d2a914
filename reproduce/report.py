"""What a run leaves behind: figure, tables, settings, weights, verdicts."""

import contextlib
import csv
import dataclasses
import json
import sys

from reproduce import plots, weights
from reproduce.growth import label
from reproduce.runs import Stopwatch, duration, versions
from reproduce.verdicts import table


class Report:
    """Writes a run's results after each size, so that none is lost.

    Args:
        name: of the figure, and of its files.
        folder: where to write.
        recipe: see `reproduce.recipes.Recipe`.
        wf: the wave function that is trained.
        seed: of the run.
        draw: makes the figure of a list of `SizeResult`s.
        judge: makes the verdicts of a list of `SizeResult`s.
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

    def update(self, results):
        """Writes everything about the sizes so far."""
        self.results = results
        weights.save(self.wf, self._weights(results[-1].lattice))
        self._write_csv(f"{self.name}.csv", [self._row(result) for result in results])
        self._write_csv("history.csv", [row for result in results for row in _steps(result)])
        self._write_json()
        plots.save(self.draw(results), self.folder, self.name)

    @contextlib.contextmanager
    def interruptible(self):
        """Tells how to go on, if the run is interrupted or fails."""
        try:
            yield
        except BaseException:
            lattices = [stage.lattice for stage in self.recipe.stages]
            sizes = [lattice.shape[0] for lattice in lattices]
            number = len(self.results)
            path = self._weights(lattices[number], "-unfinished")
            weights.save(self.wf, path)
            print(f"\n{number} of {len(sizes)} sizes are done and stay in {self.folder}",
                  file=sys.stderr)  # fmt: skip
            if number:
                path = self._weights(lattices[number - 1])
                sizes = sizes[number - 1 :]
            print(
                f"go on with: python -m reproduce.{self.name} --recipe={self.recipe.name} "
                f"--weights={path} --sizes={','.join(map(str, sizes))}",
                file=sys.stderr,
            )
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
        header = ["size", "energy", "± error", "reference", "relative error", "± error",
                  "before", "V-score", "time"]  # fmt: skip
        print("\n" + table([header, *map(_cells, self.results)]) + "\n")
        print("\n".join(map(str, verdicts)))
        print(f"\nin {duration(self._watch.seconds())}; see {self.folder}", flush=True)
        impossible = any(result.below_exact for result in self.results)
        return int(impossible or (strict and any(v.holds is False for v in verdicts)))

    def _weights(self, lattice, suffix=""):
        return self.folder / "weights" / f"size-{label(lattice)}{suffix}.keras"

    def _row(self, result):
        after, before = result.after, result.before
        return {
            "size": result.label,
            "energy": after.mean,
            "std_error": after.std_error,
            "reference": result.reference,
            "reference_error": result.reference_error,
            "relative_error": result.relative_error,
            "relative_std_error": result.relative_std_error,
            "relative_error_before": before.relative_error(result.reference) if before else None,
            "variance": after.variance,
            "imaginary_mean": after.imaginary_mean,
            "v_score": after.v_score,
            "num_samples": after.num_samples,
            "minibatches": len(result.history.get("energy", ())),
            "minibatches_until_1e-4": result.minibatches_until(1e-4),
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
            "recipe": self.recipe.name,
            "wave_function": weights.describe(self.wf),
            "weights": self.recipe.weights,
            "seed": self.seed,
            "evaluation_samples": self.recipe.evaluation_samples,
            "stages": [_stage(stage) for stage in self.recipe.stages],
            "versions": versions(),
            "seconds": round(self._watch.seconds(), 1),
            "results": [self._row(result) for result in self.results],
            "verdicts": [dataclasses.asdict(v) for v in self.judge(self.results)],
        }
        path = self.folder / f"{self.name}.json"
        path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


def command(name):
    """The command that makes this run's results, wherever it writes them."""
    deciding = [a for a in sys.argv[1:] if not a.lstrip("-").startswith("output_dir")]
    return " ".join(["python", "-m", f"reproduce.{name}", *deciding])


def _stage(stage):
    def plain(value):
        if hasattr(value, "get_config"):
            return {type(value).__name__: value.get_config()}
        return value

    fields = {f.name: getattr(stage, f.name) for f in dataclasses.fields(stage)}
    return {name: plain(value) for name, value in fields.items()} | {"lattice": repr(stage.lattice)}


def _steps(result):
    arrays = result.history
    for number in range(len(arrays.get("energy", ()))):
        yield {"size": result.label, "minibatch": number + 1} | {
            name: values[number] for name, values in arrays.items()
        }


def _cells(result):
    before = result.before.relative_error(result.reference) if result.before else None
    return [
        result.label,
        f"{result.after.mean:.4f}",
        f"{result.after.std_error:.4f}",
        f"{result.reference:.4f}",
        f"{result.relative_error:.1e}",
        f"{result.relative_std_error:.0e}",
        "" if before is None else f"{before:.1e}",
        f"{result.after.v_score:.1e}",
        duration(result.seconds),
    ]
