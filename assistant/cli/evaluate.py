"""Measures quality: `eval retrieval`, `eval spans`, `eval answers`."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from assistant.app import App, build
from assistant.cli.output import GroupsOption, JsonOption, opened, out, progress_bar, reader
from assistant.errors import ConfigurationError
from assistant.evaluation.answers import evaluate_answers, load_cases
from assistant.evaluation.beir import load_beir
from assistant.evaluation.retrieval import evaluate_retrieval
from assistant.evaluation.sources import KIND, NoConfig, TextsSource
from assistant.evaluation.spans import Span, evaluate_spans, load_spans
from assistant.retrieval import READING, Shown
from assistant.settings import load_settings
from assistant.telemetry import configure_logging
from assistant.types import LOCAL_OPERATOR

group = typer.Typer(help="Measure quality on test sets.", no_args_is_help=True)

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The test set's folder.")]
LimitOption = Annotated[
    int | None, typer.Option("--limit-queries", min=1, metavar="N", help="Ask only the first N queries.")
]
_PASSAGES_A_DOCUMENT = 4  # passages asked for per document wanted: the best of a document's passages ranks it


@group.command("retrieval")
def retrieval(folder: FolderArgument, limit_queries: LimitOption = None, as_json: JsonOption = False) -> None:
    """Index a test set in BEIR layout in a temporary home, and score document retrieval."""
    dataset = load_beir(folder)
    texts = {key: (d.title, f"{d.title}\n\n{d.text}" if d.title else d.text) for key, d in dataset.documents.items()}
    with _indexed(texts, "text/plain", show=not as_json) as (app, seconds):

        def search(query: str, depth: int) -> list[str]:
            passages = app.retriever.search(query, LOCAL_OPERATOR, depth * _PASSAGES_A_DOCUMENT)
            return list(dict.fromkeys(passage.ref.key for passage in passages))[:depth]

        search(next(iter(dataset.queries.values())), 10)  # the first search opens the index
        scores = evaluate_retrieval(search, dataset, limit_queries).as_dict()
    _print({**scores, "index_seconds": round(seconds, 2)}, as_json=as_json)


@group.command("spans")
def spans(
    folder: FolderArgument,
    limit_queries: LimitOption = None,
    top: Annotated[int, typer.Option("--top", min=1, help="How many passages count.")] = 5,
    whole: Annotated[
        bool, typer.Option("--whole", help="Chunks as they were found, not as a model reads them.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Index texts in a temporary home, and compare the passages found with exact places."""
    dataset = load_spans(folder)
    texts = {key: ("", text) for key, text in dataset.corpora.items()}
    with _indexed(texts, "text/markdown", show=not as_json) as (app, seconds):

        def search(query: str, depth: int) -> list[Span]:
            shown = Shown() if whole else READING
            passages = app.retriever.explained(query, LOCAL_OPERATOR, depth, shown=shown).passages
            return [Span(passage.ref.key, passage.start, passage.end) for passage in passages]

        scores = evaluate_spans(search, dataset, top, limit_queries).as_dict()
    _print({**scores, "index_seconds": round(seconds, 2)}, as_json=as_json)


@group.command("answers")
def answers(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Questions as JSON or JSON lines.")],
    groups: GroupsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask questions of the indexed documents, and score answers, refusals and citations."""
    cases = load_cases(file)
    with opened() as app:
        scores = evaluate_answers(lambda question: app.answerer.ask(question, reader(groups)), cases).as_dict()
    _print(scores, as_json=as_json)


@contextmanager
def _indexed(texts: Mapping[str, tuple[str, str]], media_type: str, *, show: bool) -> Iterator[tuple[App, float]]:
    """Index the texts in a home of their own; yields the assistant and the seconds that the indexing took."""
    with tempfile.TemporaryDirectory(prefix="assistant-eval-") as home:
        settings = load_settings(home=Path(home))
        configure_logging("ERROR", settings.log_format)
        with build(settings) as app:
            app.registry.add_source(KIND, NoConfig, lambda _: TextsSource(texts, media_type))
            app.catalog.sources.add(KIND, KIND, {}, {})
            ingestor = app.ingestor  # loading the model is no part of indexing
            started = time.perf_counter()
            with progress_bar(show=show) as on_progress:
                report = ingestor.sync(KIND, "cli", on_progress)
            if report.failures:
                first = report.failures[0]
                raise ConfigurationError(
                    f"{report.failed} documents of the test set could not be indexed, first {first.key}: {first.error}"
                )
            yield app, time.perf_counter() - started


def _print(scores: Mapping[str, float | int | None], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(dict(scores), indent=2) + "\n")
        return
    for name, value in scores.items():
        out.print(f"{name:>14}  {value}")
