"""BM25 sparse vectors, made of the same terms for every index adapter; see `terms` for what a term is.

The weights are BM25's term part (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009), over fields:
a term's count in the title, the headings and the address is weighed, then added to that in the text, before it
saturates (their section 3.6, BM25F). The inverse document frequency is the engine's own, so that it follows what is
stored. Measured in `infra/docs/retrieval.md`.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.adapters.terms import document_terms, exact_terms, query_terms
from assistant.types.sparse import SparseVector

SATURATION = 1.2  # k1
LENGTH = 0.75  # b
# About the terms that a chunk of 200 tokens has left after stop words; it sets how fast longer chunks lose weight.
AVERAGE_TERMS = 100.0
TITLE_WEIGHT = 3
HEADING_WEIGHT = 3
ADDRESS_WEIGHT = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """The words that a chunk is found by; `language` is ISO 639-1, empty if unknown."""

    title: str
    headings: str
    text: str
    language: str = ""
    address: str = ""


def embed_documents(wordings: Sequence[Wording]) -> list[SparseVector]:
    """Return one vector a chunk, weighted by term frequency and length."""
    return [_document(wording) for wording in wordings]


def embed_query(text: str, languages: Iterable[str] = (), *, exact: bool = True) -> SparseVector:
    """Return the query's vector: weight 1 for every distinct term.

    Args:
        text: the query.
        languages: of the documents that are to be found, ISO 639-1; English always is one of them.
        exact: whether what has to be found as it is written, such as a code, has a term of its own.
    """
    found = query_terms(text, languages) + (exact_terms(text) if exact else [])
    ids = dict.fromkeys(map(_id, found))
    return SparseVector(tuple(ids), (1.0,) * len(ids))


def with_former(vector: SparseVector, text: str) -> SparseVector:
    """Return the query's vector with the terms under which the first layout of points holds the same words, too."""
    more = dict.fromkeys([*vector.indices, *_former().embed_query(text).indices])
    return SparseVector(tuple(more), (1.0,) * len(more))


def _document(wording: Wording) -> SparseVector:
    own = document_terms(wording.text, wording.language)
    counts = Counter([*own, *exact_terms(f"{wording.text}\n{wording.title}\n{wording.address}")])
    known = set[str]()
    for text, weight in ((wording.title, TITLE_WEIGHT), (wording.headings, HEADING_WEIGHT)):
        terms = document_terms(text, wording.language)
        known.update(terms)
        for term in terms:
            counts[term] += weight
    for term in {*document_terms(wording.address, wording.language)} - known:  # a file's name is often its title
        counts[term] += ADDRESS_WEIGHT
    # a long title is no fault of the chunk: its length does not count
    norm = SATURATION * (1 - LENGTH + LENGTH * len(own) / AVERAGE_TERMS)
    weights: dict[int, float] = {}
    for term, count in counts.items():
        weights[_id(term)] = count * (SATURATION + 1) / (count + norm)
    return SparseVector(tuple(weights), tuple(weights.values()))


def _id(term: str) -> int:
    return zlib.crc32(term.encode("utf-8", "replace"))


@cache
def _former() -> Any:
    from qdrant_edge import Bm25, Bm25Config

    return Bm25(Bm25Config(language="english"))
