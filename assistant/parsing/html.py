"""Parser of HTML: the text that a reader sees, with headings, lists, code and tables, without navigation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from assistant.errors import EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.decode import decode
from assistant.parsing.tables import markdown_table
from assistant.types import Document, DocumentRef

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_HIDDEN = frozenset(
    {"script", "style", "noscript", "template", "head", "svg", "math", "iframe", "object", "embed", "canvas", "audio",
     "video", "map", "button", "input", "select", "textarea", "datalist", "dialog", "progress", "meter"}
)  # fmt: skip
_CHROME = frozenset({"nav", "menu"})
_CHROME_ROLES = frozenset({"navigation", "search", "banner", "contentinfo", "menu", "menubar", "toolbar"})
_PAGE_CHROME = frozenset({"header", "footer", "aside"})
_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
     "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html",
     "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th",
     "thead", "tr", "ul", "menu"}
)  # fmt: skip
_HEADING = re.compile(r"h([1-6])\Z")
_MAX_SPAN = 50
_MAX_CELLS = 200_000
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)


class HtmlParser:
    """Reads `text/html` and XHTML; the text is written anew, block by block."""

    name = "html"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is HTML."""
        return ref.media_type in {"text/html", "application/xhtml+xml"}

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the visible text, its blocks, and the page's title. See `interfaces.Parser` for what is raised."""
        from selectolax.lexbor import LexborHTMLParser

        declared = _CHARSET.search(data[:4096])
        tree = LexborHTMLParser(decode(data, ref.key, declared[1].decode("ascii") if declared else ""))
        root = tree.body or tree.root
        builder = TextBuilder()
        if root is not None:
            has_main = tree.css_first("main, article, [role=main]") is not None
            _Renderer(builder, drop_chrome=True, has_main=has_main).render(root)
            if not builder:  # a page of nothing but navigation: better its links than nothing
                _Renderer(builder, drop_chrome=False, has_main=False).render(root)
        if not builder:
            raise EmptyDocumentError(f"{ref.key}: the page shows no text", "it may be filled in by scripts only")
        title = tree.css_first("head title")
        return builder.build(ref, (title.text() if title is not None else "") or builder.first_heading())


