"""Estimates against enumeration, chunks against no chunks."""

import pathlib
import subprocess
import sys

import numpy as np
import pytest

import models
import vmc
from tests.helpers import Tabulated, backend_is_tensorflow, exact_energy, psi
from vmc.measurement import estimate as estimate_module
from vmc.measurement.estimate import chunk_size

pytestmark = [pytest.mark.any_backend, pytest.mark.eager]


def test_figures_that_follow_from_others():
    estimate = vmc.Estimate(-2.0, 0.5, 2.0, 0.0, num_sites=4, num_samples=3)
    assert estimate.v_score == pytest.approx(4 * estimate.variance / 4.0)
    assert estimate.per_site.mean == -0.5
    assert estimate.per_site.std_error == pytest.approx(estimate.std_error / 4)
    assert estimate.relative_error(-2.5) == pytest.approx(0.2)


def test_prints_as_many_digits_as_the_error_allows():
    estimate = vmc.Estimate(-35.264123, 0.00123, 0.0151, 0.0, 80, 10_000)
    assert str(estimate) == "-35.2641 ± 0.0012 [σ²=1.5e-02]"


def test_mean_and_variance_are_those_of_the_state(random_chain):
    wf = random_chain(total_sz=0)
    hamiltonian = vmc.Heisenberg(vmc.Chain(8), j2=0.4)
    expected, _ = exact_energy(wf, hamiltonian)
    state = psi(wf, vmc.configurations((8,)))
    moved = hamiltonian.to_sparse() @ state
    variance = np.vdot(moved, moved).real - abs(expected) ** 2
    estimate = vmc.estimate_energy(wf, hamiltonian, 40_000, seed=2)
    assert abs(estimate.mean - expected.real) < 4 * estimate.std_error
    assert estimate.variance == pytest.approx(variance, rel=0.1)


def test_an_eigenstate_has_no_variance(random_chain):
    hamiltonian = vmc.Heisenberg(vmc.Chain(6))
    energy, state = vmc.ground_state(hamiltonian)
    wf = Tabulated(state)
    spins = vmc.configurations((6,))[abs(state) > 1e-6]
    local = np.asarray(hamiltonian.local_energy(wf, spins))
    np.testing.assert_allclose(local, energy, rtol=1e-4)


def test_chunks(random_chain, monkeypatch):
    wf = random_chain()
    hamiltonian = vmc.Heisenberg(vmc.Chain(6))
    monkeypatch.setattr(estimate_module, "MEMORY_BUDGET", 2**16)
    assert 1 < chunk_size(wf, hamiltonian, 1000) < 100
    seen = []
    estimate = vmc.estimate_energy(
        wf, hamiltonian, 1000, seed=1, on_chunk=lambda e: seen.append(e.num_samples)
    )
    assert estimate.num_samples == 1000
    assert seen[-1] == 1000
    assert len(seen) > 10
    assert vmc.estimate_energy(wf, hamiltonian, 1000, seed=1) == estimate


def test_budget_bounds_the_chunk():
    wf = models.GRUChain(units=128)
    hamiltonian = vmc.Heisenberg(vmc.Chain(300))
    assert chunk_size(wf, hamiltonian, 100_000) * 300 * 128 * 4 * 8 < 2**29
    assert chunk_size(wf, hamiltonian, 100) == 100


def test_chunks_shrink_as_states_grow():
    def chunk(wf, lattice):
        return chunk_size(wf, vmc.Heisenberg(lattice), 100_000)

    chain = models.GRUChain(units=128)
    assert chunk(chain, vmc.Chain(600)) < chunk(chain, vmc.Chain(300)) < 1000
    assert chunk(models.GRUChain(units=256), vmc.Chain(300)) < chunk(chain, vmc.Chain(300))
    symmetrized = models.Symmetrized(chain, "reflection", spin_flip=True)
    ratio = chunk(chain, vmc.Chain(300)) / chunk(symmetrized, vmc.Chain(300))
    assert ratio == pytest.approx(4, rel=0.1)
    double = models.GRUChain(units=128, dtype="float64")
    assert chunk(chain, vmc.Chain(300)) / chunk(double, vmc.Chain(300)) == pytest.approx(2, rel=0.1)

    sizes = [
        chunk(models.LSTMLattice(**{"units": 64, "num_layers": 2} | options), vmc.Square(16))
        for options in ({}, {"feedforward_units": 1024}, {"num_layers": 5}, {"units": 128})
    ]
    assert sizes[0] > max(sizes[1:])
    assert sizes[0] / sizes[2] == pytest.approx(2.5, rel=0.1)
    assert models.WaveFunction().state_width > 0


