"""The main job: `ingest`, `search`, `ask`, and `documents`."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import BaseModel, TypeAdapter, ValidationError

from assistant.access import ReadersRule, load_readers
from assistant.app import App
from assistant.audit import note
from assistant.cli.audited import note_question
from assistant.cli.calls import print_uses, who_decides
from assistant.cli.output import (
    GroupsOption,
    JsonOption,
    SourceOption,
    err,
    opened,
    out,
    print_json,
    print_report,
    print_table,
    progress_bar,
    reader,
    readers_named,
)
from assistant.cli.searching import (
    AfterOption,
    BeforeOption,
    LanguagesOption,
    PathsOption,
    SourcesOption,
    TypesOption,
    filters_of,
    print_passage,
    print_trace,
)
from assistant.cli.wording import escaped
from assistant.errors import ConfigurationError, NotFoundError
from assistant.parsing.media_types import short_type
from assistant.retrieval import Shown
from assistant.types import LOCAL_OPERATOR, Answer, Citation, Message, Mode, Question, document_id
from assistant.wire import AnswerJson, ListedDocumentJson, ReportJson, SearchJson

group = typer.Typer(help="Look at indexed documents.", no_args_is_help=True)

NOTHING_YET = "No documents are indexed yet: `assistant ingest FOLDER` indexes a folder."

ModeOption = Annotated[
    Mode | None,
    typer.Option("--mode", help="Answer from passages, whole documents, or everything; auto decides."),
]


class _Turn(BaseModel):
    role: Literal["user", "assistant"]
    content: str


class DocumentListJson(BaseModel):
    """The documents that the reader may read."""

    documents: list[ListedDocumentJson]


def ingest(
    path: Annotated[str, typer.Argument(help="The folder to index.")],
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="Name of the source; default: the folder's name.")
    ] = None,
    readers: Annotated[
        str | None,
        typer.Option("--readers", metavar="GROUP,…", help="Groups that may read all of it; default: everyone."),
    ] = None,
    acl: Annotated[
        Path | None, typer.Option("--acl", metavar="FILE", help="JSON that maps globs of keys to groups.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Index a folder now: new and changed files are read, deleted ones are forgotten."""
    if readers is not None and acl is not None:
        raise typer.BadParameter("--readers and --acl exclude each other")
    if not path.strip():
        raise typer.BadParameter("the path is empty; name a folder, `.` for the one that you are in")
    rule = _rule(readers, acl)
    folder = _folder(path)
    name = (folder.name or "root") if source is None else source
    with opened() as app:
        _add_or_check_source(app, name, folder, rule)
        with progress_bar(show=not as_json) as on_progress:
            report = app.ingestor.sync(name, "cli", on_progress)
        held, _ = app.library.count(LOCAL_OPERATOR, [name])
    if as_json:
        print_json(ReportJson.of(report))
    else:
        print_report(report)
    if held == 0 and report.deleted == 0:
        why = "the reasons are listed" if report.failures else "there are no files in it but hidden ones"
        sys.stderr.write(f"error: no document of {escaped(str(folder))} could be indexed ({why})\n")
        raise typer.Exit(1)


