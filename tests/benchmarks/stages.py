"""What each stage of a search is worth.

    python -m tests.benchmarks.stages retrieval|headers DIR [--files FOLDER] [--limit N] [--home HOME]
    python -m tests.benchmarks.stages spans DIR [--home HOME]

`retrieval` takes a folder in BEIR layout and scores documents with one stage changed at a time. `headers` does so
with title and headings left out before what is embedded and, with the address, of the words of BM25, each time in an
index of its own.
`--files` takes a folder's files in place of the corpus texts: a document's id is its file's name without the ending.
`spans` takes a folder with `corpora` and `questions.jsonl`, for whole, narrowed and grown passages, on the halves of
the questions by a hash of their ids. `--home` keeps the index for the next run.

Milliseconds are CPU time of a search for ten passages whose query is embedded already: other work on the machine
hardly moves them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.adapters import points
from assistant.adapters.sparse import Wording
from assistant.app import App, build
from assistant.app.searching import make_retriever, make_stages
from assistant.evaluation.beir import BeirDataset, load_beir
from assistant.evaluation.sources import KIND, NoConfig, TextsSource
from assistant.evaluation.spans import Span, SpanDataset, evaluate_spans, load_spans
from assistant.evaluation.splits import split_of
from assistant.evaluation.timing import percentile
from assistant.ingest import prepare
from assistant.interfaces import Embedder, Vectors
from assistant.retrieval import READING, Retriever, Shown
from assistant.settings import load_settings
from assistant.telemetry import configure_logging
from assistant.types import LOCAL_OPERATOR
from tests.benchmarks.beir import ndcg
from tests.benchmarks.peers.table import recall

VARIANTS: dict[str, dict[str, object]] = {
    "as configured": {},
    "by meaning alone": {"fusion": "meaning"},
    "by words alone": {"fusion": "words"},
    "fused by ranks": {"fusion": "ranks"},
    "no exact terms": {"exact_terms": False},
    "no familiarity": {"weigh_by_familiarity": False},
    "no literal matches": {"literal_matches": False},
    "duplicates are not merged": {"search_merge_duplicates": False},
    "no recency": {"search_prefer_recent": False},
    "2 passages a document": {"search_per_document": 2},
    "3 passages a document": {"search_per_document": 3},
}
HEADERS = {"as configured": (True, True), "not embedded": (False, True), "not in BM25": (True, False)} | {
    "neither": (False, False)
}
SHOWN = {"whole": Shown(), "focused": Shown(focused=True), "for a model": READING} | {
    f"context {size}": Shown(context=size) for size in (200, 400, 800)
}
PASSAGES = 100  # asked for: with 40, long documents leave less than ten to be seen
TIMED = 50  # queries


@dataclass(frozen=True, slots=True)
class Judged:
    """A test set: its texts, or the files in their place, and the queries that are asked."""

    dataset: BeirDataset
    files: Path | None
    queries: Mapping[str, str]

    def key(self, of: str) -> str:
        """Return a document's id in the set."""
        return Path(of).stem if self.files else of


def read(folder: Path, files: Path | None, limit: int) -> Judged:
    """Read a test set; of more than `limit` judged queries, those with the lowest hashes."""
    dataset = load_beir(folder)
    ordered = sorted(dataset.judged(), key=lambda query: hashlib.sha256(query.encode()).hexdigest())
    return Judged(dataset, files, {query: dataset.queries[query] for query in ordered[:limit]})


@contextmanager
def indexed(
    texts: Mapping[str, tuple[str, str]], media_type: str, home: Path | None, files: Path | None = None
) -> Iterator[App]:
    """Index the texts, or the files, in the home, unless they are."""
    with tempfile.TemporaryDirectory() as temporary:
        settings = load_settings(home=home or Path(temporary))
        configure_logging("ERROR", settings.log_format)
        with build(settings) as app:
            app.registry.add_source(KIND, NoConfig, lambda _: TextsSource(texts, media_type))
            if app.catalog.sources.find(KIND) is None:
                kind, config = ("folder", {"path": str(files)}) if files else (KIND, {})
                app.catalog.sources.add(KIND, kind, config, {})
            app.ingestor.sync(KIND, "cli")
            yield app


@contextmanager
def judged_app(judged: Judged, home: Path | None) -> Iterator[App]:
    """Index a test set."""
    documents = judged.dataset.documents.items()
    texts = {key: (d.title, f"{d.title}\n\n{d.text}" if d.title else d.text) for key, d in documents}
    with indexed(texts, "text/plain", home, judged.files) as app:
        yield app


