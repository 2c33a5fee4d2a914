"""The report: everything is on the page, nothing outside it, in VarBench's units."""

import html.parser
import json
import shutil

import pytest

from reproduce.report import archive, tables, varbench
from reproduce.report.page import page

RUN = {
    "command": "python -m reproduce.fig4 --seed=3",
    "wave_function": "LSTMLattice(units=4)",
    "seed": 3,
    "runs": [
        {
            "name": "best",
            "weights": None,
            "evaluation_samples": 400,
            "stages": [
                {"lattice": "Square(6, 6)", "steps": 2, "group": None, "warmup": 0.0},
                {
                    "lattice": "Square(8, 8)",
                    "steps": 2,
                    "group": "square",
                    "warmup": {"CosineDecay": {"alpha": 0.1, "name": "x", "warmup_target": None}},
                },
            ],
        }
    ],
    "versions": {"keras": "3.15.1"},
    "seconds": 75.0,
    "results": [
        {"stage": "6x6", "lattice": "Square(6, 6)", "energy": -21.7, "std_error": 0.003,
         "reference": -21.7267860424896, "reference_error": 0.0, "relative_error": 1.2e-3,
         "relative_std_error": 1.4e-4, "relative_error_before": None, "variance": 0.04,
         "v_score": 3e-3, "num_samples": 4000, "minibatches": 1200, "seconds": 70.0},
        {"stage": "8x8", "lattice": "Square(8, 8)", "energy": -39.4, "std_error": 0.02,
         "reference": -39.618376, "reference_error": 1e-5, "relative_error": 5.5e-3,
         "relative_std_error": 5e-4, "relative_error_before": 7e-3,
         "relative_std_error_before": 1e-3, "variance": 0.9, "v_score": 4e-2,
         "num_samples": 2000, "minibatches": 72, "seconds": 5.0},
    ],
    "verdicts": [
        {"claim": "an error < 1e-3 & falling", "holds": False, "measured": "<script>1</script>"},
        {"claim": "no energy below the exact one", "holds": True, "measured": "none"},
        {"claim": "fewer minibatches", "holds": None, "measured": "too few"},
    ],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    """A folder with a run, with a table without a record, and with what is neither."""
    for name in ("fig4", "an_ablation", "empty"):
        (tmp_path / "results" / name).mkdir(parents=True)
    (tmp_path / "results/fig4/fig4.json").write_text(json.dumps(RUN))
    shutil.copy(archive.RESULTS / "fig4/fig4.png", tmp_path / "results/fig4/fig4.png")
    (tmp_path / "results/an_ablation/table.csv").write_text("option,error\nnone,0.25\n")
    (tmp_path / "results/README.md").write_text("nothing")
    return tmp_path / "results"


class Page(html.parser.HTMLParser):
    """What a page is made of."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in ("img", "meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def test_everything_is_on_the_page(folder):
    made = Page(page(archive.read(folder)))
    assert made.open == []
    assert made.all("html") == [{"lang": "en"}]
    for expected in (
        "Figure 4: a square grown", "An ablation", "an error < 1e-3 & falling", "fell short",
        "Of 3 claims that runs were held against, 1 hold, 1 fell short, 1 not decided.",
        "<script>1</script>", "python -m reproduce.fig4 --seed=3", "1 min 15 s", "keras 3.15.1",
        "(1.2 ± 0.1)·10⁻³", "-21.7000 ± 0.0030", "exact diagonalisation", "quantum Monte Carlo",
        "CosineDecay(alpha=0.1)", "random weights", "0.25",
        "arXiv:2601.20189", "TeNPy", "-0.6034170", "this project: fig4, 6x6",
    ):  # fmt: skip
        assert expected in made.text, expected
    assert made.all("script") == []
    (image,) = made.all("img")
    assert image["alt"].startswith("Relative error of the energy at 2 stages: from 1.2·10⁻³ (6x6)")
    assert int(image["width"]) > int(image["height"]) > 0


def test_the_page_needs_nothing_else(folder):
    made = Page(page(archive.read(folder)))
    anchors = {attributes["id"] for _, attributes in made.elements if "id" in attributes}
    addresses = [a[key] for _, a in made.elements for key in ("src", "href") if key in a]
    assert len(addresses) > 5
    for address in addresses:
        assert address.startswith("data:") or address[1:] in anchors, address
    assert "default-src 'none'" in [a.get("content") for a in made.all("meta")][-1]


def test_heads_of_tables_say_what_they_head(folder):
    made = Page(page(archive.read(folder)))
    heads = made.all("th")
    assert {head["scope"] for head in heads} == {"col", "row"}
    assert len(made.all("caption")) == len(made.all("table")) == 5


def test_settings_that_differ_are_a_table():
    common, differing = tables.stages(RUN["runs"][0]["stages"])
    assert common == {"steps": "2"}
    assert differing == [
        ["lattice", "group", "warmup"],
        ["Square(6, 6)", "", "0"],
        ["Square(8, 8)", "square", "CosineDecay(alpha=0.1)"],
    ]


def test_varbench_has_pauli_matrices(folder):
    first, second = varbench.rows(archive.read(folder))
    assert first.file == "Heisenberg/square_6_OO_36.md"
    assert first.cells() == [
        "-86.800", "0.012", "0.64", "36", "0",
        "RNN, LSTMLattice(units=4), fig4 6x6, arXiv:2003.06228",
    ]  # fmt: skip
    assert "averaged over the group square" in second.method
    # The paper's 6x6 in VarBench: -86.9071441699763 by exact diagonalisation.
    assert varbench.PAULI * RUN["results"][0]["reference"] == pytest.approx(-86.9071441699763)


def test_the_shipped_results(tmp_path, in_process):
    status, _ = in_process("report", ["--output=page.html", "--varbench=rows/varbench.md"])
    assert status == 0
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    titles = [result.title for result in archive.read()]
    assert titles[:3] == list(archive.TITLES.values())[:3]
    assert all(title in text for title in titles)
    rows = (tmp_path / "rows/varbench.md").read_text(encoding="utf-8")
    assert "## Heisenberg/chain_300_O_300.md" in rows
    assert "| Energy | Sigma | Energy Variance | DOF | Einf | Method |" in rows


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--results=nowhere"], "there is no folder nowhere"),
        (["--results=."], ". holds no results: each has a folder with a .json, .csv or .png"),
        (["--results=bad"], "cannot read bad/fig3/fig3.json: "),
        (["--output=bad/fig3/fig3.json/x.html"], "cannot write bad/fig3/fig3.json/x.html: "),
    ],
)
def test_bad_flags_get_one_line(arguments, message, tmp_path, in_process):
    if "bad" in arguments[0]:
        (tmp_path / "bad/fig3").mkdir(parents=True)
        (tmp_path / "bad/fig3/fig3.json").write_text("{")
    status, error = in_process("report", arguments)
    assert status == 2
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1
