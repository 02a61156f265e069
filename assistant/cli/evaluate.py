"""Measures quality: `eval retrieval`, `eval spans`, `eval answers`."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from assistant.app import App, build
from assistant.cli import evaluation_output as output
from assistant.cli.evaluated_runs import compare, report
from assistant.cli.evaluation_output import LeastOption, LimitOption, MostOption, SaveOption, SplitOption
from assistant.cli.output import GroupsOption, JsonOption, names, opened, progress_bar
from assistant.cli.questions import group as questions
from assistant.errors import ConfigurationError
from assistant.evaluation import answers as asked
from assistant.evaluation import retrieval as documents
from assistant.evaluation import spans as places
from assistant.evaluation.answers import AnswerScores, evaluate_answers
from assistant.evaluation.beir import load_beir
from assistant.evaluation.cases import AnswerCase, check_names, load_cases
from assistant.evaluation.retrieval import evaluate_retrieval
from assistant.evaluation.runs import Run, digest_of, now
from assistant.evaluation.sources import KIND, NoConfig, TextsSource
from assistant.evaluation.spans import Span, evaluate_spans, load_spans
from assistant.evaluation.splits import Split, chosen
from assistant.retrieval import READING, Shown
from assistant.settings import load_settings
from assistant.telemetry import configure_logging
from assistant.types import LOCAL_OPERATOR, Mode, Question, User

group = typer.Typer(help="Measure quality, compare runs and keep questions.", no_args_is_help=True)

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The test set's folder.")]
_PASSAGES_A_DOCUMENT = 4  # passages asked for per document wanted: the best of a document's passages ranks it


@group.command("retrieval")
def retrieval(
    folder: FolderArgument,
    limit_queries: LimitOption = None,
    split: SplitOption = "all",
    save: SaveOption = None,
    least: LeastOption = None,
    most: MostOption = None,
    as_json: JsonOption = False,
) -> None:
    """Index a test set in BEIR layout in a temporary home, and score document retrieval."""
    thresholds = output.limits(least, most, documents.METRICS)
    output.check_save(save)
    dataset = load_beir(folder)
    texts = {key: (d.title, f"{d.title}\n\n{d.text}" if d.title else d.text) for key, d in dataset.documents.items()}
    with _indexed(texts, "text/plain", show=not as_json) as (app, seconds):

        def search(query: str, depth: int) -> list[str]:
            passages = app.retriever.search(query, LOCAL_OPERATOR, depth * _PASSAGES_A_DOCUMENT)
            return list(dict.fromkeys(passage.ref.key for passage in passages))[:depth]

        search(next(iter(dataset.queries.values())), 10)  # the first search opens the index
        with output.asking(show=not as_json) as on_progress:
            scores = evaluate_retrieval(search, dataset, limit_queries, split=split, on_progress=on_progress)
        settings, used = output.circumstances(app)
    run = Run(
        kind="retrieval",
        name=dataset.name,
        metrics=documents.METRICS,
        scores={**scores.as_dict(), "index_seconds": round(seconds, 2)},
        results=scores.results,
        corpus=digest_of((d.id, d.title, d.text) for d in dataset.documents.values()),
        split=split,
        settings=settings,
        versions=used,
        made=now(),
    )
    output.conclude(run, thresholds, save, as_json=as_json)


@group.command("spans")
def spans(
    folder: FolderArgument,
    limit_queries: LimitOption = None,
    top: Annotated[int, typer.Option("--top", min=1, help="How many passages count.")] = 5,
    split: SplitOption = "all",
    save: SaveOption = None,
    least: LeastOption = None,
    most: MostOption = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Chunks as they were found, not as a model reads them.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Index texts in a temporary home, and compare the passages found with exact places."""
    thresholds = output.limits(least, most, places.METRICS)
    output.check_save(save)
    dataset = load_spans(folder)
    texts = {key: ("", text) for key, text in dataset.corpora.items()}
    with _indexed(texts, "text/markdown", show=not as_json) as (app, seconds):

        def search(query: str, depth: int) -> list[Span]:
            shown = Shown() if whole else READING
            passages = app.retriever.explained(query, LOCAL_OPERATOR, depth, shown=shown).passages
            return [Span(passage.ref.key, passage.start, passage.end) for passage in passages]

        chunks = _chunks(app, dataset.corpora)
        search(dataset.questions[0].text, 1)  # the first search opens the index
        with output.asking(show=not as_json) as on_progress:
            scores = evaluate_spans(
                search, dataset, top, limit_queries, chunks=chunks, split=split, on_progress=on_progress
            )
        settings, used = output.circumstances(app)
    run = Run(
        kind="spans",
        name=dataset.name,
        metrics=places.METRICS,
        scores={**scores.as_dict(), "index_seconds": round(seconds, 2)},
        results=scores.results,
        corpus=digest_of(dataset.corpora.items()),
        split=split,
        settings={**settings, "top": top},
        versions=used,
        made=now(),
    )
    output.conclude(run, thresholds, save, as_json=as_json)


