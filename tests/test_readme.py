"""The README and the pages in docs: their Python runs as it stands, their links lead somewhere."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# The others compile for minutes on JAX.
SHORT = {"backends.md", "use-a-preset.md", "share-a-preset.md"}


def blocks(page):
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.any_backend
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(
            page, id=page.name, marks=[] if page.name in SHORT else pytest.mark.one_backend
        )
        for page in PAGES
        if blocks(page)
    ],
)
def test_python_blocks_run(page, tmp_path, monkeypatch):
    """One after the other, as one script in an empty folder."""
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__main__"}
    for block in blocks(page):
        exec(compile(block, str(page), "exec"), names)


def test_the_first_table_is_what_the_check_measured():
    measured = (ROOT / "data/results/check/paper.md").read_text(encoding="utf-8")
    readme = PAGES[0].read_text(encoding="utf-8")
    assert re.search(r"^\|.*?\n(?!\|)", readme, re.DOTALL | re.MULTILINE)[0] == measured


def test_links_lead_somewhere():
    links = [
        page.parent / link
        for page in PAGES
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
    ]
    assert links
    assert [link for link in links if not link.exists()] == []
