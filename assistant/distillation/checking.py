"""Whether a teacher's question and its answer are good enough to learn from, or why they are not."""

from __future__ import annotations

import re

from assistant.answer.speaking import Spoken
from assistant.citations import Claims, align, verify
from assistant.types import Citation, Document

_VAGUE = re.compile(
    r"\b(?:this|the|that)\s+(?:given\s+|provided\s+|above\s+)?(?:document|text|passage|excerpt|section|article|page|part)\b"
    r"(?!\s+(?:[\"'\u201c]|of\s+[A-Z]))|\bmentioned (?:above|here)\b|\bthe authors?\b",
    re.IGNORECASE,
)
_SHORTEST = 8  # characters of a question


def is_vague(question: str) -> bool:
    """Whether a question cannot be understood by whoever does not see what it was made from."""
    return len(question.strip()) < _SHORTEST or bool(_VAGUE.search(question))


def place_of(quote: str, document: Document, near: int) -> tuple[int, int] | None:
    """Return where a quote stands in a document, apart from blanks and quote marks; None where it does not."""
    found = align(quote, document.own_text, near=near)
    if found is None or not verify(document.text[slice(*found)], document, *found):
        return None
    return found


def fault_of_answer(spoken: Spoken, *, keep_unknown: bool) -> str:
    """Return why an answer is not good enough, a key of `REASONS`; empty where it is.

    Every statement has to cite something, every quote has to stand exactly where it is cited, no statement may be said
    not to follow from a source that it cites, and each has to follow from one at least: with `keep_unknown`, it is
    enough that no rule can tell.
    """
    if spoken.refused is not None:
        return "refused"
    if spoken.state != "complete":
        return "cut"
    fault = _fault_of_claims(spoken.claims)
    if fault or keep_unknown or _all_supported(spoken.claims):
        return fault
    return "unknown"


def _fault_of_claims(claims: Claims) -> str:
    if claims.dropped:
        return "no_source"
    if claims.uncited or not claims.citations:
        return "uncited"
    if any(citation.supported is False for citation in claims.citations):
        return "unsupported"
    return "" if all(citation.verified for citation in claims.citations) else "unverified"


def fault_of_refusal(spoken: Spoken) -> str:
    """Return why this is no refusal to learn from, a key of `REASONS`; empty where it is one."""
    if spoken.refused is None:
        return "answered"
    return "" if spoken.state == "complete" else "cut"


def _all_supported(claims: Claims) -> bool:
    by_statement: dict[tuple[int, int] | None, list[Citation]] = {}
    for citation in claims.citations:
        by_statement.setdefault(citation.statement, []).append(citation)
    return all(any(citation.supported for citation in each) for each in by_statement.values())
