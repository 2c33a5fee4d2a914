"""Spin correlations of a trained wave function, drawn with their error bars.

    python -m reproduce.observables                                  # the chain of 80
    python -m reproduce.observables --preset=gru-chain-80 --size=100
    python -m reproduce.observables --preset=lstm-lattice-8 --num_samples=4000

Correlations S_i . S_j of the middle site with all others are whole, their x
and y parts from ratios of amplitudes. So are the structure factor and the
staggered magnetisation, which take the exchange of every pair. On lattices
where that would take longer than a quarter of an hour, or with --axes=z, only
S^z is measured for these two. It is multiplied by three where the state may
be a singlet, that is with total_sz=0, and the run says so.
"""

import dataclasses
import functools

import keras
import numpy as np

import vmc
from reproduce.console.clock import Stopwatch
from reproduce.console.command import command_line, run
from reproduce.console.environment import versions
from reproduce.console.errors import RunError
from reproduce.console.live_line import LiveLine
from reproduce.console.notation import duration
from reproduce.console.options import CommandOptions, option
from reproduce.experiment import style
from reproduce.experiment.settings import MAX_SEED, MAX_SIZE
from reproduce.observables.components import choose
from reproduce.observables.plots import draw
from reproduce.observables.results import Measured, scaled, times_three
from reproduce.store import cards, folders, weights
from reproduce.store.files import write_csv, write_json

NAME = "observables"
CHEAP = 10  # times as many samples where no ratios of amplitudes are needed
DEAR = 4  # times fewer where those of all pairs are needed, which scatter less


@dataclasses.dataclass(frozen=True)
class Options(CommandOptions):
    """What is measured, and with how many samples."""

    preset: str = option("gru-chain-80", "A preset or .keras file.")
    size: int | None = option(
        None, "Spins of a chain, side of a square; a preset's own.", least=2, largest=MAX_SIZE
    )
    num_samples: int = option(
        10_000,
        f"Samples where ratios of amplitudes are needed; {CHEAP} times as many where they are not, "
        f"and {DEAR} times fewer where those of all pairs of sites are.",
        least=2,
        largest=2**31 - 1,
    )
    axes: str | None = option(
        None,
        "Spin components of S(q) and m²: xyz unless it takes too long.",
        choices=vmc.measurement.observables.AXES,
    )
    seed: int = option(0, "Decides the samples.", least=0, largest=MAX_SEED)
    output_dir: str | None = option(None, "A new or empty folder for what the run writes.")


def main(options):
    """Measures and draws; returns the exit status."""
    wf, lattice = resolve(options)
    folder = folders.output_folder(options.output_dir, f"out/{NAME}", {}, resume=False).path
    print(f"{weights.describe(wf)} on {lattice}, writing to {folder}", flush=True)
    components = choose(wf, lattice, every_pair_samples(options.num_samples), options.axes)
    watch = Stopwatch()
    measured = measure(wf, lattice, components, options)
    correlations, factors = measured.correlation_rows(), measured.structure_factor_rows()
    write_csv(folder / "correlations.csv", correlations)
    write_csv(folder / "structure_factor.csv", factors)
    content = {
        "command": command_line(NAME),
        "wave_function": weights.describe(wf),
        "lattice": repr(lattice),
        "seed": options.seed,
        "num_samples": options.num_samples,
        "axes": components.axes,
        "remark": components.remark,
        "versions": versions(),
        "seconds": round(watch.seconds(), 1),
        "staggered_magnetization_squared": measured.squared.mean,
        "std_error": measured.squared.std_error,
        "correlations": correlations,
        "structure_factor": factors,
    }
    write_json(folder / f"{NAME}.json", content)
    style.save(draw(measured), folder, NAME)
    said = "\n".join(filter(None, [summary(measured), components.remark]))
    print(f"\n{said}\n\nin {duration(watch.seconds())}; see {folder}", flush=True)
    return 0