def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    limit: Annotated[int | None, typer.Option("--limit", min=1, max=1000, help="At most so many hits.")] = None,
    sources: SourcesOption = None,
    types: TypesOption = None,
    paths: PathsOption = None,
    languages: LanguagesOption = None,
    after: AfterOption = None,
    before: BeforeOption = None,
    focus: Annotated[bool, typer.Option("--focus", help="Only the sentences that speak of the question.")] = False,
    context: Annotated[
        int, typer.Option("--context", min=0, max=20_000, metavar="N", help="Show N characters around what was found.")
    ] = 0,
    explain: Annotated[bool, typer.Option("--explain", help="Say what each stage of the search did.")] = False,
    groups: GroupsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find passages."""
    if not query.strip():
        raise ConfigurationError("the query is empty", "say what to look for")
    with opened() as app:
        filters = filters_of(app, sources, types, paths, languages, after, before)
        note_question(app, query)
        retriever = app.retriever  # loading the model is no part of the search's time
        started = time.perf_counter()
        shown = Shown(focused=focus, context=context)
        found = retriever.explained(query, reader(groups), limit or app.settings.search_limit, filters, shown)
        seconds = time.perf_counter() - started
        note(passage.ref.id for passage in found.passages)
        is_empty = not found.passages and _is_empty(app)
    if as_json:
        print_json(SearchJson.of(found.passages, seconds, found.trace if explain else None))
        return
    for rank, passage in enumerate(found.passages, 1):
        print_passage(rank, passage, whole=bool(context))
    if explain:
        print_trace(found.trace)
    if not found.passages:
        out.print("Nothing found." + (f" {NOTHING_YET}" if is_empty else ""))


def ask(
    question: Annotated[str, typer.Argument(help="The question, in your own words.")],
    mode: ModeOption = None,
    budget: Annotated[int | None, typer.Option("--budget", min=1, metavar="N", help="Tokens of context.")] = None,
    sources: SourcesOption = None,
    types: TypesOption = None,
    paths: PathsOption = None,
    languages: LanguagesOption = None,
    after: AfterOption = None,
    before: BeforeOption = None,
    model: Annotated[
        str,
        typer.Option("--model", metavar="NAME", help="The model that is to answer; default: the cheapest that can."),
    ] = "",
    groups: GroupsOption = None,
    history: Annotated[
        Path | None, typer.Option("--history", metavar="FILE", help='JSON: [{"role", "content"}, …], oldest first.')
    ] = None,
    attach: Annotated[
        list[Path] | None,
        typer.Option("--attach", metavar="FILE", help="A picture that belongs to the question; may be repeated."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question, with every statement cited."""
    turns, files = _history(history), _files(attach or ())
    with opened() as app:
        note_question(app, question)
        asked = Question(
            question,
            mode=mode or app.settings.answer_mode,
            budget=budget,
            filters=filters_of(app, sources, types, paths, languages, after, before),
            model=model,
            attachments=app.attachments.take(files),
            history=turns,
        )
        answer = app.answerer.ask(asked, reader(groups), decide=who_decides(as_json=as_json))
        is_empty = not answer.citations and _is_empty(app)
    if as_json:
        print_json(AnswerJson.of(answer))
        return
    _print_answer(answer)
    if is_empty:
        err.print(NOTHING_YET, style="dim", markup=False, soft_wrap=True)


@group.command("list")
def list_documents(source: SourceOption = None, groups: GroupsOption = None, as_json: JsonOption = False) -> None:
    """List the indexed documents."""
    with opened() as app:
        if source is not None:
            app.catalog.sources.get(source)
        found = app.library.documents(reader(groups), None if source is None else [source])
    if as_json:
        print_json(DocumentListJson(documents=[ListedDocumentJson.listed(info) for info in found]))
        return
    print_table(
        ("source", "key", "title", "type", "pages", "chunks"),
        ((i.ref.source, i.ref.key, i.ref.title, short_type(i.ref.media_type), i.pages or "", i.chunks) for i in found),
        NOTHING_YET if groups is None and source is None else "No documents.",
    )


@group.command("text")
def text(
    source: Annotated[str, typer.Argument(help="The source's name.")],
    key: Annotated[str, typer.Argument(help="The document's path within the source.")],
    groups: GroupsOption = None,
) -> None:
    """Print a document's extracted text."""
    with opened() as app:
        note([document_id(source, key)])
        try:
            document = app.library.read(source, key, reader(groups))
        except NotFoundError as error:
            job = app.catalog.jobs.of_source(source).get(key) if groups is None else None
            if job is None or job.failure is None:
                raise
            raise NotFoundError(
                f"the document {key!r} of {source!r} could not be indexed: {job.failure.error}"
            ) from error
    sys.stdout.write(document.text)
    if not document.text.endswith("\n"):
        sys.stdout.write("\n")


