"""Reads data sets in BEIR's layout and scores rankings, for the benchmarks."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path


def read_texts(path: Path) -> dict[str, str]:
    """Return the texts of `corpus.jsonl` or `queries.jsonl` by id.

    A title and a line end are put before a text that does not begin with its title itself.
    """
    texts = {}
    with path.open(encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            title, text = record.get("title") or "", record["text"]
            texts[record["_id"]] = text if text.startswith(title) else f"{title}\n{text}"
    return texts


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Return the judged documents of each query with their grades."""
    qrels: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            qrels.setdefault(row["query-id"], {})[row["corpus-id"]] = int(row["score"])
    return qrels


def ndcg(ranking: Sequence[str], judged: Mapping[str, int], depth: int = 10) -> float:
    """Return nDCG at `depth` with linear gain, as trec_eval's ndcg_cut computes it.

    Args:
        ranking: document ids, best first.
        judged: grades by document id; what is missing has grade 0.
        depth: how many ranks count.
    """

    def gain(grades: Sequence[int]) -> float:
        return sum(grade / math.log2(rank + 2) for rank, grade in enumerate(grades[:depth]))

    ideal = gain(sorted((grade for grade in judged.values() if grade > 0), reverse=True))
    return gain([max(0, judged.get(document, 0)) for document in ranking]) / ideal if ideal else 0.0
