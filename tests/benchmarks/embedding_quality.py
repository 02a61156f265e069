"""Measures what int8 costs in retrieval: nDCG@10 of exact dense search with fp32 and with int8 vectors.

    python -m tests.benchmarks.embedding_quality BEIR_FOLDER ... [--cache FOLDER] [--json]

Whole documents are embedded (cut by the model at 256 tokens) and ranked by the dot product.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

from assistant.adapters.embedder_onnx import load_onnx_embedder
from assistant.interfaces import Embedder, Vectors
from tests.benchmarks.beir import ndcg, read_qrels, read_texts

ALLOWED_LOSS = 0.005
RESAMPLES = 2000


def rankings(queries: Vectors, documents: Vectors, depth: int = 10) -> list[list[int]]:
    """Return for every query the rows of its `depth` best documents, best first."""
    best = np.argsort(-(queries @ documents.T), axis=1, kind="stable")[:, :depth]
    return [[int(row) for row in rows] for rows in best]


def score(embedder: Embedder, folder: Path) -> tuple[list[float], Vectors]:
    """Return nDCG@10 of every judged query, and the documents' vectors."""
    documents, queries = read_texts(folder / "corpus.jsonl"), read_texts(folder / "queries.jsonl")
    qrels = {query: judged for query, judged in read_qrels(folder / "qrels.tsv").items() if query in queries}
    ids = list(documents)
    vectors = embedder.embed_passages(list(documents.values()))
    asked = np.stack([embedder.embed_query(queries[query]) for query in qrels])
    found = rankings(asked, vectors)
    scores = [ndcg([ids[row] for row in rows], qrels[query]) for query, rows in zip(qrels, found, strict=True)]
    return scores, vectors


def interval(differences: list[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean difference by the paired bootstrap over queries."""
    values = np.array(differences)
    rows = np.random.default_rng(0).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.percentile(values[rows].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def compare(folder: Path, cache: Path) -> dict[str, object]:
    """Measure one data set."""
    began = time.perf_counter()
    exact, exact_vectors = score(load_onnx_embedder(cache, "fp32", 0), folder)
    coarse, coarse_vectors = score(load_onnx_embedder(cache, "int8", 0), folder)
    cosines = (exact_vectors * coarse_vectors).sum(axis=1)
    loss = float(np.mean(exact) - np.mean(coarse))
    low, high = interval([a - b for a, b in zip(exact, coarse, strict=True)])
    return {
        "set": folder.name,
        "queries": len(exact),
        "documents": len(cosines),
        "fp32": round(float(np.mean(exact)), 4),
        "int8": round(float(np.mean(coarse)), 4),
        "loss": round(loss, 4),
        "loss_95": [round(low, 4), round(high, 4)],
        "within": loss <= ALLOWED_LOSS,
        "cosine_min": round(float(cosines.min()), 4),
        "cosine_mean": round(float(cosines.mean()), 4),
        "seconds": round(time.perf_counter() - began, 1),
    }


def main() -> int:
    """Run from the command line; returns 1 where int8 loses more than is allowed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--cache", type=Path, help="folder of the exported models; default: a temporary one")
    parser.add_argument("--json", action="store_true", help="print one JSON object only")
    arguments = parser.parse_args()
    results = []
    with tempfile.TemporaryDirectory() as temporary:
        for folder in arguments.folders:
            result = compare(folder, arguments.cache or Path(temporary))
            results.append(result)
            if not arguments.json:
                print("  ".join(f"{name} {value}" for name, value in result.items()), flush=True)
    if arguments.json:
        print(json.dumps({"results": results}))
    return 0 if all(result["within"] for result in results) else 1


if __name__ == "__main__":
    raise SystemExit(main())
