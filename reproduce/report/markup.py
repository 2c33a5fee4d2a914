"""HTML from Python: text is escaped, unless it is markup already."""

import html

VOID = {"img"}  # elements without an end


class Markup(str):
    """Text that is HTML."""


def element(name, *children, **attributes):
    """An element with children and attributes.

    Args:
        name: such as `"p"`.
        *children: `Markup`, or text, which is escaped.
        **attributes: of the element; `class_` is the class, and an
            underscore elsewhere is a hyphen.

    Returns:
        `Markup`.

    Example:

    >>> element("p", "1 < 2, ", element("b", "truly"), class_="fact")
    '<p class="fact">1 &lt; 2, <b>truly</b></p>'
    """
    pairs = ((key.rstrip("_").replace("_", "-"), str(value)) for key, value in attributes.items())
    start = "".join(f' {key}="{html.escape(value)}"' for key, value in pairs)
    if name in VOID:
        return Markup(f"<{name}{start}>")
    return Markup(f"<{name}{start}>{join(children)}</{name}>")


def join(children, between=""):
    """Pieces one after the other, as `Markup`."""
    return Markup(between.join(c if isinstance(c, Markup) else html.escape(c) for c in children))
