"""The stored references against exact diagonalisation and each other."""

import pytest

import vmc
from reproduce.reference import dmrg, paper, read, reference_energy


def test_chain():
    assert reference_energy(vmc.Heisenberg(vmc.Chain(10))).method == "DMRG"
    for size in paper()["fig3"]["sizes"]:
        assert reference_energy(vmc.Heisenberg(vmc.Chain(size))).std_error == 0
    # The energy of each further site tends to Bethe's 1/4 - ln 2.
    last, before = (reference_energy(vmc.Heisenberg(vmc.Chain(size))).energy for size in (300, 280))
    assert (last - before) / 20 == pytest.approx(0.25 - 0.69314718, abs=3e-6)


def test_squares():
    for side in paper()["fig4"]["sides"]:
        reference = reference_energy(vmc.Heisenberg(vmc.Square(side)))
        assert -0.68 * side**2 < reference.energy < -0.6 * side**2
        assert reference.std_error < 1e-6 * side**2
    exact = reference_energy(vmc.Heisenberg(vmc.Square(6)))
    assert exact.method == "exact diagonalisation"
    assert exact.energy == pytest.approx(-86.9071441699763 / 4)
    monte_carlo = read("heisenberg_square_open_sse")["energies"][0]
    assert abs(exact.energy / 36 - monte_carlo["energy_per_site"]) < 4e-7
    assert "interpolated" in reference_energy(vmc.Heisenberg(vmc.Square(30))).method


def test_small_lattices_are_diagonalised():
    reference = reference_energy(vmc.Heisenberg(vmc.Square(4)))
    assert reference.method == "exact diagonalisation"
    assert reference.energy / 16 == pytest.approx(-0.5743254416)
    with pytest.raises(KeyError, match=r"no reference energy for Chain\(82\): .*, 80, 100"):
        reference_energy(vmc.Heisenberg(vmc.Chain(82)))


def test_every_file_names_its_source():
    for name in ("heisenberg_chain_open_dmrg", "heisenberg_square_open_sse"):
        assert read(name)["checks"]
    assert all(entry["source"] for entry in read("published_energies")["entries"])


@pytest.mark.slow
@pytest.mark.parametrize("size", [20, 40])
def test_dmrg(size):
    row = dmrg.ground_state_energy(size)
    assert row["energy"] == pytest.approx(
        reference_energy(vmc.Heisenberg(vmc.Chain(size))).energy, abs=1e-9
    )


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("--sizes=x", "--sizes must be whole numbers: x"),
        ("--sizes=", "--sizes must not be empty"),
        ("--sizes=20,0", "--sizes must be even and at least 2: 20,0"),
        ("--sizes=-4", "--sizes must be even and at least 2: -4"),
        ("--sizes=21", "--sizes must be even and at least 2: 21"),
        ("--bond_dimension=0", "--bond_dimension must be at least 1, not 0"),
    ],
)
def test_bad_flags_of_dmrg_get_one_line(argument, message, in_process):
    assert in_process("reference.dmrg", [argument]) == (2, f"error: {message}\n")


def test_dmrg_without_tenpy(monkeypatch, in_process):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    status, error = in_process("reference.dmrg", [])
    assert status == 2
    assert "pip install physics-tenpy" in error