class _Renderer:
    """Walks a tree without recursion and writes what is visible to a builder."""

    def __init__(self, builder: TextBuilder, *, drop_chrome: bool, has_main: bool) -> None:
        self._builder = builder
        self._drop_chrome = drop_chrome
        self._has_main = has_main
        self._inline: list[str] = []
        self._lists: list[int | None] = []  # the next number of each open list; None where it has bullets
        self._marker = ""  # what the next block in a list starts with
        self._fresh_list = True
        self._content = 0  # open main, article and section elements
        self._pre = 0
        self._heading = 0

    def render(self, root: LexborNode) -> None:
        """Write the text below `root`."""
        for node, entering in _walk(root, self._skips):
            if node.is_text_node:
                if entering:
                    self._inline.append(node.text_content or "")
            elif entering:
                self._enter(node, node.tag or "")
            else:
                self._leave(node.tag or "")
        self._flush()

    def _skips(self, node: LexborNode) -> bool:
        """Whether the element and all below it is not part of the text, or has just been written."""
        if node.is_text_node:
            return False
        if _never_text(node) or _hidden(node):
            return True
        tag = node.tag or ""
        if self._drop_chrome:
            role = (node.attributes.get("role") or "").lower()
            outside = tag in _PAGE_CHROME and self._has_main and not self._content
            if tag in _CHROME or role in _CHROME_ROLES or outside:
                return True
        return tag == "table" and self._data_table(node)

    def _enter(self, node: LexborNode, tag: str) -> None:
        if tag == "br":
            self._inline.append("\n" if self._pre else "\0")  # a NUL cannot be in the text: it marks a forced break
            return
        if tag not in _BLOCKS:
            return
        self._flush()
        if tag in {"main", "article", "section"}:
            self._content += 1
        elif tag == "pre":
            self._pre += 1
        elif tag in {"ul", "ol", "menu"}:
            start = node.attributes.get("start") or "1"
            self._lists.append((int(start) if start.isdecimal() else 1) if tag == "ol" else None)
            self._fresh_list = len(self._lists) == 1
        elif tag == "li":
            self._marker = self._next_marker()
        elif match := _HEADING.match(tag):
            self._heading = int(match[1])

    def _leave(self, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        self._flush()
        if tag in {"main", "article", "section"}:
            self._content -= 1
        elif tag == "pre":
            self._pre -= 1
        elif tag in {"ul", "ol", "menu"}:
            self._lists.pop()
        elif tag == "li":
            self._marker = ""
        elif _HEADING.match(tag):
            self._heading = 0

    def _next_marker(self) -> str:
        if not self._lists:
            return "- "
        indent = "  " * (len(self._lists) - 1)
        number = self._lists[-1]
        if number is None:
            return f"{indent}- "
        self._lists[-1] = number + 1
        return f"{indent}{number}. "

    def _flush(self) -> None:
        """Write the inline text collected so far as a block."""
        raw, self._inline = "".join(self._inline), []
        if not raw or raw.isspace():
            return
        if self._pre:
            self._builder.add("code", clean(raw.replace("\0", "\n")).strip("\n").rstrip())
            return
        text = "\n".join(filter(None, (" ".join(part.split()) for part in raw.split("\0"))))
        text = clean(text)
        if self._heading:
            self._builder.add("heading", " ".join(text.split()), level=self._heading)
        elif self._lists:
            gap = "\n\n" if self._fresh_list else "\n"
            self._builder.add("text", self._marker + text, gap=gap)
            self._fresh_list, self._marker = False, ""
        else:
            self._builder.add("text", text)

    def _data_table(self, table: LexborNode) -> bool:
        """Write a table of data; return False for a table that only lays out the page: its cells are blocks then."""
        if table.css_first("table table, h1, h2, h3, h4") is not None and table.css_first("th") is None:
            return False
        if table.css_first("td table, th table") is not None:
            return False
        self._flush()
        rows = _rows(table)
        if rows is None or max((len(row) for row in rows), default=0) < 2:
            return False
        caption = table.css_first("caption")
        if caption is not None:
            self._builder.add("text", _cell(caption))
        self._builder.add("table", markdown_table(rows))
        return True


def _walk(root: LexborNode, skips: Callable[[LexborNode], bool]) -> Iterator[tuple[LexborNode, bool]]:
    """Yield every node below `root` twice, entering and leaving; what `skips` names is left out whole."""
    node, end = root, root.mem_id  # `==` would compare the two nodes' whole HTML
    while True:
        if not skips(node):
            yield node, True
            child = node.child
            if child is not None:
                node = child
                continue
            yield node, False
        while node.mem_id != end and node.next is None:
            parent = node.parent
            if parent is None:
                return
            node = parent
            yield node, False
        following = node.next
        if node.mem_id == end or following is None:
            return
        node = following


def _rows(table: LexborNode) -> list[list[str]] | None:
    """Return the table's cells with spans filled in, or None if it is too large to be one."""
    rows: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}  # column -> rows still covered by a cell from above, and its text
    count = 0
    for line in table.css("tr"):
        row: list[str] = []
        for cell in line.css("td, th"):
            _fill(row, below)
            text = _cell(cell)
            wide, high = _span(cell, "colspan"), _span(cell, "rowspan")
            for column in range(len(row), len(row) + wide):
                if high > 1:
                    below[column] = (high - 1, text if column == len(row) else "")
            row += [text] + [""] * (wide - 1)
            count += wide
            if count > _MAX_CELLS:
                return None
        _fill(row, below)
        rows.append(row)
    return rows


def _fill(row: list[str], below: dict[int, tuple[int, str]]) -> None:
    """Append the cells that reach down into this row at its present end."""
    while len(row) in below:
        column = len(row)
        left, text = below.pop(column)
        if left > 1:
            below[column] = (left - 1, text)
        row.append(text)


def _span(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return min(max(int(value), 1), _MAX_SPAN) if value.isdecimal() and len(value) < 6 else 1


def _never_text(node: LexborNode) -> bool:
    """Whether this is a comment or an element whose content is never shown as text."""
    tag = node.tag or ""
    return not node.is_text_node and (tag.startswith("-") or tag in _HIDDEN)


def _hidden(node: LexborNode) -> bool:
    """Whether the element's own attributes keep it from being shown."""
    attributes = node.attributes
    hidden = "hidden" in attributes or (attributes.get("aria-hidden") or "").lower() == "true"
    return hidden or "display:none" in (attributes.get("style") or "").replace(" ", "").lower()


def _cell(cell: LexborNode) -> str:
    """Return a cell's visible text on one line."""
    parts: list[str] = []
    for node, entering in _walk(cell, _never_text):
        if node.is_text_node:
            if entering:
                parts.append(node.text_content or "")
        elif node.tag == "br" or node.tag in _BLOCKS:
            parts.append(" ")
    return " ".join(clean("".join(parts)).split())
