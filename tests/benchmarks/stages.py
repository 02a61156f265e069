"""What each stage of a search is worth: `python -m tests.benchmarks.stages retrieval|spans DIR [--home HOME]`.

`retrieval` takes a folder in BEIR layout and scores documents with one stage changed at a time; `spans` one with
`corpora` and `questions.jsonl`, for whole, narrowed and grown passages, on the halves of the questions by a hash of
their ids. `--home` keeps the index for the next run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from assistant.app import App, build
from assistant.app.searching import make_retriever, make_stages
from assistant.evaluation.beir import load_beir
from assistant.evaluation.retrieval import evaluate_retrieval
from assistant.evaluation.sources import KIND, NoConfig, TextsSource
from assistant.evaluation.spans import Span, SpanDataset, evaluate_spans, load_spans
from assistant.evaluation.timing import percentile
from assistant.retrieval import READING, Shown
from assistant.settings import load_settings
from assistant.types import LOCAL_OPERATOR, Found

VARIANTS: dict[str, dict[str, object]] = {
    "as configured": {},
    "duplicates are not merged": {"search_merge_duplicates": False},
    "no recency": {"search_prefer_recent": False},
    "2 passages a document": {"search_per_document": 2},
    "3 passages a document": {"search_per_document": 3},
}
SHOWN = {"whole": Shown(), "focused": Shown(focused=True), "for a model": READING} | {
    f"context {size}": Shown(context=size) for size in (200, 400, 800)
}


@contextmanager
def indexed(texts: dict[str, tuple[str, str]], media_type: str, home: Path | None) -> Iterator[App]:
    """Index the texts in the home, unless they are."""
    with tempfile.TemporaryDirectory() as temporary, build(load_settings(home=home or Path(temporary))) as app:
        app.registry.add_source(KIND, NoConfig, lambda _: TextsSource(texts, media_type))
        if app.catalog.sources.find(KIND) is None:
            app.catalog.sources.add(KIND, KIND, {}, {})
        app.ingestor.sync(KIND, "cli")
        yield app


def retrieval(folder: Path, home: Path | None) -> Iterator[dict[str, object]]:
    """Yield the scores of each variant; the times are without the question's embedding."""
    dataset = load_beir(folder)
    texts = {key: (d.title, f"{d.title}\n\n{d.text}" if d.title else d.text) for key, d in dataset.documents.items()}
    with indexed(texts, "text/plain", home) as app:
        for name, values in VARIANTS.items():
            settings = load_settings(home=app.settings.home, search_cache=0, **values)
            retriever = make_retriever(settings, make_stages(settings), "", app.index, app.embedder, app.library, None)
            seconds: list[float] = []

            def search(
                query: str, depth: int, retriever: object = retriever, times: list[float] = seconds
            ) -> list[str]:
                found = retriever.explained(query, LOCAL_OPERATOR, 10)  # type: ignore[attr-defined]
                times.append(_stages_ms(found))
                deep = retriever.search(query, LOCAL_OPERATOR, 4 * depth)  # type: ignore[attr-defined]
                return list(dict.fromkeys(passage.ref.key for passage in deep))[:depth]

            scores = evaluate_retrieval(search, dataset)
            documents = _documents(retriever.search, list(dataset.queries.values())[:100])
            yield {
                "variant": name,
                "ndcg@10": round(scores.ndcg_at_10, 4),
                "recall@5": round(scores.recall_at_5, 4),
                "documents in 10 passages": documents,
                "p50_ms": round(percentile(seconds, 50), 2),
            }


def _documents(search: Callable[..., list[object]], queries: list[str]) -> float:
    counts = [len({p.ref.id for p in search(query, LOCAL_OPERATOR, 10)}) for query in queries]  # type: ignore[attr-defined]
    return round(sum(counts) / len(counts), 2)


def _stages_ms(found: Found) -> float:
    return sum(stage.milliseconds for stage in found.trace.stages if stage.name != "embed")


def spans(folder: Path, home: Path | None) -> Iterator[dict[str, object]]:
    """Yield recall, precision and IoU of the first five for each way to show passages, for both halves and all."""
    dataset = load_spans(folder)
    with indexed({key: ("", text) for key, text in dataset.corpora.items()}, "text/markdown", home) as app:
        for name, shown in SHOWN.items():
            seconds: list[float] = []

            def search(query: str, depth: int, shown: Shown = shown, times: list[float] = seconds) -> list[Span]:
                started = time.perf_counter()
                found = app.retriever.explained(query, LOCAL_OPERATOR, depth, shown=shown)
                if not found.trace.cached:
                    times.append(1000 * (time.perf_counter() - started))
                return [Span(p.ref.key, p.start, p.end) for p in found.passages]

            row: dict[str, object] = {"shown": name}
            for half, part in halves(dataset).items():
                scores = evaluate_spans(search, part)
                row[half] = [round(value, 4) for value in (scores.recall, scores.precision, scores.iou)]
            yield {**row, "p50_ms": round(percentile(seconds, 50), 2)}


def halves(dataset: SpanDataset) -> dict[str, SpanDataset]:
    """Return the questions that the stage was tuned on, the others, and all."""
    tuned = [q for q in dataset.questions if hashlib.sha256(q.id.encode()).digest()[0] % 2 == 0]
    others = [q for q in dataset.questions if q not in tuned]
    parts = {"tuned": tuple(tuned), "held out": tuple(others), "all": dataset.questions}
    return {name: replace(dataset, questions=part) for name, part in parts.items()}


def main() -> None:
    """Print one line of JSON for each variant."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["retrieval", "spans"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    for row in {"retrieval": retrieval, "spans": spans}[given.what](given.folder, given.home):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    sys.exit(main())
