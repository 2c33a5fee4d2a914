"""Makes the chain's reference energies again, with TeNPy.

    python -m reproduce.reference.dmrg --sizes=20,40

Needs TeNPy, the extra `reference` (`pip install physics-tenpy`).
"""

import dataclasses
import importlib.util

import vmc
from reproduce.console.command import run
from reproduce.console.errors import RunError
from reproduce.console.options import CommandOptions, option, whole_numbers
from reproduce.reference import reference_energy
from reproduce.store.files import write_json


@dataclasses.dataclass(frozen=True)
class Options(CommandOptions):
    """Which chains, and how exactly."""

    sizes: tuple = option(("20", "40"), "Numbers of sites.")
    bond_dimension: int = option(300, "Largest bond dimension.", least=1)
    output: str | None = option(None, "A JSON file to write; none by default.")

    def __post_init__(self):
        super().__post_init__()
        sizes = whole_numbers("sizes", self.sizes)
        if any(size < 2 or size % 2 for size in sizes):
            said = ",".join(map(str, sizes))
            raise RunError(f"--sizes must be even and at least 2: {said}")
        object.__setattr__(self, "sizes", sizes)


def ground_state_energy(num_sites, bond_dimension=300):
    """Ground-state energy of the open Heisenberg chain by two-site DMRG.

    Args:
        num_sites: length of the chain.
        bond_dimension: the largest one allowed.

    Returns:
        A dict as in `data/reference/heisenberg_chain_open_dmrg.json`.
    """
    from tenpy.algorithms import dmrg
    from tenpy.models.spins import SpinChain
    from tenpy.networks.mps import MPS

    model = SpinChain(
        {"L": num_sites, "S": 0.5, "Jx": 1.0, "Jy": 1.0, "Jz": 1.0, "bc_MPS": "finite",
         "conserve": "Sz"}
    )  # fmt: skip
    neel = [("up", "down")[site % 2] for site in range(num_sites)]
    state = MPS.from_product_state(model.lat.mps_sites(), neel, bc=model.lat.bc_MPS)
    engine = dmrg.TwoSiteDMRGEngine(
        state,
        model,
        {
            "mixer": True,
            "max_E_err": 1e-12,
            "max_sweeps": 60,
            "trunc_params": {"chi_max": bond_dimension, "svd_min": 1e-10},
        },
    )
    energy, state = engine.run()
    return {
        "num_sites": num_sites,
        "energy": float(energy),
        "energy_per_site": float(energy) / num_sites,
        "max_truncation_error": float(engine.trunc_err_list[-1]),
        "bond_dimension": int(max(state.chi)),
    }


def main(options):
    """Prints the energies beside the stored ones; returns the exit status."""
    if importlib.util.find_spec("tenpy") is None:
        raise RunError("TeNPy is missing: pip install physics-tenpy")
    rows = []
    for num_sites in options.sizes:
        row = ground_state_energy(num_sites, options.bond_dimension)
        rows.append(row)
        print(f"{num_sites:4d} sites  {row['energy']:.12f}  {_stored(num_sites)}", flush=True)
    if options.output:
        write_json(options.output, {"energies": rows})
    return 0


def _stored(num_sites):
    try:
        reference = reference_energy(vmc.Heisenberg(vmc.Chain(num_sites)))
    except KeyError:
        return "not stored"
    return f"stored {reference.energy:.12f} ({reference.method})"


if __name__ == "__main__":
    run(main, Options)
