"""Speed, recall and memory of the Edge index on generated vectors: `python -m tests.benchmarks.index [N] [--owner]`.

One document in ten is readable. Prints one JSON object: chunks written a second, milliseconds a hybrid search (p50,
p95; filtered and not), recall@10 of the dense search against brute force, resident megabytes; before and after
`optimize`. With `--owner` the calls go through the owner's HTTP interface.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from assistant.adapters.index_edge import EdgeIndex
from assistant.adapters.index_owner_client import OwnerIndex
from assistant.adapters.index_owner_server import serve_owner
from assistant.types import LOCAL_OPERATOR, Access, Chunk, DocumentRef, User

DIMENSION = 384
EACH = 20
QUERIES = 200
READER = User("reader", frozenset({"few"}))
PROCESS = psutil.Process()


class Corpus:
    """Unit vectors in clusters, and texts whose words follow Zipf's law."""

    def __init__(self, size: int) -> None:
        self.random = np.random.default_rng(0)
        centres = self.random.standard_normal((max(10, size // 50), DIMENSION))
        rows = centres[self.random.integers(len(centres), size=size)]
        rows = rows + 1.2 * self.random.standard_normal((size, DIMENSION))
        self.rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        weights = 1 / np.arange(1, 20_001)
        self.weights = weights / weights.sum()

    def text(self, words: int) -> str:
        return " ".join(f"w{word}" for word in self.random.choice(20_000, words, p=self.weights))

    def query(self) -> np.ndarray:
        row = self.rows[self.random.integers(len(self.rows))]
        return (row + 0.02 * self.random.standard_normal(DIMENSION)).astype(np.float32)

    def readable(self) -> np.ndarray:
        return np.flatnonzero(np.arange(len(self.rows)) // EACH % 10 == 0)


def documents(corpus: Corpus):
    for number in range(len(corpus.rows) // EACH):
        readers = Access(frozenset({"group:few" if number % 10 == 0 else "group:many"}))
        ref = DocumentRef("bench", str(number), "1", f"Document {number}", "", "text/plain", readers)
        chunks = [Chunk(ref.id, ordinal, 0, 1, corpus.text(120)) for ordinal in range(EACH)]
        yield ref, chunks, corpus.rows[number * EACH : (number + 1) * EACH]


def searches(index, corpus: Corpus, names: dict[str, int]) -> dict[str, float]:
    result: dict[str, float] = {}
    for label, user, rows in (
        ("filtered", READER, corpus.readable()),
        ("unfiltered", LOCAL_OPERATOR, np.arange(len(corpus.rows))),
    ):
        seconds, right = [], 0
        for _ in range(QUERIES):
            query, text = corpus.query(), corpus.text(6)
            start = time.perf_counter()
            index.search(query, text, user, 10)
            seconds.append(time.perf_counter() - start)
            best = set(rows[np.argsort(-(corpus.rows[rows] @ query))[:10]].tolist())
            hits = index.search(query, "", user, 10)
            right += len(best & {names[hit.document_id] * EACH + hit.chunk.ordinal for hit in hits})
        result[f"{label}_p50_ms"] = round(1000 * float(np.percentile(seconds, 50)), 2)
        result[f"{label}_p95_ms"] = round(1000 * float(np.percentile(seconds, 95)), 2)
        result[f"{label}_recall@10"] = round(right / (10 * QUERIES), 4)
    return result


def timed(call) -> float:
    start = time.perf_counter()
    call()
    return round(time.perf_counter() - start, 2)


def run(size: int, owner: bool, home: Path) -> dict[str, object]:
    corpus = Corpus(size)
    prepared = list(documents(corpus))
    names = {ref.id: number for number, (ref, _, _) in enumerate(prepared)}
    before = PROCESS.memory_info().rss
    edge = EdgeIndex(home / "index", "bench", DIMENSION)
    server = serve_owner(edge, home) if owner else None
    index = OwnerIndex(home) if owner else edge
    start = time.perf_counter()
    for ref, chunks, rows in prepared:
        index.write(ref, chunks, rows)
    written = time.perf_counter() - start
    result: dict[str, object] = {"chunks": size, "owner": owner, "chunks_per_second": round(size / written)}
    result["counts_ms"] = round(1000 * timed(index.counts))
    result["new"] = searches(index, corpus, names)
    result["optimize_seconds"] = timed(edge.optimize)
    result["optimized"] = searches(index, corpus, names)
    result["rss_mb_more"] = round((PROCESS.memory_info().rss - before) / 2**20)
    result["disk_mb"] = round(sum(512 * p.stat().st_blocks for p in (home / "index").rglob("*") if p.is_file()) / 2**20)
    if server is not None:
        index.close()
        server.stop()
    result["close_seconds"] = timed(edge.close)
    reopened: list[EdgeIndex] = []
    result["open_seconds"] = timed(lambda: reopened.append(EdgeIndex(home / "index", "bench", DIMENSION)))
    reopened[0].close()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", nargs="?", type=int, default=20_000)
    parser.add_argument("--owner", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        print(json.dumps(run(arguments.size, arguments.owner, Path(home)), indent=2))


if __name__ == "__main__":
    main()
