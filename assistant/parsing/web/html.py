"""Parser of HTML: what a reader sees, with headings, lists, code, tables and pictures, without navigation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from assistant.errors import EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.data_uri import picture_of
from assistant.parsing.decode import decode
from assistant.parsing.shown import shown_type
from assistant.parsing.tables import markdown_table
from assistant.parsing.web.html_metadata import page_metadata
from assistant.types import Document, DocumentRef

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

Finder = Callable[[str], bytes | None]  # takes a picture's address, returns the picture if it is at hand

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
_LITTLE = 200  # characters; a page that shows no more beside its navigation may be nothing else
_ICON = 48  # pixels; a picture shown smaller is a letter in its line
_LAZY = ("data-src", "data-srcset", "srcset", "data-original")  # what `src` names is not the picture then
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)


class HtmlParser:
    """Reads `text/html` and XHTML; the text is written anew, block by block."""

    name = "html"
    version = "3"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is HTML."""
        return ref.media_type in {"text/html", "application/xhtml+xml"}

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the visible text, its blocks and pictures, and the page's title. See `interfaces.Parser` for errors.

        Pictures that are not within the file are there by their alternative text, as image blocks.
        """
        document = read_page(ref, data)
        if not document.text:
            raise EmptyDocumentError(f"{ref.key}: the page shows no text", "it may be filled in by scripts only")
        return document


def read_page(ref: DocumentRef, data: bytes, find: Finder = picture_of) -> Document:
    """Return what a page shows; its text is empty if it shows none.

    Args:
        ref: the document.
        data: the whole page.
        find: returns the picture at an address; `data:` addresses by default.

    Raises:
        EmptyDocumentError, DamagedDocumentError: as `decode` raises them.
    """
    from selectolax.lexbor import LexborHTMLParser

    declared = _CHARSET.search(data[:4096])
    tree = LexborHTMLParser(decode(data, ref.key, declared[1].decode("ascii") if declared else ""))
    builder = _shown(tree, find)
    title = tree.css_first("head title")
    stated = title.text() if title is not None else ""
    return builder.build(ref, stated or builder.first_heading(), metadata=page_metadata(tree))


def _shown(tree: LexborHTMLParser, find: Finder) -> TextBuilder:
    """Return what the page shows without its navigation, or with it where there is nearly nothing else."""
    builder = TextBuilder()
    root = tree.body or tree.root
    if root is None:
        return builder
    has_main = tree.css_first("main, article, [role=main]") is not None
    _Renderer(builder, find, drop_chrome=True, has_main=has_main).render(root)
    if builder.length < _LITTLE and (not builder or not has_main):
        whole = TextBuilder()
        _Renderer(whole, find, drop_chrome=False, has_main=False).render(root)
        if builder.length * 3 < whole.length:
            return whole
    return builder


class _Renderer:
    """Walks a tree without recursion and writes what is visible to a builder."""

    def __init__(self, builder: TextBuilder, find: Finder, *, drop_chrome: bool, has_main: bool) -> None:
        self._builder = builder
        self._find = find
        self._drop_chrome = drop_chrome
        self._has_main = has_main
        self._inline: list[str] = []
        self._pictures: list[tuple[bytes, str]] = []  # those in the inline text, and their words
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
        if tag == "img":
            self._picture(node)
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
        """Write the inline text collected so far as a block, and after it the pictures that stand in it."""
        raw, self._inline = "".join(self._inline), []
        if raw and not raw.isspace():
            self._write(raw)
        for data, words in self._pictures:
            if data:
                self._builder.add_picture(data, text=words)
            else:
                self._builder.add("image", words)
        self._pictures = []

    def _write(self, raw: str) -> None:
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

    def _picture(self, node: LexborNode) -> None:
        """Note a picture for after its block; an icon is read as its words where it stands."""
        attributes = node.attributes
        address, words = attributes.get("src") or "", _words(node)
        if address[:4].lower() == "cid:":  # a picture of the mail: its parser shows it
            return
        data = self._find(address) or b""
        if data and not shown_type(data) and any(name in attributes for name in _LAZY):
            data = b""
        if _is_icon(node) or (data and not shown_type(data)):
            self._inline.append(f" {words} " if words else "")
            if not _is_icon(node):
                self._builder.add_picture(data)  # it tells that this one cannot be shown
        elif data or words:
            self._pictures.append((data, words))

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
        for image in table.css("img"):
            if data := self._find(image.attributes.get("src") or ""):
                self._builder.add_picture(data)  # its words stand in its cell
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


def _words(image: LexborNode) -> str:
    """Return what a page says of a picture: its alternative text, or else its title."""
    attributes = image.attributes
    return " ".join(clean(attributes.get("alt") or attributes.get("title") or "").split())


def _is_icon(image: LexborNode) -> bool:
    """Whether the page shows the picture no larger than a letter."""
    sizes = (
        re.match(r"\s*(\d{1,5})(?:\.\d+)?\s*(?:px\s*)?\Z", image.attributes.get(side) or "")
        for side in ("width", "height")
    )
    return any(int(size[1]) < _ICON for size in sizes if size)


def _cell(cell: LexborNode) -> str:
    """Return a cell's visible text on one line."""
    parts: list[str] = []
    for node, entering in _walk(cell, lambda node: _never_text(node) or (not node.is_text_node and _hidden(node))):
        if node.is_text_node:
            if entering:
                parts.append(node.text_content or "")
        elif node.tag == "img" and entering:
            parts.append(f" {_words(node)} ")
        elif node.tag == "br" or node.tag in _BLOCKS:
            parts.append(" ")
    return " ".join(clean("".join(parts)).split())