def test_whole_numbers_of_any_type(random_chain):
    wf, hamiltonian = random_chain(), vmc.Heisenberg(vmc.Chain(4))
    expected = vmc.estimate_energy(wf, hamiltonian, 100, seed=3)
    assert vmc.estimate_energy(wf, hamiltonian, 1e2, seed=np.int64(3)) == expected
    assert vmc.estimate_energy(wf, hamiltonian, np.uint8(100), seed=3) == expected


def test_a_mean_of_zero_has_no_v_score():
    assert vmc.Estimate(0.0, 0.1, 1.0, 0.0, 4, 100).v_score == np.inf
    assert np.isnan(vmc.Estimate(0.0, 0.0, 0.0, 0.0, 1, 100).v_score)


def test_one_sample_has_no_error_bar():
    estimate = vmc.estimate_energy(models.GRUChain(units=4), vmc.Heisenberg(vmc.Chain(4)), 1)
    assert np.isnan(estimate.std_error)
    assert "±" not in str(estimate)


@pytest.mark.parametrize("num_samples", [0, -1, 10.5, np.nan, np.inf, True, "100"])
def test_numbers_of_samples_are_checked(random_chain, num_samples):
    wf, hamiltonian = random_chain(), vmc.Heisenberg(vmc.Chain(4))
    message = "num_samples must be a whole number above 0"
    with pytest.raises(ValueError, match=message):
        vmc.estimate_energy(wf, hamiltonian, num_samples)
    with pytest.raises(ValueError, match=message):
        wf.sample(num_samples, (4,))


def test_errors(random_chain):
    with pytest.raises(ValueError, match=r"seed must be a whole number .* not 0\.5"):
        vmc.estimate_energy(random_chain(), vmc.Heisenberg(vmc.Chain(4)), 10, seed=0.5)
    wf = random_chain()
    wf.set_weights([w * np.nan for w in wf.get_weights()])
    with pytest.raises(FloatingPointError, match="not finite"):
        vmc.estimate_energy(wf, vmc.Heisenberg(vmc.Chain(4)), 10)


# The peak of a fresh process: `ru_maxrss` would begin at that of the process
# which started it.
ONE_STEP = """
import keras, models, vmc
model = vmc.VMC(models.{wf}, vmc.Heisenberg(vmc.{lattice}), num_samples={num_samples})
model.compile(keras.optimizers.Adam(1e-4), direction=vmc.Gradient(clip=1.0))
model.fit(verbose=0)
if {estimate}:
    vmc.estimate_energy(model.wave_function, model.hamiltonian, {estimate})
print(next(line.split()[1] for line in open("/proc/self/status") if "VmHWM" in line))
"""


@pytest.mark.skipif(not backend_is_tensorflow(), reason="measured on TensorFlow")
@pytest.mark.skipif(not pathlib.Path("/proc/self/status").exists(), reason="asks Linux")
@pytest.mark.parametrize(
    ("case", "gib"),
    [
        (
            {
                "wf": "GRUChain(units=128)",
                "lattice": "Chain(300)",
                "num_samples": 100,
                "estimate": 300,
            },
            2,
        ),
        pytest.param(
            {
                "wf": "LSTMLattice(units=32, num_layers=1, feedforward_units=64, "
                'edge_distance=4, phase="none", marshall_sign=True, total_sz=0)',
                "lattice": "Square(30)",
                "num_samples": 100,
                "estimate": 0,
            },
            6,
            marks=pytest.mark.slow,
        ),
    ],
    ids=["chain", "lattice"],
)
def test_memory_of_the_largest_systems(case, gib):
    done = subprocess.run(
        [sys.executable, "-c", ONE_STEP.format(**case)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) / 2**20 < gib
