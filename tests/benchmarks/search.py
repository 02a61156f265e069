"""Latency of a search, query embedding included: `python -m tests.benchmarks.search FOLDER [--home HOME]`.

Indexes the folder (unless `--home` names a home that has it) and asks one question a heading of its documents.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from assistant.app import App, build
from assistant.evaluation.timing import percentile
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR, User


def questions(app: App, most: int) -> list[str]:
    """Return headings of the indexed documents as questions, the same every time."""
    found: dict[str, None] = {}
    for info in app.library.documents(LOCAL_OPERATOR):
        document = app.library.read(info.ref.source, info.ref.key, LOCAL_OPERATOR)
        for block in document.blocks:
            if block.kind == "heading" and len(block.text.split()) >= 2:
                found[" ".join(block.text.strip("# ").split())] = None
    every = max(1, len(found) // most)
    return list(found)[::every][:most]


def measure(app: App, asked: list[str], user: User) -> dict[str, float]:
    """Return percentiles in milliseconds over all questions, after one round that is not counted."""
    for question in asked[:20]:
        app.retriever.search(question, user, 10)
    total, embedding = [], []
    for question in asked:
        started = time.perf_counter()
        app.retriever.search(question, user, 10)
        total.append(1000 * (time.perf_counter() - started))
        started = time.perf_counter()
        app.embedder.embed_query(question)
        embedding.append(1000 * (time.perf_counter() - started))
    return {
        "p50_ms": round(percentile(total, 50), 2),
        "p95_ms": round(percentile(total, 95), 2),
        "p99_ms": round(percentile(total, 99), 2),
        "embedding_p50_ms": round(percentile(embedding, 50), 2),
    }


def main() -> None:
    """Index, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--queries", type=int, default=500)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, build(load_settings(home=given.home or Path(temporary))) as app:
        if given.home is None:
            app.catalog.sources.add("benchmark", "folder", {"path": str(given.folder.absolute())}, {})
            app.ingestor.sync("benchmark", "cli")
        asked = questions(app, given.queries)
        documents, chunks = app.library.count(LOCAL_OPERATOR)
        result = {
            "documents": documents,
            "chunks": chunks,
            "queries": len(asked),
            "operator": measure(app, asked, LOCAL_OPERATOR),
            "employee": measure(app, asked, User("e", frozenset({"everyone"}))),
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
