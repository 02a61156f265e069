"""Measures retrieval at document level: nDCG@10, recall, MRR and latency.

Definitions as in trec_eval and BEIR: the gain of a document is its grade (linear), discounted by log2(rank + 1), over
the ideal order of all judged documents; recall and MRR count any grade above 0.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from assistant.evaluation.beir import BeirDataset
from assistant.evaluation.results import SHOWN, Item, OnProgress, QueryResult, mean, shortened
from assistant.evaluation.splits import Split, chosen
from assistant.evaluation.timing import percentile

Search = Callable[[str, int], list[str]]

DEPTH = 100  # documents asked for per query
METRICS = ("ndcg@10", "recall@5", "recall@20", "recall@100", "mrr@10")


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """Means over the queries, which `results` has one by one; times of the search alone in milliseconds."""

    ndcg_at_10: float
    recall_at_5: float
    recall_at_20: float
    recall_at_100: float
    mrr_at_10: float
    queries: int
    documents: int
    p50_ms: float
    p95_ms: float
    results: tuple[QueryResult, ...] = ()

    def as_dict(self) -> dict[str, float | int]:
        """Return the values under their usual names (`ndcg@10`, ...), rounded to four digits."""
        return {
            "ndcg@10": round(self.ndcg_at_10, 4),
            "recall@5": round(self.recall_at_5, 4),
            "recall@20": round(self.recall_at_20, 4),
            "recall@100": round(self.recall_at_100, 4),
            "mrr@10": round(self.mrr_at_10, 4),
            "queries": self.queries,
            "documents": self.documents,
            "p50_ms": round(self.p50_ms, 2),
            "p95_ms": round(self.p95_ms, 2),
        }


def evaluate_retrieval(
    search: Search,
    dataset: BeirDataset,
    limit_queries: int | None = None,
    *,
    split: Split = "all",
    on_progress: OnProgress | None = None,
) -> RetrievalScores:
    """Ask every judged query and score what comes back.

    Args:
        search: query and depth to document ids, best first; a document that comes again counts where it came first.
        dataset: the test set.
        limit_queries: ask only the first so many judged queries of the split.
        split: ask only one half of the queries; see `splits`.
        on_progress: called after each query.
    """
    queries = chosen(dataset.judged(), split, limit_queries)
    results: list[QueryResult] = []
    for query in queries:
        start = time.perf_counter()
        found = search(dataset.queries[query], DEPTH)
        seconds = time.perf_counter() - start
        results.append(_scored(dataset, query, list(dict.fromkeys(found)), seconds))
        if on_progress:
            on_progress(len(results), len(queries))
    means = {name: mean(result.scores[name] for result in results) or 0.0 for name in METRICS}
    times = [result.seconds for result in results]
    return RetrievalScores(
        ndcg_at_10=means["ndcg@10"],
        recall_at_5=means["recall@5"],
        recall_at_20=means["recall@20"],
        recall_at_100=means["recall@100"],
        mrr_at_10=means["mrr@10"],
        queries=len(results),
        documents=len(dataset.documents),
        p50_ms=1000 * percentile(times, 50),
        p95_ms=1000 * percentile(times, 95),
        results=tuple(results),
    )


def _scored(dataset: BeirDataset, query: str, ranked: Sequence[str], seconds: float) -> QueryResult:
    grades = dataset.qrels[query]
    values = (ndcg(ranked, grades, 10), *(recall(ranked, grades, k) for k in (5, 20, 100)), mrr(ranked, grades, 10))
    ranks = {key: rank for rank, key in enumerate(ranked, 1)}
    wanted = sorted((key for key, grade in grades.items() if grade > 0), key=lambda key: (-grades[key], key))
    return QueryResult(
        id=query,
        text=dataset.queries[query],
        scores=dict(zip(METRICS, values, strict=True)),
        expected=tuple(
            Item(key, _place(ranks.get(key)), ranks.get(key, DEPTH) <= SHOWN, _title(dataset, key)) for key in wanted
        ),
        found=tuple(Item(key, "", grades.get(key, 0) > 0, _title(dataset, key)) for key in ranked[:SHOWN]),
        seconds=seconds,
    )


def _place(rank: int | None) -> str:
    return f"rank {rank}" if rank else f"not among the first {DEPTH}"


def _title(dataset: BeirDataset, key: str) -> str:
    document = dataset.documents.get(key)
    return shortened(document.title or document.text, 120) if document else ""


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return the normalised discounted cumulative gain of the first `k`, from 0 to 1."""
    gained = sum(max(0, grades.get(key, 0)) / math.log2(rank + 2) for rank, key in enumerate(ranked[:k]))
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)[:k]
    best = sum(grade / math.log2(rank + 2) for rank, grade in enumerate(ideal))
    return gained / best if best else 0.0


def recall(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return the share of the relevant documents that is among the first `k`."""
    relevant = {key for key, grade in grades.items() if grade > 0}
    return len(relevant & set(ranked[:k])) / len(relevant) if relevant else 0.0


def mrr(ranked: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Return 1 / rank of the first relevant document among the first `k`, 0 if there is none."""
    for rank, key in enumerate(ranked[:k], 1):
        if grades.get(key, 0) > 0:
            return 1.0 / rank
    return 0.0
