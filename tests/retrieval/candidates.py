"""Candidates for the stages' tests."""

from __future__ import annotations

from assistant.retrieval.candidates import Candidate
from assistant.types import DocumentInfo, DocumentRef, Metadata, Passage


def candidate(key: str, text: str = "", score: float = 0.0, date: str = "", start: int = 0) -> Candidate:
    """Return a passage of the document `key` that was changed at `date`."""
    ref = DocumentRef("s", key, "1", key, "", "text/plain")
    info = DocumentInfo(ref, 0, 1, len(text), 1, Metadata(modified=date))
    return Candidate(Passage(ref, start, start + len(text), text, score=score), info)


def keys(candidates: list[Candidate]) -> list[str]:
    """Return the documents' keys in order."""
    return [one.passage.ref.key for one in candidates]
