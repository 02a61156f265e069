"""Which documents are versions of one another, and which of them is the newest, by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERED = re.compile(r"(?<![^\W_])(?:version|ver|v|revision|rev|r)[\s._-]?(\d{1,4}(?:[._]\d{1,4}){0,3})(?![^\W_])")
_COUNTED = re.compile(r"\s*\((\d{1,3})\)$")  # what browsers and file managers put behind a copy's name
_STATE = re.compile(r"(?<![^\W_])(?:draft|final|old|new|copy|kopie|copie|copia|entwurf|alt|neu)(?![^\W_])")
_EXTENSION = re.compile(r"\.[a-z][a-z0-9]{0,4}$")
_SEPARATORS = re.compile(r"[\W_]+")
_UNFINISHED = frozenset({"draft", "old", "copy", "kopie", "copie", "copia", "entwurf", "alt"})


@dataclass(frozen=True, slots=True)
class Edition:
    """A document's name without its marks of a version: `stem`; the marks: `number` and `finished`.

    A year or a date is no such mark: the report of 2023 does not replace that of 2022.
    """

    stem: str
    number: tuple[int, ...]
    finished: bool
    marked: bool


def edition(key: str) -> Edition:
    """Return what a document's key says of its version, e.g. `hr/policy-v2.docx`: stem `policy`, number (2,)."""
    name = _EXTENSION.sub("", key.rsplit("/", 1)[-1].lower())
    number: tuple[int, ...] = ()
    counted = _COUNTED.search(name)
    name = _COUNTED.sub("", name)
    numbered = _NUMBERED.search(name)
    if numbered:
        number = tuple(int(part) for part in re.split(r"[._]", numbered[1]))
        name = name[: numbered.start()] + " " + name[numbered.end() :]
    states = _STATE.findall(name)
    name = _STATE.sub(" ", name)
    stem = _SEPARATORS.sub(" ", name).strip()
    return Edition(stem, number, _UNFINISHED.isdisjoint(states), bool(numbered or counted or states))


def are_versions(one: str, other: str) -> bool:
    """Whether two keys name versions of one document: the same but for their marks, and one has a mark at least."""
    first, second = edition(one), edition(other)
    return bool(first.stem) and first.stem == second.stem and (first.marked or second.marked)


def newness(key: str, date: str) -> tuple[tuple[int, ...], str, bool]:
    """Return what versions of one document are ordered by, the newest being the greatest: number, date, finished.

    Args:
        key: the document's.
        date: ISO 8601, empty if unknown.
    """
    own = edition(key)
    return own.number, date, own.finished
