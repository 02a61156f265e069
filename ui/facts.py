"""Lists of facts and tables of rows as HTML, for the pages of admins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from ui import render


def head(title: str, badge: str = "", colour: str = "") -> str:
    """Return a heading with a badge beside it. `colour`: `on`, `off`, `busy` or `bad`."""
    mark = render.element("span", escape(badge), f"as-badge as-badge-{colour}") if badge else ""
    return render.element("div", render.element("h2", escape(title)) + mark, "as-source")


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names with what is said of each; a pair without the latter is left out."""
    rows = (render.element("dt", escape(name)) + render.element("dd", escape(said)) for name, said in pairs if said)
    return render.element("dl", "".join(rows), "as-known")


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of texts, which scrolls within itself where there is no room."""
    titles = "".join(render.element("th", escape(one), scope="col") for one in columns)
    lines = "".join(render.element("tr", "".join(render.element("td", escape(cell)) for cell in row)) for row in rows)
    body = render.element("thead", render.element("tr", titles)) + render.element("tbody", lines)
    return render.element("div", render.element("table", body), "as-grid", tabindex="0")
