"""Reads the core properties of an Office Open XML package: title, authors, times and language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError
from assistant.parsing.builder import clean
from assistant.parsing.metadata import iso_time, language_code
from assistant.parsing.ooxml.package import Package, find_child
from assistant.parsing.ooxml.relations import relations
from assistant.types import Metadata

if TYPE_CHECKING:
    from lxml.etree import _Element

_UNTITLED = re.compile(r"(?:PowerPoint[ -]?)?(?:Presentation|Präsentation|Présentation|Presentación)(?: \w+)?", re.I)


def core_properties(package: Package) -> tuple[str, Metadata]:
    """Return the title, empty where it is the program's own, and the metadata that a package states."""
    root = _part(package)
    title = _text(root, "title")
    authors = tuple(filter(None, (name.strip() for name in _text(root, "creator").split(";"))))
    metadata = Metadata(
        authors=authors,
        created=iso_time(_text(root, "created")),
        modified=iso_time(_text(root, "modified")),
        language=language_code(_text(root, "language")),
    )
    return "" if _UNTITLED.fullmatch(title) else title, metadata


def _part(package: Package) -> _Element | None:
    try:
        for relation in relations(package, "").values():
            if relation.kind == "core-properties":
                return package.xml(relation.target)
    except DamagedDocumentError:
        pass  # what a document says of itself is no reason to lose the document
    return None


def _text(root: _Element | None, name: str) -> str:
    found = find_child(root, name)
    return " ".join(clean((found.text or "") if found is not None else "").split())
