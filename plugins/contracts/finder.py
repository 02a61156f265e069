"""Finds clauses by their kind and by words, as a tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assistant.errors import ToolError
from assistant.interfaces import DocumentReader
from assistant.types import Document, Passage, ToolResult, User
from plugins.contracts.arguments import (
    choice_of,
    number_of,
    placed,
    refuse_unknown,
    shortened,
    text_of,
    told_to_the_model,
    where,
)
from plugins.contracts.clauses import Clause, clauses_of
from plugins.contracts.kinds import KINDS, kinds_of, outermost
from plugins.contracts.reading import SCOPE, scope_of

_CLAUSES = 12
_MOST = 40
_CHARACTERS = 1500  # of a clause that is shown; the passage holds it whole up to the next limit
_LONGEST = 8000


class FindClauses:
    """See `interfaces.Tool`.

    Args:
        documents: to read by.
    """

    name = "find_clauses"
    description = (
        "Finds clauses in contracts that the user may read, by kind (termination, liability, payment), by words or"
        " both. In one document, in all of a source, or in those that a search finds. Returns them with their number,"
        " title and exact place, to be cited. A clause that it does not find may still be there in other words."
    )
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": list(KINDS), "description": "The kind of clause."},
            "words": {"type": "string", "description": "Words that all have to stand in the clause or its title."},
            **SCOPE,
            "limit": {"type": "integer", "description": f"Clauses, 1 to {_MOST}; default: {_CLAUSES}."},
        },
        "required": [],
        "additionalProperties": False,
    }
    writes = False

    def __init__(self, documents: DocumentReader) -> None:
        self._documents = documents

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        refuse_unknown(arguments, self.parameters)
        kind, words = choice_of(arguments, "kind", KINDS), text_of(arguments, "words")
        limit = number_of(arguments, "limit", _CLAUSES, _MOST)
        if not kind and not words:
            raise ToolError("neither kind nor words are given", "give at least one of them")
        query = " ".join(part for part in (words, KINDS[kind].search if kind else "") if part)
        with told_to_the_model():
            scope = scope_of(self._documents, arguments, user, query)
            found: dict[str, list[tuple[Clause, Passage]]] = {"title": [], "text": []}
            for document in scope.documents:
                for clause, by in matching(document, kind, words):
                    end = _trimmed(document, clause.start, min(clause.end, clause.start + _LONGEST))
                    found[by].append((clause, Passage.of(document, clause.start, end)))
        return _result(found["title"] + found["text"], limit, scope.notes)


def matching(document: Document, kind: str, words: str) -> list[tuple[Clause, str]]:
    """Return the clauses of a kind with these words, and by what each is known: `title` or `text`.

    Those known by their title come first, with their sub-clauses; the others end where their sub-clauses begin.

    Args:
        document: is looked through.
        kind: one of `KINDS`; empty: any.
        words: that have to be there, in any case; empty: none.
    """
    text = document.own_text
    wanted = words.lower().split()
    found: dict[str, list[Clause]] = {"title": [], "text": []}
    for clause in clauses_of(document):
        own = text[clause.start : clause.own_end]
        by = kinds_of(clause, own).get(kind, "") if kind else "text"
        whole = text[clause.start : clause.end] if by == "title" else own
        if by and all(word in whole.lower() for word in wanted):
            found[by].append(clause)
    titled = outermost(found["title"])
    rest = [clause for clause in found["text"] if not any(one.start <= clause.start < one.end for one in titled)]
    return [(clause, "title") for clause in titled] + [(replace(clause, end=clause.own_end), "text") for clause in rest]


def _trimmed(document: Document, start: int, end: int) -> int:
    return start + len(document.text[start:end].rstrip())


def _result(found: list[tuple[Clause, Passage]], limit: int, notes: list[str]) -> ToolResult:
    shown = found[:limit]
    if len(found) > limit:
        notes = [*notes, f"There are {len(found) - limit} more clauses: ask for one document, or with words besides."]
    lines = []
    for clause, passage in shown:  # without numbers, which an answer's citations have
        head = " > ".join([*clause.above, clause.name or "(without a number)"])
        lines.append(f"- {passage.ref.title}: {head} ({where(passage)})\n{shortened(passage, _CHARACTERS)}")
    if not shown:
        lines.append("No such clause was found in what the user may read; it may be there in other words.")
    data = {
        "clauses": [
            {"number": clause.number, "title": clause.title, "above": list(clause.above), **placed(passage)}
            for clause, passage in shown
        ],
        "all": len(found),
        "notes": notes,
    }
    return ToolResult("\n\n".join([*lines, *notes]), data, tuple(passage for _, passage in shown))
