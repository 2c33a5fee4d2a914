"""The report's page: everything is on it, it needs nothing else, and strange text stays text."""

import html.parser
import json
import shutil

import pytest

from reproduce.report import stored_results, varbench
from reproduce.report.measured_energies import measured_energies
from reproduce.report.page import page
from reproduce.report.stage_settings import stage_settings
from reproduce.report.tables import Column, table

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
    shutil.copy(stored_results.RESULTS / "fig4/fig4.png", tmp_path / "results/fig4/fig4.png")
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
    made = Page(page(stored_results.read(folder)))
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
        assert expected in " ".join(made.text.split()), expected
    assert made.all("script") == []
    (image,) = made.all("img")
    assert image["alt"].startswith("Relative error of the energy at 2 stages: from 1.2·10⁻³ (6x6)")
    assert int(image["width"]) > int(image["height"]) > 0


def test_the_page_needs_nothing_else(folder):
    made = Page(page(stored_results.read(folder)))
    anchors = {attributes["id"] for _, attributes in made.elements if "id" in attributes}
    addresses = [a[key] for _, a in made.elements for key in ("src", "href") if key in a]
    assert len(addresses) > 5
    for address in addresses:
        assert address.startswith("data:") or address[1:] in anchors, address
    assert "default-src 'none'" in [a.get("content") for a in made.all("meta")][-1]


def test_heads_of_tables_say_what_they_head(folder):
    made = Page(page(stored_results.read(folder)))
    heads = made.all("th")
    assert {head["scope"] for head in heads} == {"col", "row"}
    assert len(made.all("caption")) == len(made.all("table")) == 5


def test_settings_that_differ_are_a_table():
    common, differing = stage_settings(RUN["runs"][0]["stages"])
    assert common == {"steps": "2"}
    assert differing == [
        ["lattice", "group", "warmup"],
        ["Square(6, 6)", "", "0"],
        ["Square(8, 8)", "square", "CosineDecay(alpha=0.1)"],
    ]


def test_columns_are_set_by_what_they_hold():
    made = table("t", [["a", "b", "c"], ["-1", "one", "2" * 46], ["", "", ""]])
    assert made.columns == [
        Column("a", numeric=True, long=False),
        Column("b", numeric=False, long=False),
        Column("c", numeric=True, long=True),
    ]
    assert made.rows == [["-1", "one", "2" * 46], ["", "", ""]]
    assert table("t", []) is None


STRANGE = "</script><script>alert(1)</script>\"'><img src=x onerror=y>{{ 7 * 7 }}"


def strange(value):
    """A record with strange text in the place of all its text but the names of lattices."""
    if isinstance(value, dict):
        kept = {"lattice", "learning_rate"}
        return {k: v if k in kept else strange(v) for k, v in value.items()}
    if isinstance(value, list):
        return list(map(strange, value))
    return STRANGE if isinstance(value, str) else value


def test_strange_text_stays_text(tmp_path):
    """Wherever it stands: in a record, its keys, the folder's name, a table without a record."""
    record = strange(RUN)
    record["versions"][STRANGE] = "1"
    record["runs"][0]["stages"][0][STRANGE] = 1
    for name in ("a <b> 'c' \"d\"", "claims", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "a <b> 'c' \"d\"" / "x.json").write_text(json.dumps(record))
    (tmp_path / "other/x.csv").write_text(f'"{STRANGE.replace(chr(34), chr(34) * 2)}",b\n1,2\n')
    (tmp_path / "claims/x.json").write_text(json.dumps(RUN))
    made = Page(page(stored_results.read(tmp_path)))
    assert made.open == []
    assert made.all("script") == made.all("img") == made.all("b") == []
    assert made.text.count(STRANGE) > 15
    anchors = [attributes["id"] for _, attributes in made.elements if "id" in attributes]
    assert len(set(anchors)) == len(anchors)
    assert not any(" " in anchor for anchor in anchors)
    links = [link["href"] for link in made.all("a")]
    assert {link[1:] for link in links} <= set(anchors)


def test_a_table_without_a_record_has_numbers(tmp_path):
    """The CSV file of a run reads as its record does."""
    (tmp_path / "fig4").mkdir()
    shutil.copy(stored_results.RESULTS / "fig4/fig4.csv", tmp_path / "fig4")
    (result,) = stored_results.read(tmp_path)
    (shipped,) = [r for r in stored_results.read() if r.name == "fig4"]
    assert result.rows == shipped.rows
    assert "(1.5 ± 0.4)·10⁻³" in page([result])


def test_varbench_has_pauli_matrices(folder):
    results = stored_results.read(folder)
    first, second = measured_energies(results)
    assert varbench.file_name(first) == "Heisenberg/square_6_OO_36.md"
    assert varbench.cells(first) == [
        "-86.800", "0.012", "0.64", "36", "0",
        "RNN, LSTMLattice(units=4), fig4 6x6, arXiv:2003.06228",
    ]  # fmt: skip
    assert "averaged over the group square" in second.method
    assert varbench.document(results).count("\n## ") == 1  # after the first one


def test_energies_without_an_error_or_a_variance_are_left_out(folder):
    rows = [
        RUN["results"][0] | changed
        for changed in ({"std_error": None}, {"variance": float("nan")}, {"energy": "-21"}, {})
    ]
    one = stored_results.StoredResult("a", {"results": rows})
    assert len(measured_energies([one])) == 1


def test_the_shipped_results(tmp_path, in_process):
    status, _ = in_process("report", ["--output=page.html", "--varbench=rows/varbench.md"])
    assert status == 0
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    titles = [result.title for result in stored_results.read()]
    assert titles[:3] == list(stored_results.TITLES.values())[:3]
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
        (["--results=list"], "cannot read list/a/a.json: a record is a JSON object"),
        (["--results=latin"], "cannot read latin/a/a.csv: "),
        (["--results=image"], "cannot read image/a/a.png: it is not a PNG file"),
        (["--output=bad/fig3/fig3.json/x.html"], "cannot write bad/fig3/fig3.json/x.html: "),
    ],
)
def test_bad_flags_get_one_line(arguments, message, tmp_path, in_process):
    for name, content in (
        ("bad/fig3/fig3.json", b"{"),
        ("list/a/a.json", b"[1]"),
        ("latin/a/a.csv", b"a\n\xe9\n"),
        ("image/a/a.png", b"GIF89a"),
    ):
        if name.split("/")[0] in arguments[0]:
            (tmp_path / name).parent.mkdir(parents=True)
            (tmp_path / name).write_bytes(content)
    status, error = in_process("report", arguments)
    assert status == 2
    assert error.startswith(f"error: {message}")
    assert error.count("\n") == 1