@group.command("answers")
def answers(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="Questions as JSON or JSON lines.")] = None,
    kept: Annotated[bool, typer.Option("--kept", help="Ask the kept questions; see `eval questions`.")] = False,
    groups: GroupsOption = None,
    user: Annotated[
        str | None, typer.Option("--user", metavar="ID", help="Read as this person, with the groups of --groups.")
    ] = None,
    mode: Annotated[Mode | None, typer.Option("--mode", help="How much context is used; default: as set.")] = None,
    judge: Annotated[
        bool, typer.Option("--judge", help="Also let the model with the role `teacher` say which facts are held.")
    ] = False,
    limit_queries: LimitOption = None,
    split: SplitOption = "all",
    save: SaveOption = None,
    least: LeastOption = None,
    most: MostOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask questions of the indexed documents, and score answers, refusals, citations and what was read for them."""
    if (file is None) != kept:
        raise typer.BadParameter("name a file with questions, or ask those that are kept with --kept")
    thresholds = output.limits(least, most, (*asked.METRICS, *asked.COUNTS))
    output.check_save(save)
    with opened() as app:
        cases = _cases(app, file, _named_reader(user, groups), split, limit_queries)
        if judge and app.judge is None:
            raise ConfigurationError("no judge is configured", "give a model of [models] the role `teacher`")
        scores = _asked(app, cases, mode or app.settings.answer_mode, judge=judge, show=not as_json)
        settings, used = output.circumstances(app)
        infos = app.library.documents(LOCAL_OPERATOR)
    run = Run(
        kind="answers",
        name=file.name if file else "kept questions",
        metrics=asked.METRICS,
        scores=scores.as_dict(),
        results=scores.results,
        corpus=digest_of((info.ref.id, info.ref.version) for info in infos),
        split=split,
        settings={**settings, "answer_mode": mode or app.settings.answer_mode, "judged": judge},
        versions=used,
        made=now(),
        notes=scores.notes(),
    )
    output.conclude(run, thresholds, save, as_json=as_json)


group.command("compare")(compare)
group.command("report")(report)
group.add_typer(questions, name="questions")


def _named_reader(user: str | None, groups: str | None) -> User | None:
    """Return who is to ask every question, None where nobody is named."""
    if user is None and groups is None:
        return None
    return User(user or "command-line", frozenset(names(groups or "")))


def _cases(app: App, file: Path | None, reader: User | None, split: Split, limit: int | None) -> list[AnswerCase]:
    """Return the questions to ask; a reader that is named here goes before those that the questions name."""
    if file is None:
        cases = [each.case for each in app.question_desk.questions(LOCAL_OPERATOR)]
        if not cases:
            raise ConfigurationError("no questions are kept", "`assistant eval questions add` keeps one")
        check_names(cases, "the kept set")
    else:
        cases = load_cases(file)
    wanted = set(chosen([case.name for case in cases], split, limit))
    # another reader does not make another question of it: runs as two readers are compared question by question
    return [replace(case, id=case.name, reader=reader or case.reader) for case in cases if case.name in wanted]


def _asked(app: App, cases: list[AnswerCase], mode: Mode, *, judge: bool, show: bool) -> AnswerScores:
    answerer = app.answerer.as_given()
    with output.asking(show=show) as on_progress:
        return evaluate_answers(
            lambda question, reader: answerer.ask(Question(question, mode=mode), reader),
            cases,
            app.library,
            evaluator=LOCAL_OPERATOR,
            reader=LOCAL_OPERATOR,
            judge=app.judge if judge else None,
            on_progress=on_progress,
        )


def _chunks(app: App, corpora: Mapping[str, str]) -> list[Span]:
    """Return what the texts were cut into.

    Raises:
        ConfigurationError: a text was read as another one than the set's places point into.
    """
    found: list[Span] = []
    for key, text in corpora.items():
        document = app.library.read(KIND, key, LOCAL_OPERATOR)
        if document.text != text:
            raise ConfigurationError(
                f"the text {key!r} of the test set is not read as it stands, so that its places would be wrong",
                "store it in UTF-8 with plain line ends, and without front matter",
            )
        found += [Span(key, chunk.start, chunk.end) for chunk in app.chunker.chunk(document)]
    return found


@contextmanager
def _indexed(texts: Mapping[str, tuple[str, str]], media_type: str, *, show: bool) -> Iterator[tuple[App, float]]:
    """Index the texts in a home of their own; yields the assistant and the seconds that the indexing took."""
    with tempfile.TemporaryDirectory(prefix="assistant-eval-") as home:
        # whatever is configured, a test set never gets into the catalog or the index that people use
        settings = load_settings(home=Path(home), catalog_url="", index="edge")
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
