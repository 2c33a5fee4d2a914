"""A table of the page: a caption, columns with heads, and rows of text cells."""

import dataclasses

LONG = 45  # characters of a cell that may take several lines


@dataclasses.dataclass(frozen=True)
class Column:
    """How a column is set.

    Attributes:
        head: its heading.
        numeric: whether it holds numbers, which stand to the right.
        long: whether a cell is so long that it takes several lines.
    """

    head: str
    numeric: bool
    long: bool


@dataclasses.dataclass(frozen=True)
class Table:
    """A table, as the template draws it.

    Attributes:
        caption: what it shows.
        columns: `Column`s.
        rows: lists of text cells, as many as columns.
    """

    caption: str
    columns: list
    rows: list


def table(caption, rows):
    """A table whose columns are set by what they hold.

    Args:
        caption: what it shows.
        rows: lists of text cells, the heads first; may be empty.

    Returns:
        A `Table`, or None if there are no rows.

    Example:

    >>> table("Errors", [["stage", "error"], ["6x6", "0.25"]]).columns[1]
    Column(head='error', numeric=True, long=False)
    """
    if not rows:
        return None
    heads, *body = rows
    return Table(caption, [_column(head, cells) for head, *cells in zip(heads, *body)], body)


def _column(head, cells):
    text = all(not cell or cell[0].isalpha() for cell in cells)
    return Column(head, numeric=not text, long=max(map(len, cells), default=0) > LONG)
