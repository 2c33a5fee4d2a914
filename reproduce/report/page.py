"""The report as one HTML page that needs nothing else."""

import base64
import importlib.resources
import itertools
import string
import struct

from reproduce.console.notation import duration, scientific
from reproduce.reference import read
from reproduce.report import tables, varbench
from reproduce.report.markup import Markup, element, join

TEMPLATE = importlib.resources.files("reproduce.report") / "page.html"
WORDS = {True: "holds", False: "fell short", None: "not decided"}
MANY = {True: "hold", False: "fell short", None: "not decided"}
CLASSES = {True: "good", False: "bad", None: "open"}
LONG = 45  # characters of a cell that may take several lines
REFERENCES = ("heisenberg_chain_open_dmrg", "heisenberg_square_open_sse")


def page(results):
    """The whole page.

    Args:
        results: `reproduce.report.archive.Result`s.

    Returns:
        HTML as text.
    """
    sections = [
        *_paper(results),
        *(_result(result) for result in results),
        _references(),
        *_varbench(results),
    ]
    links = [("claims", "The paper's claims")] if any(r.verdicts for r in results) else []
    links += [(result.name, result.title) for result in results]
    links += [("references", "References")]
    contents = element("ul", *(element("li", element("a", text, href=f"#{to}"))
                               for to, text in links))  # fmt: skip
    template = string.Template(TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(contents=contents, body=join(sections, "\n"))


def _section(name, title, *children):
    head = element("h2", title, id=f"{name}-title")
    return element("section", head, *children, id=name, aria_labelledby=f"{name}-title")


def _paper(results):
    """The paper's claims and numbers beside this project's; a list of one section or none."""
    claims = [(verdict, result) for result in results for verdict in result.verdicts]
    if not claims:
        return []
    counts = ", ".join(
        f"{sum(verdict['holds'] is holds for verdict, _ in claims)} {word}"
        for holds, word in MANY.items()
    )
    items = (
        element("li", _word(verdict), " ", verdict["claim"], " (",
                element("a", result.title.split(":")[0], href=f"#{result.name}"), ")")
        for verdict, result in claims
    )  # fmt: skip
    table_1 = tables.beside_paper(results)
    return [
        _section(
            "claims",
            "The paper's claims",
            element("p", f"Of {len(claims)} claims that runs were held against, {counts}."),
            element("ul", *items, class_="claims"),
            *([_table(table_1, "Table I of the paper, with this project and the exact energy")]
              if table_1 else []),
        )
    ]  # fmt: skip


def _word(verdict):
    """Whether a claim holds, in colour."""
    holds = verdict["holds"]
    return element("strong", WORDS[holds], class_=f"verdict {CLASSES[holds]}")


def _verdicts(result):
    """The claims with what was measured."""
    items = (
        element("li", _word(verdict), " ", verdict["claim"],
                element("div", verdict["measured"], class_="measured"))
        for verdict in result.verdicts
    )  # fmt: skip
    return element("ul", *items, class_="verdicts")


def _result(result):
    """The section of one result."""
    record = result.record
    settings = {
        "wave function": record.get("wave_function"),
        "seed": record.get("seed"),
        "wall time": duration(record["seconds"]) if "seconds" in record else None,
        "versions": ", ".join(f"{k} {v}" for k, v in record.get("versions", {}).items()),
    }
    return _section(
        result.name,
        result.title,
        *(_figure(path, result) for path in result.figures),
        *([_verdicts(result)] if result.verdicts else []),
        *([_table(tables.energies(result.rows), f"{result.title}: what was measured")]
          if result.rows else []),
        *([element("h3", "Made by"), element("pre", element("code", record["command"]))]
          if "command" in record else []),
        element("h3", "Settings"),
        _list({key: str(value) for key, value in settings.items() if value not in (None, "")}),
        *map(_run, result.runs),
    )  # fmt: skip


def _run(run):
    """The settings of one training of a run, folded away."""
    common, differing = tables.stages(run["stages"])
    start = {"started from": run.get("weights") or "random weights"}
    start |= {"samples of an energy": f"{run['evaluation_samples']:,}"}
    if spins := run.get("evaluation_spins"):
        start |= {"spins of an energy": f"at most {spins:,}"}
    return element(
        "details",
        element("summary", f"Stages of the recipe “{run['name']}”"),
        _list(start | common),
        *([_table(differing, "Where the stages differ")] if differing else []),
    )


def _figure(path, result):
    content = path.read_bytes()
    width, height = struct.unpack(">II", content[16:24])  # of PNG's first chunk, its header
    text = _description(path, result)
    image = element("img", src=f"data:image/png;base64,{base64.b64encode(content).decode('ascii')}",
                    alt=text, width=width, height=height)  # fmt: skip
    # Panels beside each other would be too small on a phone, and scroll there.
    panels = {"class_": "wide", "tabindex": 0, "role": "region", "aria_label": "Figure"}
    holder = element("div", image, **(panels if width > 2 * height else {}))
    return element("figure", holder, element("figcaption", text))


def _description(path, result):
    """What a figure shows, in a sentence."""
    rows = [row for row in result.rows if "relative_error" in row and "stage" in row]
    if path.stem != result.name or not rows:
        return f"{result.title}: {path.stem.replace('_', ' ').replace('-', ' ')}"
    lowest, highest = (pick(rows, key=lambda row: row["relative_error"]) for pick in (min, max))
    return (
        f"Relative error of the energy at {len(rows)} stages: from "
        f"{scientific(lowest['relative_error'])} ({lowest['stage']}) to "
        f"{scientific(highest['relative_error'])} ({highest['stage']}). The table has all of them."
    )


def _references():
    """Where the energies that were compared with come from."""
    files = {name: read(name) for name in REFERENCES}
    return _section(
        "references",
        "References",
        element("p", "Every energy is the total energy in units of J1 unless it says “per site”; "
                     "errors are one standard error."),
        *(_list({"what": file["what"], "method": file["method"],
                 **({"source": file["source"]} if "source" in file else {}),
                 "checked": "; ".join(file["checks"])}) for file in files.values()),
    )  # fmt: skip


def _varbench(results):
    """The rows for VarBench; a list of one section or none."""
    rows = varbench.rows(results)
    if not rows:
        return []
    cells = [["File", *varbench.HEAD], *([row.file, *row.cells()] for row in rows)]
    return [
        _section(
            "varbench",
            "Rows for VarBench",
            element("p", "In its convention of Pauli matrices: energies four times those above, "
                         "variances sixteen times."),
            element("details", element("summary", f"{len(rows)} rows"),
                    _table(cells, "Rows for VarBench")),
        )
    ]  # fmt: skip


def _table(rows, caption):
    """A table that scrolls by itself where it is too wide; the first column heads the rows."""
    head, *body = rows
    classes = [_class([row[n] for row in body]) for n in range(len(head))]

    def row(cells, *scopes):
        tags = (element("th", cell, scope=scope, class_=kind) if scope
                else element("td", cell, class_=kind)
                for cell, scope, kind in itertools.zip_longest(cells, scopes, classes))  # fmt: skip
        return element("tr", *tags)

    table = element(
        "table",
        element("caption", element("span", caption)),
        element("thead", row(head, *["col"] * len(head))),
        element("tbody", *(row(cells, "row") for cells in body)),
    )
    return element("div", table, class_="scroll", role="region", tabindex=0, aria_label=caption)


def _class(cells):
    """How a column is set: numbers to the right, and what is long in several lines."""
    kind = "text" if all(not cell or cell[0].isalpha() for cell in cells) else "number"
    return f"{kind} long" if max(map(len, cells), default=0) > LONG else kind


def _list(entries):
    pairs = (element("div", element("dt", key), element("dd", value))
             for key, value in entries.items())  # fmt: skip
    return element("dl", *pairs) if entries else Markup()
