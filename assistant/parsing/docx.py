"""Parser of DOCX: paragraphs, headings by style, lists, tables and notes in the order of the document."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.ooxml import Package, attribute, find_child, local_name
from assistant.parsing.tables import markdown_table
from assistant.types import Document, DocumentRef

if TYPE_CHECKING:
    from lxml.etree import _Element

_HEADING_STYLE = re.compile(r"heading\s*([1-9])\Z", re.IGNORECASE)
# Deleted or moved text, field codes, the second writing of what `Choice` already holds, and pictures' own data.
_LEFT_OUT = frozenset({"del", "moveFrom", "instrText", "delText", "Fallback", "rPr", "pPr", "rt", "binData"})
_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_CONTAINERS = frozenset({"sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag", "AlternateContent", "Choice"})
_NOTES = {"footnotes.xml": "footnote", "endnotes.xml": "endnote"}


class DocxParser:
    """Reads DOCX and its macro and template variants. The format knows no pages, so the document has none."""

    name = "docx"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a Word document of the XML kind."""
        word = "application/vnd.openxmlformats-officedocument.wordprocessingml."
        return ref.media_type.startswith((word, "application/vnd.ms-word.document.macroenabled"))

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with headings, paragraphs, list items and tables. See `interfaces.Parser` for what is raised.

        Headers, footers, comments and deleted revisions are not part of the text; foot- and endnotes follow at its end.
        """
        with Package(ref.key, data) as package:
            main = package.main_part()
            root = package.xml(main)
            body = find_child(root, "body")
            if body is None:
                raise DamagedDocumentError(f"{ref.key}: not a Word document: it has no body", "open and save it again")
            folder = posixpath.dirname(main)
            reader = _Reader(
                _styles(package.xml(posixpath.join(folder, "styles.xml"))),
                _numberings(package.xml(posixpath.join(folder, "numbering.xml"))),
            )
            reader.read(body)
            for part, name in _NOTES.items():
                reader.read_notes(package.xml(posixpath.join(folder, part)), name)
            core = package.xml("docProps/core.xml")
        if not reader.builder:
            raise EmptyDocumentError(f"{ref.key}: the document has no text", "pictures of text need OCR")
        stated = find_child(core, "title") if core is not None else None
        title = (stated.text or "").strip() if stated is not None else ""
        return reader.builder.build(ref, title or reader.title or reader.builder.first_heading())


@dataclass(slots=True)
class _Style:
    name: str = ""
    based_on: str = ""
    outline: int | None = None
    list_id: str = ""
    list_level: int = 0


@dataclass(slots=True)
class _Paragraph:
    """A paragraph's text, and the text boxes anchored in it, which follow it."""

    parts: list[str] = field(default_factory=list)
    boxes: list[_Element] = field(default_factory=list)


def _styles(root: _Element | None) -> dict[str, _Style]:
    styles: dict[str, _Style] = {}
    for element in root if root is not None else ():
        if local_name(element) != "style":
            continue
        style = _Style(name=_value(find_child(element, "name")), based_on=_value(find_child(element, "basedOn")))
        properties = find_child(element, "pPr")
        style.outline = _outline_level(properties)
        style.list_id, style.list_level = _list_of(properties)
        styles[attribute(element, "styleId") or ""] = style
    return styles


def _numberings(root: _Element | None) -> dict[tuple[str, int], str]:
    """Return the number format (`bullet`, `decimal`, …) of each list and level."""
    abstract: dict[str, dict[int, str]] = {}
    formats: dict[tuple[str, int], str] = {}
    for element in root if root is not None else ():
        if local_name(element) == "abstractNum":
            levels = [child for child in element if local_name(child) == "lvl"]
            abstract[attribute(element, "abstractNumId") or ""] = {
                _integer(attribute(level, "ilvl")): _value(find_child(level, "numFmt")) for level in levels
            }
        elif local_name(element) == "num":
            known = abstract.get(_value(find_child(element, "abstractNumId")), {})
            formats |= {(attribute(element, "numId") or "", level): name for level, name in known.items()}
    return formats


def _value(element: _Element | None) -> str:
    return (attribute(element, "val") or "") if element is not None else ""


def _integer(value: str | None) -> int:
    return int(value) if value and value.isdecimal() and len(value) < 6 else 0


def _outline_level(properties: _Element | None) -> int | None:
    """Return the heading depth from 1 that paragraph properties state; 0 where they state body text."""
    element = find_child(properties, "outlineLvl")
    if element is None:
        return None
    level = _integer(_value(element))
    return level + 1 if level < 9 else 0


def _list_of(properties: _Element | None) -> tuple[str, int]:
    numbering = find_child(properties, "numPr")
    return _value(find_child(numbering, "numId")), _integer(_value(find_child(numbering, "ilvl")))


