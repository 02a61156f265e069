"""Follows the relations between the parts of an Office Open XML package, and checks all parts that a library reads."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass

from assistant.parsing.ooxml.package import Package, attribute

_XML = (".xml", ".rels", ".vml")


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a relation leads: `kind` is the last word of its type (`image`, `chart`), `target` a part's name."""

    kind: str
    target: str


def relations(package: Package, part: str) -> dict[str, Relation]:
    """Return a part's relations within the package by their ids, in their order."""
    folder, name = posixpath.split(part)
    root = package.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
    found: dict[str, Relation] = {}
    for element in root if root is not None else ():
        target = attribute(element, "Target") or ""
        if not target or attribute(element, "TargetMode") == "External":
            continue
        within = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
        kind = (attribute(element, "Type") or "").rpartition("/")[2]
        found[attribute(element, "Id") or ""] = Relation(kind, posixpath.normpath(within))
    return found


def check_parts(package: Package, folder: str) -> None:
    """Refuse a package with a part below `folder` that a library had better not read.

    Raises:
        DocumentTooLargeError: one unpacks to more than is safe to read.
        DamagedDocumentError: one cannot be unpacked, or declares a document type.
    """
    for name in package.names():
        if name.startswith((folder, "_rels/", "docProps/", "[Content_Types]")) and name.lower().endswith(_XML):
            content = package.checked_part(name)
            if b"\0" in content[:16]:  # UTF-16, in which the declaration is spelled with other bytes
                package.xml(name)
