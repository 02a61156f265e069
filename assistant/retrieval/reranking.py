"""Puts the best candidates in the order that a cross-encoder gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.interfaces import Reranker
from assistant.retrieval.candidates import Candidate
from assistant.types import Passage


def rerank(query: str, candidates: Sequence[Candidate], reranker: Reranker, top: int) -> list[Candidate]:
    """Return the candidates, the first `top` of them in the reranker's order; the others follow as they were.

    Scores stay at their places, so that they still fall from the first to the last.

    Args:
        query: the question.
        candidates: best first.
        reranker: scores each text with the question.
        top: how many are scored; each costs the model's whole work on question and text.

    Raises:
        ModelUnavailableError, ModelServerError: from the reranker.
    """
    head = list(candidates[:top])
    scores = reranker.score(query, [_text(candidate.passage) for candidate in head])
    order = sorted(range(len(head)), key=lambda at: -scores[at])
    places = [candidate.passage.score for candidate in head]
    ranked = [
        replace(head[at], passage=replace(head[at].passage, score=s)) for at, s in zip(order, places, strict=True)
    ]
    return ranked + list(candidates[top:])


def _text(passage: Passage) -> str:
    """Return what is scored: the passage below its title, its headings and its table's header."""
    above = [passage.ref.title, *passage.heading_path]
    return "\n".join(part for part in (" > ".join(above), passage.table_header, passage.text) if part)
