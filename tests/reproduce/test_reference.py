"""The stored references against exact diagonalisation and each other."""

import pytest

import vmc
from reproduce.reference import chain_energies, paper, read


def test_chain():
    energies = chain_energies()
    assert set(paper()["fig3"]["sizes"]) <= set(energies)
    for size in (8, 10):
        exact, _ = vmc.ground_state(vmc.Heisenberg(vmc.Chain(size)))
        assert energies[size] == pytest.approx(exact, abs=1e-10)
    # The energy of each further site tends to Bethe's 1/4 - ln 2.
    assert (energies[300] - energies[280]) / 20 == pytest.approx(0.25 - 0.69314718, abs=3e-6)


def test_every_file_names_its_source():
    for name in ("heisenberg_chain_open_dmrg", "heisenberg_square_open_sse"):
        assert read(name)["checks"]
    assert all(entry["source"] for entry in read("published_energies")["entries"])


@pytest.mark.slow
@pytest.mark.parametrize("size", [20, 40])
def test_dmrg(size):
    from reproduce.reference.dmrg import ground_state_energy

    row = ground_state_energy(size)
    assert row["energy"] == pytest.approx(chain_energies()[size], abs=1e-9)