class _Reader:
    def __init__(self, styles: dict[str, _Style], numberings: dict[tuple[str, int], str]) -> None:
        self.builder = TextBuilder()
        self.title = ""
        self._styles = styles
        self._numberings = numberings
        self._counters: dict[str, dict[int, int]] = defaultdict(dict)
        self._in_list = False

    def read(self, container: _Element) -> None:
        """Write the paragraphs and tables below `container`."""
        for child in container:
            name = local_name(child)
            if name == "p":
                self._paragraph(child)
            elif name == "tbl":
                self._table(child)
            elif name in _CONTAINERS:
                self.read(child)

    def _table(self, element: _Element) -> None:
        """Write a table; one of a single column is a frame around paragraphs and read as such."""
        self._in_list = False
        rows = list(_children(element, "tr"))
        if all(len(list(_children(row, "tc"))) < 2 for row in rows):
            for row in rows:
                for cell in _children(row, "tc"):
                    self.read(cell)
            return
        self.builder.add("table", markdown_table([_cells(row) for row in rows]))

    def read_notes(self, root: _Element | None, kind: str) -> None:
        """Write the notes of a part, each as `[n] text`, the number that the text refers to in front."""
        for note in root if root is not None else ():
            if local_name(note) != kind or attribute(note, "type") not in {None, "normal"}:
                continue
            text = " ".join(" ".join(_text(paragraph).split()) for paragraph in note.iter() if _is(paragraph, "p"))
            if text.strip():
                self.builder.add("text", f"[{attribute(note, 'id')}] {text.strip()}")

    def _paragraph(self, element: _Element) -> None:
        found = _Paragraph()
        _collect(element, found)
        text = clean("".join(found.parts)).strip()
        properties = find_child(element, "pPr")
        if text:
            self._write(text, properties)
        for box in found.boxes:
            self.read(box)

    def _write(self, text: str, properties: _Element | None) -> None:
        style = _value(find_child(properties, "pStyle"))
        level, is_title = self._heading(style, properties)
        if level:
            self._in_list = False
            line = " ".join(text.split())
            if is_title and not self.title:
                self.title = line
            self.builder.add("heading", line, level=level)
            return
        marker = self._marker(style, properties)
        self.builder.add("text", marker + text, gap="\n" if marker and self._in_list else "\n\n")
        self._in_list = bool(marker)

    def _chain(self, style_id: str) -> Iterator[_Style]:
        """Yield a style and those it is based on, its own first."""
        seen: set[str] = set()
        while style_id in self._styles and style_id not in seen:
            seen.add(style_id)
            yield self._styles[style_id]
            style_id = self._styles[style_id].based_on

    def _heading(self, style_id: str, properties: _Element | None) -> tuple[int, bool]:
        """Return the paragraph's depth as a heading (0 for none) and whether it is the document's title."""
        own = _outline_level(properties)
        if own is not None:
            return own, False
        for style in self._chain(style_id):
            if style.name.lower() == "title":
                return 1, True
            match = _HEADING_STYLE.match(style.name)
            if match:
                return int(match[1]), False
            if style.outline is not None:
                return style.outline, False
        return 0, False

    def _marker(self, style_id: str, properties: _Element | None) -> str:
        """Return what stands before a list item: its indentation and bullet or number; empty outside lists."""
        list_id, level = _list_of(properties)
        for style in self._chain(style_id):
            if list_id:
                break
            list_id, level = style.list_id, style.list_level
        if not list_id or list_id == "0":
            return ""
        indent = "  " * min(level, 9)
        if self._numberings.get((list_id, level), "bullet") in {"bullet", "none", ""}:
            return f"{indent}- "
        counters = self._counters[list_id]
        counters[level] = counters.get(level, 0) + 1
        for deeper in [known for known in counters if known > level]:
            del counters[deeper]
        return f"{indent}{counters[level]}. "


def _is(element: _Element, name: str) -> bool:
    return local_name(element) == name


def _collect(element: _Element, found: _Paragraph) -> None:
    """Add the text of a run, a link, an insertion, a field's result, and so on; lxml bounds the depth at 256."""
    for child in element:
        name = local_name(child)
        if name == "t":
            found.parts.append(child.text or "")
        elif name in _CHARACTERS:
            found.parts.append(_CHARACTERS[name])
        elif name in {"footnoteReference", "endnoteReference"}:
            found.parts.append(f"[{attribute(child, 'id')}]")
        elif name == "txbxContent":
            found.boxes.append(child)
        elif name not in _LEFT_OUT:
            _collect(child, found)


def _text(element: _Element) -> str:
    found = _Paragraph()
    _collect(element, found)
    return "".join(found.parts)


def _children(element: _Element, name: str) -> Iterator[_Element]:
    """Yield the children of that name, also those wrapped in content controls or revisions."""
    for child in element:
        found = local_name(child)
        if found == name:
            yield child
        elif found in _CONTAINERS:
            yield from _children(child, name)


def _cells(row: _Element) -> list[str]:
    """Return a table row's cells; a cell over several columns is followed by empty ones."""
    cells: list[str] = []
    for cell in _children(row, "tc"):
        text = " ".join(_text(paragraph) for paragraph in cell.iter() if _is(paragraph, "p"))
        cells.append(clean(text))
        properties = find_child(cell, "tcPr")
        cells += [""] * (min(max(_integer(_value(find_child(properties, "gridSpan"))), 1), 64) - 1)
    return cells
