"""Compares two contracts, or two versions of one, as a tool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.errors import ToolError
from assistant.interfaces import DocumentReader
from assistant.types import Document, Passage, ToolResult, User
from plugins.contracts.arguments import (
    DOCUMENT,
    number_of,
    place_of,
    placed,
    refuse_unknown,
    shortened,
    told_to_the_model,
    where,
)
from plugins.contracts.comparing import Change, Part, compared

_CHANGES = 40
_MOST = 200
_CHARACTERS = 700  # of a clause that came or went
_WORDS = 1500  # characters of what changed in one
_LONGEST = 2_000_000  # characters of a document
_MOST_CLAUSES = 3000


class CompareVersions:
    """See `interfaces.Tool`.

    Args:
        documents: to read by.
    """

    name = "compare_versions"
    description = (
        "Compares two contracts, or two versions of one that are documents of their own, clause by clause: which were"
        " added, removed, changed (with the words: [-gone-] {+new+}) or moved to another number, with the place of each"
        " in both documents."
    )
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "old": dict(DOCUMENT) | {"description": "The former version."},
            "new": dict(DOCUMENT) | {"description": "The later version."},
            "limit": {"type": "integer", "description": f"Changes, 1 to {_MOST}; default: {_CHANGES}."},
        },
        "required": ["old", "new"],
        "additionalProperties": False,
    }
    writes = False

    def __init__(self, documents: DocumentReader) -> None:
        self._documents = documents

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        refuse_unknown(arguments, self.parameters)
        former, later = place_of(arguments, "old"), place_of(arguments, "new")
        limit = number_of(arguments, "limit", _CHANGES, _MOST)
        with told_to_the_model():
            old, new = self._documents.read(*former, user), self._documents.read(*later, user)
        for document in (old, new):
            if len(document.text) > _LONGEST:
                raise ToolError(f"{document.ref.key} has {len(document.text):,} characters", "compare shorter ones")
        changes = compared(old, new)
        if len(changes) > _MOST_CLAUSES:
            raise ToolError(f"there are {len(changes):,} clauses: too many to be shown", "compare parts of them")
        return _result(old, new, changes, limit)


def _result(old: Document, new: Document, changes: Sequence[Change], limit: int) -> ToolResult:
    counts = Counter(change.state for change in changes)
    told = [change for change in changes if change.state != "same"]
    lines = [
        f"{old.ref.title} -> {new.ref.title}: {counts['changed']} clauses changed, {counts['added']} added,"
        f" {counts['removed']} removed, {counts['moved']} moved, {counts['same']} the same."
    ]
    rows, passages = [], []
    for change in told[:limit]:
        sides = [(old, change.old), (new, change.new)]
        places = [Passage.of(document, part.start, part.end) for document, part in sides if part is not None]
        passages += places
        lines.append("\n".join(_lines(change, places)))
        rows.append(_row(change, old, new))
    if len(told) > limit:
        lines.append(f"There are {len(told) - limit:,} more changes: ask with a higher limit.")
    data = {"counts": {state: counts[state] for state in ("changed", "added", "removed", "moved", "same")}}
    both = (old.ref.id, new.ref.id)  # where nothing was changed, no passage says so
    return ToolResult("\n\n".join(lines), data | {"changes": rows, "all": len(told)}, tuple(passages), documents=both)


def _lines(change: Change, places: Sequence[Passage]) -> Iterator[str]:
    names = list(dict.fromkeys(part.name for part in (change.old, change.new) if part is not None))
    yield f"{change.state}: {' -> '.join(names)} ({'; '.join(where(place) for place in places)})"
    if change.state == "changed":
        cut = " [… more: read both clauses]" if len(change.words) > _WORDS else ""
        yield f"{change.words[:_WORDS]}{cut}"
    elif change.state in {"added", "removed"}:
        yield shortened(places[0], _CHARACTERS)


def _row(change: Change, old: Document, new: Document) -> dict[str, Any]:
    return {
        "state": change.state,
        "words": change.words[:_WORDS],
        "cut": len(change.words) > _WORDS,
        "old": _side(old, change.old),
        "new": _side(new, change.new),
    }


def _side(document: Document, part: Part | None) -> dict[str, Any] | None:
    if part is None:
        return None
    return {"clause": part.name, **placed(Passage.of(document, part.start, part.end))}
