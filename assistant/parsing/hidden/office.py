"""Finds what Word documents, presentations and workbooks hold and do not show."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.parsing.hidden.colours import pale_hex
from assistant.parsing.ooxml.package import Package, attribute, find_child, local_name
from assistant.parsing.ooxml.relations import relations
from assistant.types import HiddenKind

if TYPE_CHECKING:
    from lxml.etree import _Element

_OFF = frozenset({"0", "false", "off"})
_TINY_HALVES, _TINY_HUNDREDTHS = 6, 300  # three points, as Word and PowerPoint count them
_WORD_PARTS = ("document", "header", "footer", "footnotes", "endnotes")


def docx_hidden(key: str, data: bytes) -> Iterator[tuple[HiddenKind, str]]:
    """Yield why runs of a Word document are not seen and what they say, and its comments."""
    with Package(key, data) as package:
        for name in package.names():
            if not name.startswith("word/") or not name.endswith(".xml") or "/_rels/" in name:
                continue
            stem = posixpath.basename(name)
            if stem.startswith("comments") and stem[8:9] in {"", "."}:
                for comment in _all(package.xml(name), "comment"):
                    yield "comment", _text(comment)
            elif stem.startswith(_WORD_PARTS):
                for run in _all(package.xml(name), "r"):
                    if kind := _of_run(find_child(run, "rPr")):
                        yield kind, _text(run)


def pptx_hidden(key: str, data: bytes) -> Iterator[tuple[HiddenKind, str]]:
    """Yield hidden slides, shapes that are hidden or stand beside their slide, and runs that nobody reads."""
    with Package(key, data) as package:
        main = package.main_part()
        root = package.xml(main)
        size = next(iter(_all(root, "sldSz")), None)
        wide, high = (int(attribute(size, side) or 0) if size is not None else 0 for side in ("cx", "cy"))
        for relation in relations(package, main).values():
            if relation.kind != "slide" or (slide := package.xml(relation.target)) is None:
                continue
            if attribute(slide, "show") in _OFF:
                yield "not_shown", _text(slide)
                continue
            for shape in _all(slide, "sp"):
                yield from _of_shape(shape, wide, high)


def xlsx_hidden(key: str, data: bytes) -> Iterator[tuple[HiddenKind, str]]:
    """Yield hidden sheets, hidden rows and columns, cells in pale letters, and comments."""
    with Package(key, data) as package:
        main = package.main_part()
        workbook = package.xml(main)
        targets = relations(package, main)
        strings = [_text(item) for item in _all(package.xml("xl/sharedStrings.xml"), "si")]
        pale = _pale_formats(package.xml("xl/styles.xml"))
        for entry in _all(workbook, "sheet"):
            relation = targets.get(attribute(entry, "id") or "")
            sheet = package.xml(relation.target) if relation is not None else None
            if sheet is None:
                continue
            if (attribute(entry, "state") or "visible") != "visible":
                yield "not_shown", "\n".join(_values(sheet, strings))
                continue
            yield from _of_sheet(sheet, strings, pale)
        for name in package.names():
            if posixpath.basename(name).startswith("comments") and name.endswith(".xml"):
                for comment in _all(package.xml(name), "comment"):
                    yield "comment", _text(comment)


def _of_run(properties: _Element | None) -> HiddenKind | None:
    if properties is None:
        return None
    found = {local_name(child): attribute(child, "val") or "" for child in properties}
    if any(name in found and found[name] not in _OFF for name in ("vanish", "webHidden")):
        return "not_shown"
    if pale_hex(found.get("color", "")) and not {"shd", "highlight"} & found.keys():
        return "pale"
    size = found.get("sz", "")
    return "tiny" if size.isdecimal() and int(size) <= _TINY_HALVES else None


def _of_shape(shape: _Element, wide: int, high: int) -> Iterator[tuple[HiddenKind, str]]:
    text = _text(shape)
    properties = next(iter(_all(shape, "cNvPr")), None)
    if properties is not None and attribute(properties, "hidden") in {"1", "true"}:
        yield "not_shown", text
        return
    place = find_child(shape, "spPr", "xfrm")
    offset, extent = find_child(place, "off"), find_child(place, "ext")
    if offset is not None and extent is not None and wide and high:
        left, top = (int(attribute(offset, side) or 0) for side in ("x", "y"))
        right, bottom = (at + int(attribute(extent, side) or 0) for at, side in ((left, "cx"), (top, "cy")))
        if right <= 0 or bottom <= 0 or left >= wide or top >= high:
            yield "off_page", text
            return
    filled = find_child(shape, "spPr", "solidFill") is not None
    for run in _all(shape, "r"):
        look = find_child(run, "rPr")
        colour = find_child(look, "solidFill", "srgbClr")
        size = (attribute(look, "sz") or "") if look is not None else ""
        if colour is not None and pale_hex(attribute(colour, "val") or "") and not filled:
            yield "pale", _text(run)
        elif size.isdecimal() and int(size) <= _TINY_HUNDREDTHS:
            yield "tiny", _text(run)


def _of_sheet(sheet: _Element, strings: list[str], pale: frozenset[int]) -> Iterator[tuple[HiddenKind, str]]:
    columns = [
        (int(attribute(one, "min") or 0), int(attribute(one, "max") or 0))
        for one in _all(sheet, "col")
        if attribute(one, "hidden") in {"1", "true"}
    ]
    for row in _all(sheet, "row"):
        if attribute(row, "hidden") in {"1", "true"}:
            yield "not_shown", " ".join(_values(row, strings))
            continue
        for cell in _all(row, "c"):
            column = _column(attribute(cell, "r") or "")
            if any(first <= column <= last for first, last in columns):
                yield "not_shown", " ".join(_values(cell, strings))
            elif int(attribute(cell, "s") or 0) in pale:
                yield "pale", " ".join(_values(cell, strings))


def _pale_formats(styles: _Element | None) -> frozenset[int]:
    """Return the numbers of the cell formats with pale letters and nothing behind them."""
    fonts = next(iter(_all(styles, "fonts")), None)
    formats = next(iter(_all(styles, "cellXfs")), None)
    if fonts is None or formats is None:
        return frozenset()
    pale = set()
    for number, font in enumerate(fonts):
        colour = find_child(font, "color")
        value = "" if colour is None else attribute(colour, "rgb") or ""
        if pale_hex(value[-6:]) or (colour is not None and attribute(colour, "theme") == "0"):
            pale.add(number)
    return frozenset(
        number
        for number, one in enumerate(formats)
        if int(attribute(one, "fontId") or 0) in pale and (attribute(one, "fillId") or "0") in {"0", "1"}
    )


def _values(element: _Element, strings: list[str]) -> Iterator[str]:
    for cell in [element] if local_name(element) == "c" else _all(element, "c"):
        value = find_child(cell, "v")
        said = (value.text or "") if value is not None else _text(cell)
        if attribute(cell, "t") == "s" and said.isdecimal() and int(said) < len(strings):
            said = strings[int(said)]
        if said:
            yield said


def _column(reference: str) -> int:
    number = 0
    for letter in reference:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number


def _all(root: _Element | None, name: str) -> Iterator[_Element]:
    if root is not None:
        yield from (one for one in root.iter() if local_name(one) == name)


def _text(element: _Element) -> str:
    """Return what an element's `t`s say, its paragraphs apart."""
    parts: list[str] = []
    for one in element.iter():
        name = local_name(one)
        if name == "t":
            parts.append(one.text or "")
        elif name in {"p", "br", "tab"}:
            parts.append(" ")
    return "".join(parts)
