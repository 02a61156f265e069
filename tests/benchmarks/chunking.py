"""Measures chunking: how much of the needed text the five best chunks hold, for several splitters and sizes.

Run it as `python -m tests.benchmarks.chunking DIR`, where DIR has `corpora/*.md` and `questions.jsonl` with exact
excerpts (the layout of Chroma's chunking evaluation). Retrieval is dense search alone, over the chunks of all corpora.
Recall, precision and IoU are of characters, averaged over the questions.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.adapters.embedder_onnx import load_onnx_embedder
from assistant.chunking import TokenChunker
from assistant.interfaces import Embedder
from assistant.parsing.texts.markdown import MarkdownParser
from assistant.types import Document, DocumentRef

Spans = list[tuple[int, int]]
Splitter = Callable[[Document], Spans]


@dataclass(frozen=True)
class Question:
    """A question and the ranges of its corpus that answer it."""

    text: str
    corpus: str
    ranges: Spans


def main() -> None:
    """Print one line of JSON for each splitter and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--splitters", default="own,semchunk,llamaindex")
    parser.add_argument("--sizes", default="100,150,200,250")
    parser.add_argument("--overlaps", default="0", help="shares of a chunk, e.g. 0,0.15")
    parser.add_argument("--precision", default="int8", choices=["int8", "fp32"])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "assistant-benchmark-cache")
    arguments = parser.parse_args()
    embedder = load_onnx_embedder(arguments.cache, arguments.precision)
    documents = read_corpora(arguments.directory / "corpora")
    questions = read_questions(arguments.directory / "questions.jsonl")
    asked = np.stack([embedder.embed_query(question.text) for question in questions])
    for overlap in map(float, arguments.overlaps.split(",")):
        for size in map(int, arguments.sizes.split(",")):
            for name in arguments.splitters.split(","):
                split = SPLITTERS[name](embedder, size, round(size * overlap))
                row = measure(split, embedder, documents, questions, asked)
                print(json.dumps({"splitter": name, "size": size, "overlap": overlap, **row}), flush=True)


def read_corpora(folder: Path) -> dict[str, Document]:
    """Return the corpora, read as Markdown, by name."""
    reader = MarkdownParser()
    return {
        path.stem: reader.parse(
            DocumentRef("benchmark", path.name, "1", path.stem, "", "text/markdown"), path.read_bytes()
        )
        for path in sorted(folder.glob("*.md"))
    }


def read_questions(path: Path) -> list[Question]:
    """Return the questions with the ranges of their excerpts."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Question(
            row["text"], row["corpus_id"], [(part["start_index"], part["end_index"]) for part in row["references"]]
        )
        for row in rows
    ]


def measure(
    split: Splitter,
    embedder: Embedder,
    documents: dict[str, Document],
    questions: list[Question],
    asked: np.ndarray[Any, Any],
    top: int = 5,
) -> dict[str, float]:
    """Return the figures of one way to split.

    Args:
        split: gives the offsets of a document's chunks.
        embedder: embeds the chunks.
        documents: by corpus name.
        questions: with the ranges that answer them.
        asked: the questions' vectors, shape (questions, dimension).
        top: how many chunks count.
    """
    started = time.process_time()
    spans = {name: split(document) for name, document in documents.items()}
    seconds = time.process_time() - started
    places = [(name, start, end) for name, ranges in spans.items() for start, end in ranges]
    texts = [documents[name].text[start:end] for name, start, end in places]
    scores = asked @ embedder.embed_passages(texts).T
    recalls, precisions, ious = [], [], []
    for row, question in zip(scores, questions, strict=True):
        best = [places[index] for index in np.argsort(-row)[:top]]
        needed = {at for start, end in question.ranges for at in range(start, end)}
        retrieved = [range(start, end) for name, start, end in best if name == question.corpus]
        covered = len(needed.intersection(*[set().union(*retrieved)] if retrieved else [set()]))
        total = sum(end - start for _, start, end in best)
        recalls.append(covered / len(needed))
        precisions.append(covered / total)
        ious.append(covered / (total + len(needed) - covered))
    characters = sum(len(document.text) for document in documents.values())
    counts = embedder.count_tokens(texts)
    return {
        "recall": round(float(np.mean(recalls)), 4),
        "precision": round(float(np.mean(precisions)), 4),
        "iou": round(float(np.mean(ious)), 4),
        "chunks": len(places),
        "mean_tokens": round(float(np.mean(counts)), 1),
        "max_tokens": max(counts),
        "mb_per_cpu_second": round(characters / seconds / 1e6, 3),
    }


def own(embedder: Embedder, size: int, overlap: int) -> Splitter:
    """The assistant's own chunker."""
    chunker = TokenChunker(embedder.count_tokens, size, embedder.name)
    return lambda document: [(chunk.start, chunk.end) for chunk in chunker.chunk(document)]


def semchunk(embedder: Embedder, size: int, overlap: int) -> Splitter:
    """The package semchunk."""
    from semchunk import chunkerify

    chunker = chunkerify(lambda text: embedder.count_tokens([text])[0], size)

    def split(document: Document) -> Spans:
        _, offsets = chunker(document.text, offsets=True, overlap=overlap or None)
        return [(start, end) for start, end in offsets]

    return split


def llamaindex(embedder: Embedder, size: int, overlap: int) -> Splitter:
    """LlamaIndex' SentenceSplitter; its chunks are looked up in the text to get their offsets."""
    from llama_index.core.node_parser import SentenceSplitter

    splitter = SentenceSplitter(
        chunk_size=size, chunk_overlap=overlap, tokenizer=lambda text: [0] * embedder.count_tokens([text])[0]
    )

    def split(document: Document) -> Spans:
        spans: Spans = []
        at = 0
        for chunk in splitter.split_text(document.text):
            at = document.text.index(chunk, spans[-1][0] + 1 if overlap and spans else at)
            spans.append((at, at + len(chunk)))
            at += len(chunk)
        return spans

    return split


SPLITTERS: dict[str, Callable[[Embedder, int, int], Splitter]] = {
    "own": own,
    "semchunk": semchunk,
    "llamaindex": llamaindex,
}

if __name__ == "__main__":
    sys.exit(main())
