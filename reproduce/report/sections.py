"""The sections of the page, as plain data: the template turns them into HTML."""

import dataclasses
import re

from reproduce.console.notation import duration
from reproduce.reference import read
from reproduce.report.energy_tables import beside_paper, energies
from reproduce.report.figures import figure
from reproduce.report.stage_settings import stage_settings
from reproduce.report.tables import Table, table

REFERENCES = ("heisenberg_chain_open_dmrg", "heisenberg_square_open_sse")
TAKEN = ("claims", "references", "varbench")  # anchors of the template's own sections


@dataclasses.dataclass(frozen=True)
class Claim:
    """A claim of the paper that a run was held against.

    Attributes:
        holds: whether it holds; None where the run does not decide it.
        text: the claim.
        measured: what the run measured.
        result: anchor of the run's section.
        result_name: name of the run, such as Figure 3.
    """

    holds: bool | None
    text: str
    measured: str
    result: str
    result_name: str


@dataclasses.dataclass(frozen=True)
class ClaimsSection:
    """All claims, and the paper's table I beside this project's energies.

    Attributes:
        claims: `Claim`s.
        table_1: a `Table`, or None.
    """

    claims: list
    table_1: Table | None

    def count(self, holds):
        """How many claims hold (True), fell short (False) or are not decided (None)."""
        return sum(claim.holds is holds for claim in self.claims)


@dataclasses.dataclass(frozen=True)
class Training:
    """The settings of one training of a run.

    Attributes:
        recipe: its name.
        common: settings that all stages share, a dict of texts.
        differing: a `Table` of the settings that differ, or None.
    """

    recipe: str
    common: dict
    differing: Table | None


@dataclasses.dataclass(frozen=True)
class ResultSection:
    """One result.

    Attributes:
        anchor: where links to the section lead.
        title: its heading.
        figures: `Figure`s.
        claims: `Claim`s that it was held against.
        energies: a `Table` of what was measured, or None.
        command: the command that makes it again, or None.
        settings: a dict of texts.
        trainings: `Training`s.
    """

    anchor: str
    title: str
    figures: list
    claims: list
    energies: Table | None
    command: str | None
    settings: dict
    trainings: list


def claims_section(results):
    """The section of the claims.

    Args:
        results: `StoredResult`s.

    Returns:
        A `ClaimsSection`, or None if no result was held against a claim.
    """
    claims = [claim for result in results for claim in _claims(result)]
    if not claims:
        return None
    caption = "Table I of the paper, with this project and the exact energy"
    return ClaimsSection(claims, table(caption, beside_paper(results)))


def result_section(result):
    """The section of one result.

    Args:
        result: a `StoredResult`.

    Returns:
        A `ResultSection`.
    """
    record = result.record
    settings = {
        "wave function": record.get("wave_function"),
        "seed": record.get("seed"),
        "wall time": duration(record["seconds"]) if "seconds" in record else None,
        "versions": ", ".join(f"{k} {v}" for k, v in record.get("versions", {}).items()),
    }
    return ResultSection(
        anchor=_anchor(result),
        title=result.title,
        figures=[figure(path, result) for path in result.figures],
        claims=_claims(result),
        energies=table(f"{result.title}: what was measured", energies(result.rows)),
        command=record.get("command"),
        settings={key: str(value) for key, value in settings.items() if value not in (None, "")},
        trainings=[_training(run) for run in result.runs],
    )


def references():
    """Where the energies come from that results are compared with.

    Returns:
        Dicts of texts, one for each source.
    """
    files = map(read, REFERENCES)
    return [
        {"what": file["what"], "method": file["method"]}
        | ({"source": file["source"]} if "source" in file else {})
        | {"checked": "; ".join(file["checks"])}
        for file in files
    ]


def _claims(result):
    """The claims that a result was held against."""
    anchor, name = _anchor(result), result.title.split(":")[0]
    return [
        Claim(verdict["holds"], verdict["claim"], verdict["measured"], anchor, name)
        for verdict in result.verdicts
    ]


def _training(run):
    """One training of a run, from its record."""
    common, differing = stage_settings(run["stages"])
    start = {"started from": run.get("weights") or "random weights"}
    start |= {"samples of an energy": f"{run['evaluation_samples']:,}"}
    if spins := run.get("evaluation_spins"):
        start |= {"spins of an energy": f"at most {spins:,}"}
    return Training(run["name"], start | common, table("Where the stages differ", differing))


def _anchor(result):
    """A name for links: that of the folder, without spaces and unlike the template's own."""
    name = re.sub(r"\s+", "-", result.name)
    return f"result-{name}" if name in TAKEN else name
