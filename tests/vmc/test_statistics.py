"""One definition of mean, variance and error, against NumPy and the scatter of estimates."""

import numpy as np
import pytest
from keras import ops

import models
import vmc
from tests.helpers import psi
from vmc.measurement.estimate import estimate_from_moments
from vmc.measurement.statistics import Moments, energy_statistics

pytestmark = pytest.mark.any_backend


def energies(count):
    rng = np.random.default_rng(count)
    return rng.normal(-2.0, 1.0, count) + 1j * rng.normal(0.0, 2.0, count)


def estimated(local_energies, chunks=1):
    moments = Moments()
    for chunk in np.array_split(local_energies, chunks):
        moments.add(np.stack([chunk.real, chunk.imag], axis=1)[:, None])
    return estimate_from_moments(moments, num_sites=4)


@pytest.mark.parametrize(("count", "chunks"), [(2, 1), (2, 2), (3, 2), (500, 7)])
def test_figures_of_local_energies(count, chunks):
    local = energies(count)
    estimate = estimated(local, chunks)
    assert estimate.mean == pytest.approx(local.real.mean())
    assert estimate.imaginary_mean == pytest.approx(local.imag.mean())
    assert estimate.variance == pytest.approx(np.var(local, ddof=1))
    assert estimate.std_error == pytest.approx(np.std(local.real, ddof=1) / np.sqrt(count))
    logged = energy_statistics(
        *(ops.convert_to_tensor(x, "float32") for x in (local.real, local.imag))
    )
    figures = (estimate.mean, estimate.std_error, estimate.variance)
    np.testing.assert_allclose([float(x) for x in logged], figures, rtol=1e-4)


def test_one_sample_tells_nothing_of_the_spread(random_chain):
    estimate = estimated(energies(1))
    assert np.isnan([estimate.std_error, estimate.variance]).all()
    observable = vmc.SpinCorrelation(vmc.Chain(4), [(0, 1)])
    estimates = vmc.estimate_observable(random_chain(), observable, 1)
    assert np.isnan([*estimates.std_error, *estimates.variance]).all()


def test_error_bars_are_the_scatter_of_estimates(random_chain):
    """Of 300 estimates, with imaginary parts larger than the real ones' spread."""
    wf = random_chain(units=6, seed=1, scale=1.0)
    hamiltonian = vmc.Heisenberg(vmc.Chain(6))
    state = psi(wf, vmc.configurations((6,)))
    state /= np.linalg.norm(state)
    local, weights = (hamiltonian.to_sparse() @ state) / state, abs(state) ** 2
    mean = weights @ local.real
    runs = [vmc.estimate_energy(wf, hamiltonian, 100, seed=seed) for seed in range(300)]
    right = np.sqrt(weights @ (local.real - mean) ** 2 / 100)
    assert np.mean([run.std_error for run in runs]) == pytest.approx(right, rel=0.03)
    # The scatter of 300 has itself an error of 4 %.
    assert np.std([run.mean for run in runs], ddof=1) == pytest.approx(right, rel=0.12)
    assert np.mean([run.variance for run in runs]) == pytest.approx(
        weights @ abs(local - weights @ local) ** 2, rel=0.05
    )
    scores = np.array([(run.mean - mean) / run.std_error for run in runs])
    assert scores.std() == pytest.approx(1, rel=0.12)


def test_error_bars_of_observables_are_the_scatter_of_estimates(random_chain):
    wf = random_chain(units=6, seed=1, scale=1.0)
    observable = vmc.SpinCorrelation(vmc.Chain(6), [(0, 1), (1, 4)], connected=True)
    runs = [vmc.estimate_observable(wf, observable, 100, seed=seed) for seed in range(300)]
    scatter = np.std([run.mean for run in runs], axis=0, ddof=1)
    reported = np.mean([run.std_error for run in runs], axis=0)
    np.testing.assert_allclose(reported, scatter, rtol=0.12)


def test_logs_of_training_are_those_of_its_samples(random_chain):
    """The logged error bar is the scatter of the logged energies, at a rate of zero."""
    wf = random_chain(units=6, seed=1, scale=1.0)
    model = vmc.VMC(wf, vmc.Heisenberg(vmc.Chain(6)), num_samples=100)
    model.compile("sgd", learning_rate=0.0)
    history = vmc.StepHistory()
    model.fit(steps_per_epoch=300, callbacks=[history], verbose=0)
    logs = history.arrays()
    assert logs["energy_error"].mean() == pytest.approx(logs["energy"].std(ddof=1), rel=0.12)
    assert logs["variance"].mean() > 1.2 * 100 * (logs["energy_error"] ** 2).mean()


def test_a_wave_function_of_one_configuration_has_no_spread():
    estimate = vmc.estimate_energy(
        models.GRUChain(units=4, total_sz=2), vmc.Heisenberg(vmc.Chain(4)), 10
    )
    assert (estimate.mean, estimate.std_error, estimate.variance) == (0.75, 0.0, 0.0)
