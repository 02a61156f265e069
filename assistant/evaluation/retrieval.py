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
from assistant.evaluation.timing import percentile

Search = Callable[[str, int], list[str]]

DEPTH = 100  # documents asked for per query


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """Means over the queries; times of the search alone in milliseconds."""

    ndcg_at_10: float
    recall_at_5: float
    recall_at_20: float
    recall_at_100: float
    mrr_at_10: float
    queries: int
    documents: int
    p50_ms: float
    p95_ms: float

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


def evaluate_retrieval(search: Search, dataset: BeirDataset, limit_queries: int | None = None) -> RetrievalScores:
    """Ask every judged query and score what comes back.

    Args:
        search: query and depth to document ids, best first; a document that comes again counts where it came first.
        dataset: the test set.
        limit_queries: ask only the first so many judged queries.
    """
    chosen = dataset.judged()[:limit_queries]
    totals = [0.0] * 5
    seconds: list[float] = []
    for query in chosen:
        start = time.perf_counter()
        found = search(dataset.queries[query], DEPTH)
        seconds.append(time.perf_counter() - start)
        ranked = list(dict.fromkeys(found))
        grades = dataset.qrels[query]
        values = (ndcg(ranked, grades, 10), *(recall(ranked, grades, k) for k in (5, 20, 100)), mrr(ranked, grades, 10))
        totals = [total + value for total, value in zip(totals, values, strict=True)]
    means = [total / max(1, len(chosen)) for total in totals]
    return RetrievalScores(
        ndcg_at_10=means[0],
        recall_at_5=means[1],
        recall_at_20=means[2],
        recall_at_100=means[3],
        mrr_at_10=means[4],
        queries=len(chosen),
        documents=len(dataset.documents),
        p50_ms=1000 * percentile(seconds, 50),
        p95_ms=1000 * percentile(seconds, 95),
    )


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
