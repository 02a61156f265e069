"""Narrows each passage to the sentences that speak of the question, so that people and models read less around them.

Sentences are weighed by the question's words that they hold, each by how rare it is among the passages found. One is
kept if it does not lie far behind the best one of all, so that much is kept of a passage that speaks of the question,
and little of one that hardly does. No document is left out and none changes its place.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.adapters.sparse import embed_query
from assistant.retrieval.candidates import Candidate
from assistant.retrieval.sentences import Spans, sentence_spans
from assistant.types import Passage

# Chosen on one half of chunk_span_eval's questions, by a hash of their ids; see infra/docs/retrieval.md.
BEHIND = 0.4  # how far a sentence may lie behind the best one, in shares of the question's weight
PER_RANK = 0.03  # what a place further down costs
NEIGHBOUR = 0.8  # what a sentence has of the one beside it, which it may belong to
WORDS = 100  # kept of a passage, in the mean

_LOOKED_AT = 2  # times as many passages as are shown
_SHORT = 60  # words: a passage that is no longer stays whole


@dataclass(frozen=True, slots=True)
class _Sentence:
    rank: int
    start: int
    end: int
    words: int
    terms: frozenset[int]


def focus(query: str, found: Sequence[Candidate], limit: int) -> list[Candidate]:
    """Return at most `limit` candidates with their passages narrowed, each to one stretch of sentences.

    A passage that hardly speaks of the question keeps its best sentence; if a better one of its document is shown
    already, it gives its place to a further passage that does. So the documents keep their order. Where no passage
    holds a word of the question, as with one in another language, all stay whole.

    Args:
        query: the question.
        found: best first; those behind the first `limit` say how rare a word is, and take places that become free.
        limit: how many are shown.
    """
    shown = list(found[:limit])
    wanted = frozenset(embed_query(query).indices)
    sentences = [s for rank, c in enumerate(found[: limit * _LOOKED_AT]) for s in _sentences(rank, c.passage, wanted)]
    if not any(s.terms for s in sentences):
        return shown
    promise = _promise(sentences, _weights(wanted, [c.passage.text for c in found]))
    floor = max(promise) - BEHIND
    ranks = _chosen(found, {s.rank for s, value in zip(sentences, promise, strict=True) if value >= floor}, limit)
    order = sorted((at for at in range(len(sentences)) if sentences[at].rank in ranks), key=lambda at: -promise[at])
    within = [promise[at] >= floor for at in order]
    kept = _kept([sentences[at] for at in order], within, WORDS * len(ranks))
    return [_narrowed(found[rank], kept.get(rank)) for rank in ranks]


def _chosen(found: Sequence[Candidate], speaking: set[int], limit: int) -> list[int]:
    """Return the ranks of the passages that are shown, in order; those `speaking` speak of the question."""
    seen: set[str] = set()
    first: list[int] = []
    for rank, candidate in enumerate(found[:limit]):
        if rank in speaking or candidate.document not in seen:
            first.append(rank)
        seen.add(candidate.document)
    further = sorted(rank for rank in speaking if rank >= limit)[: limit - len(first)]
    left = [rank for rank in range(min(limit, len(found))) if rank not in first]
    return sorted([*first, *further, *left[: limit - len(first) - len(further)]])


def _sentences(rank: int, passage: Passage, wanted: frozenset[int]) -> list[_Sentence]:
    spans: Spans = sentence_spans(passage.text)
    found = []
    for start, end in spans:
        text = passage.text[start:end]
        found.append(_Sentence(rank, start, end, len(text.split()), wanted & frozenset(embed_query(text).indices)))
    return found


def _weights(wanted: frozenset[int], texts: Sequence[str]) -> dict[int, float]:
    """Return what each term of the question weighs; their sum is 1."""
    holding = Counter(term for text in texts for term in wanted & frozenset(embed_query(text).indices))
    weights = {term: math.log(1 + (len(texts) - holding[term] + 0.5) / (holding[term] + 0.5)) for term in wanted}
    total = sum(weights.values())
    return {term: weight / total for term, weight in weights.items()}


def _promise(sentences: Sequence[_Sentence], weights: dict[int, float]) -> list[float]:
    own = [sum(weights[term] for term in s.terms) - PER_RANK * s.rank for s in sentences]
    found = []
    for at, sentence in enumerate(sentences):
        beside = [own[n] for n in (at - 1, at + 1) if 0 <= n < len(own) and sentences[n].rank == sentence.rank]
        best = max(beside, default=own[at])
        found.append(max(own[at], NEIGHBOUR * best + (1 - NEIGHBOUR) * own[at]))
    return found


def _kept(sentences: Sequence[_Sentence], within: Sequence[bool], words: int) -> dict[int, tuple[int, int]]:
    """Return the stretch that is kept of each passage, by its rank: every passage keeps a sentence at least.

    Args:
        sentences: the most promising first.
        within: whether each is promising enough.
        words: how many are kept in all.
    """
    kept: dict[int, tuple[int, int]] = {}
    used = 0
    for sentence, is_near in zip(sentences, within, strict=True):
        used += sentence.words
        if (is_near and used <= words) or sentence.rank not in kept:
            start, end = kept.get(sentence.rank, (sentence.start, sentence.end))
            kept[sentence.rank] = min(start, sentence.start), max(end, sentence.end)
    return kept


def _narrowed(candidate: Candidate, span: tuple[int, int] | None) -> Candidate:
    passage = candidate.passage
    if span is None or span == (0, len(passage.text)) or len(passage.text.split()) <= _SHORT:
        return candidate
    start, end = span
    # a table's first row is its header, which the passage then begins behind
    header = passage.table_header or (passage.text[:start].split("\n", 1)[0] if _in_table(passage.text, start) else "")
    narrowed = replace(
        passage, start=passage.start + start, end=passage.start + end, text=passage.text[start:end], table_header=header
    )
    return replace(candidate, passage=narrowed)


def _in_table(text: str, at: int) -> bool:
    """Whether the text is a table of marked columns up to there, from its first line on."""
    return at > 0 and all(line.lstrip().startswith("|") for line in text[:at].splitlines() if line.strip())
