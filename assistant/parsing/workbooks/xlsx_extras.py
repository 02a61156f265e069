"""Reads what the sheets of an XLSX or XLSB workbook show beside their cells: comments, charts, shapes and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.parsing.comment_text import comment_line, comment_time
from assistant.parsing.ooxml.drawings import chart_axes, chart_rows, chart_title, diagram_lines, lines
from assistant.parsing.ooxml.package import Package, attribute, find_child, local_name
from assistant.parsing.ooxml.relations import Relation, relations
from assistant.parsing.tables import markdown_table
from assistant.parsing.workbooks.sheets import Extra
from assistant.parsing.workbooks.xlsx_extent import records, wide_string

if TYPE_CHECKING:
    from lxml.etree import _Element

_SHEET = 156  # the record of a binary workbook that names a sheet ([MS-XLSB], 2.4.311)
_AUTHOR, _COMMENT, _COMMENT_TEXT = 632, 635, 637  # records of its comments
_SHARED = "tc="  # what newer programs put as author where a thread is shown to older ones as a comment
_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"


class WorkbookExtras:
    """The parts of a workbook beside its cells; `by_sheet` returns what each sheet shows."""

    def __init__(self, package: Package, main: str) -> None:
        self._package = package
        self._main = main
        self._relations = relations(package, main)
        self._people: dict[str, str] = {}
        for relation in self._relations.values():
            root = package.xml(relation.target) if relation.kind == "person" else None
            for person in root if root is not None else ():
                self._people[attribute(person, "id") or ""] = attribute(person, "displayName") or ""

    def sheets(self) -> dict[str, str]:
        """Return the part of each sheet by the sheet's name."""
        found: dict[str, str] = {}
        for name, identity in _named(self._package, self._main):
            relation = self._relations.get(identity)
            if relation is not None:
                found[name] = relation.target
        return found

    def by_sheet(self) -> dict[str, list[Extra]]:
        """Return what each sheet shows, by the sheets' names."""
        return {name: list(self._of(part)) for name, part in self.sheets().items()}

    def _of(self, part: str) -> Iterator[Extra]:
        found = list(relations(self._package, part).values())
        for relation in found:
            if relation.kind == "drawing":
                yield from self._drawing(relation.target)
        threaded = any(relation.kind == "threadedComment" for relation in found)
        for relation in found:
            for line in self._comments(relation, threaded):
                if line:
                    yield Extra("text", line)

    def _comments(self, relation: Relation, threaded: bool) -> Iterator[str]:
        if relation.kind == "comments" and relation.target.endswith(".bin"):
            yield from _binary_comments(self._package.part(relation.target) or b"")
            return
        root = self._package.xml(relation.target) if relation.kind in {"comments", "threadedComment"} else None
        if root is None:
            return
        authors = [(one.text or "").strip() for one in root.iter() if local_name(one) == "author"]
        for element in root.iter():
            name, place = local_name(element), attribute(element, "ref") or ""
            said = find_child(element, "text")
            if name == "threadedComment" and said is not None:
                author = self._people.get(attribute(element, "personId") or "", "")
                yield comment_line(said.text or "", place, author, comment_time(attribute(element, "dT")))
            elif name == "comment" and said is not None:
                number = attribute(element, "authorId") or ""
                author = authors[int(number)] if number.isdecimal() and int(number) < len(authors) else ""
                if not (threaded and author.startswith(_SHARED)):
                    yield comment_line(_said(said), place, author)

    def _drawing(self, part: str) -> Iterator[Extra]:
        root, known = self._package.xml(part), relations(self._package, part)
        for element in root.iter() if root is not None else ():
            name = local_name(element)
            if any(local_name(above) == "Fallback" for above in element.iterancestors()):
                continue
            if name == "pic":
                yield from self._picture(element, known)
            elif name in {"sp", "cxnSp"}:
                yield Extra("text", lines(element))
                yield Extra("image", _words(element))
            elif name in {"chart", "relIds"}:
                relation = known.get(attribute(element, "id" if name == "chart" else "dm") or "")
                target = self._package.xml(relation.target) if relation is not None else None
                if target is not None:
                    yield from _graphic(target, name)

    def _picture(self, element: _Element, known: dict[str, Relation]) -> Iterator[Extra]:
        blip = next((one for one in element.iter() if local_name(one) == "blip"), None)
        relation = known.get(blip.get(_EMBED) or "") if blip is not None else None
        yield Extra("image", _words(element), (self._package.part(relation.target) or b"") if relation else b"")


def _graphic(root: _Element, name: str) -> Iterator[Extra]:
    if name == "relIds":
        yield Extra("text", diagram_lines(root))
        return
    yield Extra("text", chart_title(root))
    yield Extra("table", markdown_table(chart_rows(root)))
    yield Extra("text", chart_axes(root))


def _named(package: Package, main: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each sheet and the id of the relation that leads to its part."""
    if main.endswith(".bin"):
        for kind, payload in records(package.part(main) or b""):
            if kind == _SHEET:
                identity, at = wide_string(payload, 8)
                yield wide_string(payload, at)[0], identity
        return
    sheets = find_child(package.xml(main), "sheets")
    for sheet in sheets if sheets is not None else ():
        yield attribute(sheet, "name") or "", _relation_id(sheet)


def _relation_id(sheet: _Element) -> str:
    """Return the one attribute `id` that is in a namespace."""
    return next((str(value) for name, value in sheet.attrib.items() if str(name).endswith("}id")), "")


def _words(element: _Element) -> str:
    """Return the alternative text of a shape."""
    for child in element.iter():
        if local_name(child) == "cNvPr":
            return attribute(child, "descr") or ""
    return ""


def _said(text: _Element) -> str:
    """Return a comment's text without how it is to be pronounced."""
    return "".join(
        part.text or ""
        for part in text.iter()
        if local_name(part) == "t" and not any(local_name(above) == "rPh" for above in part.iterancestors())
    )


def _binary_comments(content: bytes) -> Iterator[str]:
    authors: list[str] = []
    author = place = ""
    for kind, payload in records(content):
        if kind == _AUTHOR:
            authors.append(wide_string(payload, 0)[0])
        elif kind == _COMMENT and len(payload) >= 20:
            number, row, _, column = (int.from_bytes(payload[at : at + 4], "little") for at in (0, 4, 8, 12))
            author = authors[number] if number < len(authors) else ""
            place = f"{_letters(column)}{row + 1}" if column < 1 << 14 else ""
        elif kind == _COMMENT_TEXT and not author.startswith(_SHARED):
            yield comment_line(wide_string(payload, 1)[0], place, author)


def _letters(column: int) -> str:
    text = ""
    while column >= 0:
        column, rest = divmod(column, 26)
        text = chr(ord("A") + rest) + text
        column -= 1
    return text
