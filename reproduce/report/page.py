"""The report as one HTML page that needs no other file and no network."""

import functools

import jinja2

from reproduce.report import varbench
from reproduce.report.sections import claims_section, references, result_section
from reproduce.report.tables import table


def page(results):
    """The whole page.

    Args:
        results: `StoredResult`s.

    Returns:
        HTML as text.
    """
    return _template().render(
        claims=claims_section(results),
        results=[result_section(result) for result in results],
        references=references(),
        varbench=table("Rows for VarBench", varbench.table_rows(results)),
    )


@functools.cache
def _template():
    """The template. It escapes all text, so that a record cannot bring HTML of its own."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reproduce.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")