class Remembering:
    """An embedder that embeds no query twice, for all variants ask the same ones."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, Vectors] = {}

    def __getattr__(self, name: str) -> object:
        return getattr(self._embedder, name)

    def embed_query(self, text: str) -> Vectors:
        if text not in self._known:
            self._known[text] = self._embedder.embed_query(text)
        return self._known[text]


def retriever_of(app: App, embedder: Remembering, values: Mapping[str, object]) -> Retriever:
    """Return what searches with these settings, and keeps no results."""
    settings = load_settings(home=app.settings.home, search_cache=0, **values)
    return make_retriever(settings, make_stages(settings), "", app.index, embedder, app.library, None)


def scored(retriever: Retriever, judged: Judged) -> dict[str, object]:
    """Return what a retriever finds and costs."""
    gains, recalls = [], []
    for query, text in judged.queries.items():
        passages = retriever.search(text, LOCAL_OPERATOR, PASSAGES)
        found = list(dict.fromkeys(judged.key(passage.ref.key) for passage in passages))
        gains.append(ndcg(found, judged.dataset.qrels[query]))
        recalls.append(recall(found, judged.dataset.qrels[query], 5))
    started = time.process_time()
    shown = [retriever.search(text, LOCAL_OPERATOR, 10) for text in list(judged.queries.values())[:TIMED]]
    spent = time.process_time() - started
    spread = [len({passage.ref.id for passage in passages}) for passages in shown]
    return {
        "ndcg@10": round(_mean(gains), 4),
        "recall@5": round(_mean(recalls), 4),
        "documents in 10 passages": round(_mean(spread), 2),
        "cpu_ms": round(1000 * spent / len(spread), 1),
        "queries": len(gains),
    }


def retrieval(judged: Judged, home: Path | None) -> Iterator[dict[str, object]]:
    """Yield the scores of each variant."""
    with judged_app(judged, home) as app:
        embedder = Remembering(app.embedder)
        for name, values in VARIANTS.items():
            yield {"variant": name, **scored(retriever_of(app, embedder, values), judged)}


def headers(judged: Judged, home: Path | None) -> Iterator[dict[str, object]]:
    """Yield the scores of each index."""
    for name, (embedded, said) in HEADERS.items():
        suffix = "" if embedded and said else f"-{name.replace(' ', '-')}"
        place = home.with_name(f"{home.name}{suffix}") if home else None
        with without_headers(embedded=embedded, said=said), judged_app(judged, place) as app:
            yield {"headers": name, **scored(retriever_of(app, Remembering(app.embedder), {}), judged)}


@contextmanager
def without_headers(*, embedded: bool, said: bool) -> Iterator[None]:
    """Let chunks be embedded, or found by words, without their documents' titles and their headings."""
    texts, words = prepare.embedding_texts, points.words
    try:
        if not embedded:
            prepare.embedding_texts = lambda _, chunks, *rest: texts("", [_bare(one) for one in chunks], *rest)
        if not said:
            points.words = lambda ref, chunk, *rest: _without(words(ref, chunk, *rest))
        yield
    finally:
        prepare.embedding_texts, points.words = texts, words


def _bare(chunk: object) -> object:
    return replace(chunk, heading_path=())  # type: ignore[type-var]


def _without(wording: Wording) -> Wording:
    return replace(wording, title="", headings="", address="")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


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
    tuned = [q for q in dataset.questions if split_of(q.id) == "dev"]
    others = [q for q in dataset.questions if q not in tuned]
    parts = {"tuned": tuple(tuned), "held out": tuple(others), "all": dataset.questions}
    return {name: replace(dataset, questions=part) for name, part in parts.items()}


def main() -> None:
    """Print one line of JSON for each variant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["retrieval", "headers", "spans"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=Path, help="files in place of the corpus texts")
    parser.add_argument("--limit", type=int, default=300, help="queries that are asked, at most")
    parser.add_argument("--home", type=Path)
    given = parser.parse_args()
    if given.what == "spans":
        rows = spans(given.folder, given.home)
    else:
        run = {"retrieval": retrieval, "headers": headers}[given.what]
        rows = run(read(given.folder, given.files, given.limit), given.home)
    for row in rows:
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    sys.exit(main())
