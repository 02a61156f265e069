"""The way of a question: reworded, embedded, searched for, confirmed, and put in order stage by stage."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.errors import AssistantError
from assistant.interfaces import Embedder, Index, Vectors
from assistant.retrieval.caches import Caches
from assistant.retrieval.candidates import Candidate
from assistant.retrieval.confirming import Confirmer
from assistant.retrieval.diversity import cap_documents
from assistant.retrieval.duplicates import merge_duplicates
from assistant.retrieval.focusing import focus
from assistant.retrieval.gathering import gather
from assistant.retrieval.growing import Reader, grow
from assistant.retrieval.ranked import RankedIndex
from assistant.retrieval.recency import Wish, prefer_recent, recency_wish
from assistant.retrieval.reranking import rerank
from assistant.retrieval.rewording import joined
from assistant.retrieval.stages import Shown, Stages
from assistant.retrieval.tracing import Tracer
from assistant.types import Filters, Hit, Ranking, User

_DATED = 50  # passages looked at where newer ones are to come forward
_DIVERSE = 4  # times as many as wanted are looked at where documents are capped


class Pipeline:
    """Runs the stages. Safe to use from several threads.

    Args:
        index, embedder: of one another.
        confirmer: asks the catalog.
        stages: which of them run.
        caches: keeps the vectors of questions.
        reader: reads what stands around passages.
    """

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        confirmer: Confirmer,
        stages: Stages,
        caches: Caches,
        reader: Reader | None,
    ) -> None:
        self._index, self._embedder, self._confirmer = RankedIndex(index, embedder, stages), embedder, confirmer
        self._stages, self._caches, self._reader = stages, caches, reader

    def run(
        self, query: str, user: User, limit: int, filters: Filters, shown: Shown, tracer: Tracer
    ) -> list[Candidate]:
        """Return at most `limit` candidates, best first; what each stage did is told to the tracer.

        Args:
            query, user, limit, filters: see `Retriever.search`.
            shown: how much of each passage and around it.
            tracer: takes down what each stage did.
        """
        wish = recency_wish(query) if self._stages.prefer_recent else None
        wordings = self._worded(query, tracer)
        vectors = self._embedded(wordings, tracer)
        # who reads much of some documents has them from a search that merged already, and so many passages take seconds
        merges = self._stages.merge_duplicates and not shown.reach
        found = self._confirmed(wordings, vectors, user, limit, filters, wish, merges, tracer)
        found = self._reranked(query, found, tracer)
        found = self._dated(found, wish, tracer)
        found = self._spread(found, limit, tracer)
        if shown.reach:
            found = _gathered(found, shown.reach, tracer)
        if shown.focused:
            found = _focused(query, found, limit, tracer)
        return self._grown(found, user, limit, shown.context, tracer) if shown.context else found[:limit]

    def _worded(self, query: str, tracer: Tracer) -> list[str]:
        if self._stages.rewordings is None:
            return [query]
        with tracer.stage("reword") as outcome:
            others, warning = self._stages.rewordings.of(query)
            outcome.note = "; ".join(others)
        if warning:
            tracer.warn(warning)
        return [query, *others]

    def _embedded(self, wordings: Sequence[str], tracer: Tracer) -> list[Vectors]:
        with tracer.stage("embed") as outcome:
            known = 0
            vectors = []
            for text in wordings:
                vector = self._caches.vector(self._embedder.name, text)
                known += vector is not None
                if vector is None:
                    vector = self._embedder.embed_query(text)
                    self._caches.keep_vector(self._embedder.name, text, vector)
                vectors.append(vector)
            outcome.note = f"{known} of {len(wordings)} known" if known else ""
        return vectors

    def _confirmed(
        self,
        wordings: Sequence[str],
        vectors: Sequence[Vectors],
        user: User,
        limit: int,
        filters: Filters,
        wish: Wish | None,
        merges: bool,
        tracer: Tracer,
    ) -> list[Candidate]:
        rankings = [self._index.ranking(text) for text in wordings]

        def search(asked: int) -> list[Hit]:
            with tracer.stage("search") as outcome:
                asks = zip(vectors, wordings, rankings, strict=True)
                found = [self._index.search(vector, text, user, asked, filters, how) for vector, text, how in asks]
                hits = joined(found, asked)
                outcome.after, outcome.note = len(hits), f"asked for {asked}, {_described(rankings[0])}"
            return hits

        def merge(candidates: list[Candidate]) -> list[Candidate]:
            if not merges:
                return candidates
            with tracer.stage("merge duplicates", candidates) as outcome:
                merged = merge_duplicates(candidates)
                outcome.after = len(merged)
                outcome.note = _named(merged)
            return merged

        return self._confirmer.first(search, user, limit, filters, least=self._least(limit, wish), rework=merge)

    def _least(self, limit: int, wish: Wish | None) -> int:
        """Return how many passages the later stages choose from."""
        stages = self._stages
        return max(
            stages.rerank_top if stages.reranker else 0,
            _DATED if wish else 0,
            limit * _DIVERSE if stages.per_document else 0,
        )

    def _reranked(self, query: str, found: list[Candidate], tracer: Tracer) -> list[Candidate]:
        reranker = self._stages.reranker
        if reranker is None or not found:
            return found
        with tracer.stage("rerank", found) as outcome:
            try:
                ranked = rerank(query, found, reranker, self._stages.rerank_top)
            except AssistantError as error:  # a search without it is better than none
                tracer.warn(f"the passages were not reranked: {error.message}")
                return found
            outcome.note = f"{_moved(found, ranked)} moved"
        return ranked

    def _dated(self, found: list[Candidate], wish: Wish | None, tracer: Tracer) -> list[Candidate]:
        if wish is None:
            return found
        with tracer.stage("prefer recent", found) as outcome:
            ranked = prefer_recent(found, wish)
            until = f", not after {wish.until[:10]}" if wish.until else ""
            outcome.note = f"{_moved(found, ranked)} moved{until}"
        return ranked

    def _spread(self, found: list[Candidate], limit: int, tracer: Tracer) -> list[Candidate]:
        if not self._stages.per_document:
            return found
        with tracer.stage("spread over documents", found) as outcome:
            spread = cap_documents(found, self._stages.per_document)
            outcome.note = f"{_moved(found[:limit], spread[:limit])} moved"
        return spread

    def _grown(self, found: list[Candidate], user: User, limit: int, context: int, tracer: Tracer) -> list[Candidate]:
        if self._reader is None:
            return found[:limit]
        with tracer.stage("grow", found) as outcome:
            outlines = self._reader.outlines((c.passage.ref for c in found), user)
            grown = grow(found, outlines, context, limit)
            outcome.after, outcome.note = len(grown), f"by {context} characters"
        return grown


def _gathered(found: list[Candidate], reach: int, tracer: Tracer) -> list[Candidate]:
    with tracer.stage("gather", found) as outcome:
        gathered = gather(found, reach)
        outcome.note = f"{_moved(found, gathered)} moved"
    return gathered


def _focused(query: str, found: list[Candidate], limit: int, tracer: Tracer) -> list[Candidate]:
    with tracer.stage("focus", found) as outcome:
        narrowed = focus(query, found, limit)
        before, after = (sum(len(c.passage.text) for c in candidates) for candidates in (found[:limit], narrowed))
        outcome.after, outcome.note = len(narrowed), f"{after} of {before} characters"
    return narrowed


def _described(how: Ranking) -> str:
    return f"{how.meaning_weight:.0%} by meaning" if how.method == "scores" else f"by {how.method}"


def _moved(before: Sequence[Candidate], after: Sequence[Candidate]) -> int:
    """Return at how many places another passage stands."""
    places = [[(c.document, c.passage.start) for c in candidates] for candidates in (before, after)]
    return sum(one != other for one, other in zip(*places, strict=False))


def _named(merged: Sequence[Candidate]) -> str:
    """Return which documents stand for which others."""
    return "; ".join(
        f"{c.passage.ref.key} for {', '.join(ref.key for ref in c.passage.also)}" for c in merged if c.passage.also
    )
