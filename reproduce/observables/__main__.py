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

import functools

import keras
import numpy as np
from absl import flags

import vmc
from reproduce import cards, folders, plots, weights
from reproduce.live_line import LiveLine
from reproduce.observables.components import choose
from reproduce.observables.plots import draw
from reproduce.observables.results import Measured, scaled, times_three
from reproduce.record import command, write_csv, write_json
from reproduce.runs import RunError, Stopwatch, duration, run, versions
from reproduce.settings import MAX_SEED, MAX_SIZE, check_ranges

FLAGS = flags.FLAGS

NAME = "observables"
CHEAP = 10  # times as many samples where no ratios of amplitudes are needed
DEAR = 4  # times fewer where those of all pairs are needed, which scatter less


def define_flags():
    """Defines the flags."""
    flags.DEFINE_string("preset", "gru-chain-80", "A preset or .keras file.")
    flags.DEFINE_integer("size", None, "Spins of a chain, side of a square; a preset's own.")
    flags.DEFINE_integer(
        "num_samples",
        10_000,
        f"Samples where ratios of amplitudes are needed; {CHEAP} times as many where they are not, "
        f"and {DEAR} times fewer where those of all pairs of sites are.",
    )
    flags.DEFINE_enum(
        "axes", None, list(vmc.observables.AXES),
        "Spin components of S(q) and m²: xyz unless it takes too long.",
    )  # fmt: skip
    flags.DEFINE_integer("seed", 0, "Decides the samples.")
    flags.DEFINE_string("output_dir", None, "A new or empty folder for what the run writes.")


def main():
    """Measures and draws; returns the exit status."""
    wf, lattice = resolve()
    folder = folders.output_folder(FLAGS.output_dir, f"out/{NAME}", {}, resume=False)
    print(f"{weights.describe(wf)} on {lattice}, writing to {folder}", flush=True)
    components = choose(wf, lattice, every_pair_samples(FLAGS.num_samples), FLAGS.axes)
    watch = Stopwatch()
    measured = measure(wf, lattice, components)
    correlations, factors = measured.correlation_rows(), measured.structure_factor_rows()
    write_csv(folder / "correlations.csv", correlations)
    write_csv(folder / "structure_factor.csv", factors)
    content = {
        "command": command(NAME),
        "wave_function": weights.describe(wf),
        "lattice": repr(lattice),
        "seed": FLAGS.seed,
        "num_samples": FLAGS.num_samples,
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
    plots.save(draw(measured), folder, NAME)
    said = "\n".join(filter(None, [summary(measured), components.remark]))
    print(f"\n{said}\n\nin {duration(watch.seconds())}; see {folder}", flush=True)
    return 0


def resolve():
    """The wave function and the lattice that the flags ask for.

    Raises:
        RunError: flags that make no sense, or a lattice that the wave
            function does not live on.
    """
    check_ranges({"size": (2, MAX_SIZE), "num_samples": (2, 2**31 - 1), "seed": (0, MAX_SEED)})
    wf = weights.find(FLAGS.preset)
    size = FLAGS.size or (wf.card or {}).get("trained_at")
    if size is None:
        raise RunError(f"--size is needed: {FLAGS.preset} is no preset, and does not say its own")
    lattice = cards.lattice(wf, size)
    try:
        wf.sample(1, lattice.shape)
    except ValueError as error:
        raise RunError(str(error)) from error
    return wf, lattice


def measure(wf, lattice, components):
    """Estimates everything, each observable from samples of its own.

    Args:
        wf: a wave function.
        lattice: a `vmc.Lattice`.
        components: see `reproduce.observables.components`.

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
    few = every_pair_samples(FLAGS.num_samples)
    estimate = functools.partial(estimated, wf, keras.random.SeedGenerator(FLAGS.seed))
    correlations = estimate("correlations", vmc.SpinCorrelation(lattice, pairs), FLAGS.num_samples)
    connected = estimate("connected correlations", connected, FLAGS.num_samples)
    factors = estimate("structure factor", factor, few if axes == "xyz" else FLAGS.num_samples)
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
    define_flags()
    run(main)
