"""Measures the embedders against `SentenceTransformer.encode` on the same texts in one run.

    python -m tests.benchmarks.embedding BEIR_FOLDER [--texts N] [--words N] [--rounds N] [--cache FOLDER] [--json]

The candidates take turns, so that whatever else the machine does falls on all of them alike. What counts is tokens
per CPU second: the process's CPU time over all its threads. Every candidate uses the threads it chooses by itself.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from assistant.adapters import minilm
from assistant.adapters.embedder_onnx import load_onnx_embedder
from assistant.adapters.embedder_sentence_transformers import load_sentence_transformers_embedder
from assistant.interfaces import Embedder, Vectors
from tests.benchmarks.beir import read_texts

REFERENCE = "SentenceTransformer.encode"
TARGETS = {"onnx fp32": 1.05, "onnx int8": 1.4}


@dataclass
class Candidate:
    """Something that embeds a list of texts, and what was measured of it."""

    name: str
    embed: Callable[[list[str]], Vectors]
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    cosine: float = 1.0

    def measure(self, texts: list[str]) -> Vectors:
        """Embed the texts once and note the seconds."""
        cpu, wall = time.process_time(), time.perf_counter()
        vectors = self.embed(texts)
        self.cpu.append(time.process_time() - cpu)
        self.wall.append(time.perf_counter() - wall)
        return vectors


def chunks(folder: Path, count: int, words: int) -> list[str]:
    """Return `count` chunks of at most `words` words from documents spread evenly over the corpus."""
    documents = list(read_texts(folder / "corpus.jsonl").values())
    found: list[str] = []
    for document in documents[:: max(1, len(documents) // count)]:
        parts = document.split()
        found += [" ".join(parts[start : start + words]) for start in range(0, len(parts), words)]
    return found[:count]


def reference() -> Candidate:
    """Return sentence-transformers as its documentation shows it."""
    from sentence_transformers import SentenceTransformer

    model: Any = SentenceTransformer(str(minilm.model_folder()), device="cpu", local_files_only=True)
    return Candidate(REFERENCE, lambda texts: model.encode(texts, batch_size=32, normalize_embeddings=True))


def run(texts: list[str], candidates: Sequence[Candidate], rounds: int) -> None:
    """Measure the candidates in turns, after one round that is not counted; the first one is the reference."""
    for number in range(rounds + 1):
        expected = None
        for candidate in candidates:
            vectors = candidate.measure(texts)
            expected = vectors if expected is None else expected
            candidate.cosine = float(np.sum(vectors * expected, axis=1).min())
        if number == 0:
            for candidate in candidates:
                candidate.cpu.clear()
                candidate.wall.clear()


def summary(candidate: Candidate, base: Candidate, tokens: int) -> dict[str, Any]:
    """Return a candidate's figures; `ratio` is the median over rounds of its speed over the reference's."""
    ratios = [theirs / own for own, theirs in zip(candidate.cpu, base.cpu, strict=True)]
    ratio = statistics.median(ratios)
    return {
        "name": candidate.name,
        "tokens_per_cpu_second": round(tokens / statistics.median(candidate.cpu)),
        "tokens_per_second": round(tokens / statistics.median(candidate.wall)),
        "ratio": round(ratio, 3),
        "ratio_min": round(min(ratios), 3),
        "ratio_max": round(max(ratios), 3),
        "cosine_min": round(candidate.cosine, 5),
        "reached": ratio >= TARGETS.get(candidate.name, 0),
    }


def query_milliseconds(embedder: Embedder, repeats: int = 50) -> float:
    """Return the median wall-clock time of embedding a question."""
    seconds = []
    for number in range(repeats):
        began = time.perf_counter()
        embedder.embed_query(f"How many days of paid leave do new employees get in year {number}?")
        seconds.append(time.perf_counter() - began)
    return round(1000 * statistics.median(seconds), 2)


def measure(arguments: argparse.Namespace, cache: Path) -> dict[str, Any]:
    """Load everything, run, and return the report."""
    texts = chunks(arguments.folder, arguments.texts, arguments.words)
    began = time.perf_counter()
    fp32, int8 = (load_onnx_embedder(cache, precision, 0) for precision in ("fp32", "int8"))
    exported = time.perf_counter() - began
    began = time.perf_counter()
    load_onnx_embedder(cache, "int8", 0)
    loaded = time.perf_counter() - began
    other = load_sentence_transformers_embedder(str(minilm.model_folder()), "cpu")
    tokens = sum(min(count + 2, fp32.max_tokens) for count in fp32.count_tokens(texts))
    candidates = [
        reference(),
        Candidate("onnx fp32", fp32.embed_passages),
        Candidate("onnx int8", int8.embed_passages),
        Candidate("sentence-transformers adapter", other.embed_passages),
    ]
    run(texts, candidates, arguments.rounds)
    return {
        "texts": len(texts),
        "tokens": tokens,
        "rounds": arguments.rounds,
        "export_or_load_both_seconds": round(exported, 2),
        "load_int8_seconds": round(loaded, 2),
        "query_ms": {"onnx fp32": query_milliseconds(fp32), "onnx int8": query_milliseconds(int8)},
        "candidates": [summary(candidate, candidates[0], tokens) for candidate in candidates],
    }


def main() -> int:
    """Run from the command line; returns 1 where a ratio is below its target."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=int, default=200)
    parser.add_argument("--words", type=int, default=130, help="longest chunk, in words")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cache", type=Path, help="folder of the exported models; default: a temporary one")
    parser.add_argument("--json", action="store_true", help="print one JSON object only")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        report = measure(arguments, arguments.cache or Path(temporary))
    if not arguments.json:
        for row in report["candidates"]:
            print(
                f"{row['name']:30} {row['tokens_per_cpu_second']:6} tokens/CPU s  ratio {row['ratio']:.3f} "
                f"({row['ratio_min']:.3f}-{row['ratio_max']:.3f})  cosine >= {row['cosine_min']}"
            )
    print(json.dumps(report))
    return 0 if all(row["reached"] for row in report["candidates"]) else 1


if __name__ == "__main__":
    raise SystemExit(main())