def _files(paths: Sequence[Path]) -> list[tuple[str, bytes]]:
    """Return the names and bytes of files. Raises typer.BadParameter."""
    try:
        return [(path.name, path.read_bytes()) for path in paths]
    except OSError as error:
        raise typer.BadParameter(f"{error.filename}: {error.strerror}", param_hint="--attach") from error


def _rule(readers: str | None, acl: Path | None) -> ReadersRule | None:
    if acl is not None:
        return load_readers(acl)
    return None if readers is None else ReadersRule(default=readers_named(readers))


def _folder(path: str) -> Path:
    folder = Path(os.path.abspath(Path(path).expanduser()))  # noqa: PTH100 - without `..`, and links as they were named
    if folder.is_dir():
        return folder
    if folder.exists():
        raise ConfigurationError(f"{path} is not a folder", "give the folder that holds it: all of it is indexed")
    raise ConfigurationError(f"the folder {path} does not exist", "check the path")


def _is_empty(app: App) -> bool:
    documents, _ = app.library.count(LOCAL_OPERATOR)
    return documents == 0


def _add_or_check_source(app: App, name: str, folder: Path, rule: ReadersRule | None) -> None:
    """Add the source, or see that it is this folder's; without a new rule, it keeps the readers it has."""
    known = app.catalog.sources.find(name)
    if known is None:
        config = {"path": str(folder), "max_bytes": app.settings.max_document_bytes}
        app.catalog.sources.add(name, "folder", config, (rule or ReadersRule()).model_dump(mode="json"))
        return
    if known.kind != "folder" or known.config.get("path") != str(folder):
        raise ConfigurationError(
            f"the source {name!r} is {known.kind} {known.config.get('path', '')} already, not {folder}",
            "choose another name with --source, or remove it with `assistant sources remove`",
        )
    if rule is not None:
        app.catalog.sources.set_readers(name, rule.model_dump(mode="json"))


def _history(path: Path | None) -> list[Message]:
    if path is None:
        return []
    try:
        turns = TypeAdapter(list[_Turn]).validate_python(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigurationError(f"the history {path} cannot be read: {error.strerror}", "check the path") from error
    except (ValueError, ValidationError) as error:
        first = str(error).splitlines()[0]
        raise ConfigurationError(
            f"the history {path} is not a list of turns: {first}", 'expected [{"role": "user", "content": "…"}]'
        ) from error
    return [Message(turn.role, turn.content) for turn in turns]


def _print_answer(answer: Answer) -> None:
    out.print(answer.text, markup=False)
    if answer.citations:
        out.print()
    for citation in answer.citations:
        out.print(escaped(_citation_line(citation)), markup=False)
    print_uses(answer.tools)
    for said in answer.notes:
        err.print(f"\nNote: {escaped(said)}", style="yellow", markup=False, soft_wrap=True)
    by = f"{answer.model}; " if answer.model else ""
    asked = f"answered as: {escaped(answer.question)}; " if answer.question else ""
    err.print(f"\n{asked}{by}{answer.plan.reason}", style="dim", markup=False, soft_wrap=True)


def _citation_line(citation: Citation) -> str:
    passage = citation.passage
    page = f", page {passage.page}" if passage.page else ""
    named = f"[{citation.number}] {passage.ref.title}"
    if citation.kind == "attachment":
        return f"{named} (attached to the question; seen, not read)"
    if citation.kind != "text" and not citation.quote:
        what = "the page's image" if citation.kind == "page" else f"picture {passage.pictures[0]}"
        return f"{named} ({passage.ref.source}: {passage.ref.key}{page}, {what}; seen, not read)"
    mark = "" if citation.verified else " (not verified)"
    return f"{named} ({passage.ref.source}: {passage.ref.key}{page}, characters {passage.start}-{passage.end}){mark}"