def resolve(options):
    """The wave function and the lattice that the options ask for.

    Raises:
        RunError: no size is known, or the wave function does not live on
            such a lattice.
    """
    wf = weights.find(options.preset)
    size = options.size or (wf.card or {}).get("trained_at")
    if size is None:
        raise RunError(f"--size is needed: {options.preset} is no preset, and does not say its own")
    lattice = cards.lattice(wf, size)
    try:
        wf.sample(1, lattice.shape)
    except ValueError as error:
        raise RunError(str(error)) from error
    return wf, lattice


def measure(wf, lattice, components, options):
    """Estimates everything, each observable from samples of its own.

    Args:
        wf: a wave function.
        lattice: a `vmc.Lattice`.
        components: see `reproduce.observables.components`.
        options: the command's `Options`.

    Returns:
        `Measured`.
    """
    middle = lattice.index(tuple((length - 1) // 2 for length in lattice.shape))
    pairs = [(middle, site) for site in range(lattice.num_sites) if site != middle]
    singlet, axes = components.singlet, components.axes
    connected = vmc.SpinCorrelation(lattice, pairs, "z" if singlet else "xyz", connected=True)
    momenta = vmc.StructureFactor(lattice, axes="z").momenta
    # The staggered magnetisation squared is S(pi, pi, ...) / N, from the same samples.
    factor = vmc.StructureFactor(
        lattice, np.concatenate([momenta, np.full((1, len(lattice.shape)), np.pi)]), axes
    )
    many, few = options.num_samples, every_pair_samples(options.num_samples)
    estimate = functools.partial(estimated, wf, keras.random.SeedGenerator(options.seed))
    correlations = estimate(
        "correlations", vmc.SpinCorrelation(lattice, pairs), options.num_samples
    )
    connected = estimate("connected correlations", connected, many)
    factors = estimate("structure factor", factor, few if axes == "xyz" else many)
    factors = scaled(factors, 3 if singlet and axes == "z" else 1)
    return Measured(
        lattice=lattice,
        pairs=np.array(pairs),
        correlations=correlations,
        connected=times_three(connected) if singlet else connected,
        momenta=momenta,
        structure_factors=scaled(factors, 1, slice(-1)),
        squared=scaled(factors, 1 / lattice.num_sites, slice(-1, None))[0],
        axes=axes,
        singlet=singlet,
    )


def every_pair_samples(num_samples):
    """Samples where ratios of amplitudes of all pairs are needed."""
    return max(2, num_samples // DEAR)


def estimated(wf, seed, title, observable, num_samples):
    """The estimates of an observable; shows how far they are."""
    line, watch = LiveLine(), Stopwatch()
    total = num_samples * (CHEAP if observable.axes == "z" else 1)

    def on_chunk(estimates):
        done = estimates.num_samples
        if done < total and line.due():
            left = duration(watch.seconds() * (total / done - 1))
            line.show(f"{title}: {done:,}/{total:,} samples, {left} left")

    estimates = vmc.estimate_observable(wf, observable, total, seed=seed, on_chunk=on_chunk)
    line.stay(f"{title}: {total:,} samples in {duration(watch.seconds())}")
    return estimates


def summary(measured):
    """The correlations with the nearest sites, S(q) at its peak, and m², as text."""
    distances = np.linalg.norm(measured.displacements, axis=1)
    nearest = np.flatnonzero(distances == 1)
    lines = [
        f"S·S of the middle, neighbour {measured.displacements[k].tolist()}: "
        f"{measured.correlations[k]}"
        for k in nearest
    ]
    peak = int(np.argmax(measured.structure_factors.mean))
    place = ", ".join(f"{q:g}" for q in measured.momenta[peak] / np.pi)
    lines.append(f"S(q) is largest at q/π = {place}: {measured.structure_factors[peak]}")
    lines.append(f"staggered magnetisation squared: {measured.squared}")
    if measured.singlet:
        lines.append(
            "three times the correlations of S^z, which are a singlet's, are at most "
            f"{measured.from_singlet:.1f} error bars from those of all components"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    run(main, Options)
