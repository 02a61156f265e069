"""Narrows each passage to the sentences that speak of the question, so that people and models read less around them.

Sentences are weighed by the question's words that they hold, each by how rare it is among the passages found. One is
kept if it does not lie far behind the best one of all, so that much is kept of a passage that speaks of the question,
and little of one that hardly does. A passage that speaks of it not at all gives its place to a further one that does.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assistant.adapters.sparse import embed_query
from assistant.retrieval.candidates import Candidate
from assistant.retrieval.sentences import sentence_spans

# Chosen on one half of chunk_span_eval's questions, by a hash of their ids; see infra/docs/retrieval.md.
BEHIND = 0.55  # how far a sentence may lie behind the best one, in shares of the question's weight
PER_RANK = 0.05  # what a place further down costs
NEIGHBOUR = 0.8  # what a sentence has of the one beside it, which it may belong to
WORDS = 160  # kept of a passage, in the mean

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
    """Return at most `limit` candidates, each with its passage narrowed to one stretch of sentences, in their order.

    Those are taken that speak of the question most, of twice as many as wanted. Where no passage holds a word of it, as
    with a question in another language, the first ones stay whole.

    Args:
        query: the question.
        found: best first; all of them say how rare a word is.
        limit: how many are wanted.
    """
    wanted = _terms(query, {c.info.metadata.language for c in found})
    sentences = [s for rank, c in enumerate(found[: limit * _LOOKED_AT]) for s in _sentences(rank, c, wanted)]
    if not any(s.terms for s in sentences):
        return list(found[:limit])
    promise = _promise(sentences, _weights(wanted, found))
    floor = max(promise) - BEHIND
    order = sorted(range(len(sentences)), key=lambda at: -promise[at])
    kept = _kept([sentences[at] for at in order if promise[at] >= floor], limit, WORDS * limit)
    return [_narrowed(found[rank], *kept[rank]) for rank in sorted(kept)]


def _terms(text: str, languages: Iterable[str]) -> frozenset[int]:
    return frozenset(embed_query(text, languages).indices)


def _sentences(rank: int, candidate: Candidate, wanted: frozenset[int]) -> list[_Sentence]:
    language = candidate.info.metadata.language
    found = []
    for start, end in sentence_spans(candidate.passage.text):
        text = candidate.passage.text[start:end]
        found.append(_Sentence(rank, start, end, len(text.split()), wanted & _terms(text, [language])))
    return found


def _weights(wanted: frozenset[int], found: Sequence[Candidate]) -> dict[int, float]:
    """Return what each term of the question weighs; their sum is 1."""
    held = [wanted & _terms(c.passage.text, [c.info.metadata.language]) for c in found]
    holding = Counter(term for terms in held for term in terms)
    weights = {term: math.log(1 + (len(held) - holding[term] + 0.5) / (holding[term] + 0.5)) for term in wanted}
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


def _kept(sentences: Sequence[_Sentence], passages: int, words: int) -> dict[int, tuple[int, int]]:
    """Return the stretch that is kept of each passage, by its rank.

    Args:
        sentences: the most promising first, of which one at least is kept.
        passages: of how many passages they may be at most.
        words: how many are kept in all.
    """
    kept: dict[int, tuple[int, int]] = {}
    used = 0
    for sentence in sentences:
        if sentence.rank not in kept and len(kept) == passages:
            continue
        used += sentence.words
        if kept and used > words:
            break
        start, end = kept.get(sentence.rank, (sentence.start, sentence.end))
        kept[sentence.rank] = min(start, sentence.start), max(end, sentence.end)
    return kept


def _narrowed(candidate: Candidate, start: int, end: int) -> Candidate:
    passage = candidate.passage
    if len(passage.text.split()) <= _SHORT:
        return candidate
    # a table's first row is its header, which the passage then begins behind
    header = passage.table_header or (passage.text[:start].split("\n", 1)[0] if _in_table(passage.text, start) else "")
    narrowed = replace(
        passage, start=passage.start + start, end=passage.start + end, text=passage.text[start:end], table_header=header
    )
    return replace(candidate, passage=narrowed)


def _in_table(text: str, at: int) -> bool:
    """Whether the text is a table of marked columns up to there, from its first line on."""
    return at > 0 and all(line.lstrip().startswith("|") for line in text[:at].splitlines() if line.strip())
