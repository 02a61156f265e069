"""Runs of sources, and what they could not index: tried again, or left to rest."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import BaseModel

from assistant.cli.output import (
    JsonOption,
    SourceOption,
    opened,
    out,
    print_json,
    print_report,
    print_table,
    progress_bar,
    when,
)
from assistant.cli.wording import counted, outcome
from assistant.errors import NotFoundError
from assistant.wire import OpenFailureJson, ReportJson, RunJson

group = typer.Typer(help="What the syncs did.", no_args_is_help=True)
failures = typer.Typer(help="Documents that could not be indexed.", no_args_is_help=True)

RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]
NameArgument = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's name.")]
KeysArgument = Annotated[
    list[str] | None, typer.Argument(metavar="[KEY]…", help="Of failed documents; default: all of the source's.")
]


class RunListJson(BaseModel):
    """The newest runs."""

    runs: list[RunJson]


class FailureListJson(BaseModel):
    """What could not be indexed so far."""

    failures: list[OpenFailureJson]


@group.command("list")
def list_runs(source: SourceOption = None, as_json: JsonOption = False) -> None:
    """List the newest runs, newest first."""
    with opened() as app:
        found = [RunJson.of(run) for run in app.catalog.runs.newest(source)]
    if as_json:
        print_json(RunListJson(runs=found))
        return
    rows = ((r.id, r.source, r.trigger, r.state, when(r.started_at), r.error or outcome(r.documents)) for r in found)
    print_table(("run", "source", "by", "state", "started", "documents"), rows, "No runs yet.")


@group.command("show")
def show_run(run_id: RunArgument) -> None:
    """Print one run with its failures as JSON."""
    with opened() as app:
        print_json(RunJson.of(app.catalog.runs.get(run_id), app.catalog.runs.failures(run_id)))


@group.command("cancel")
def cancel_run(run_id: RunArgument) -> None:
    """End a run after the documents it is at; the next sync does what is left."""
    with opened() as app:
        runs = app.catalog.runs
        if runs.get(run_id).state != "running":
            out.print(f"the run {run_id} has ended already", markup=False)
            return
        runs.cancel(run_id)
        runs.finish_if_complete(run_id)
        state = runs.get(run_id).state
    ended = "is cancelled" if state != "running" else "ends after the documents it is at"
    out.print(f"the run {run_id} {ended}; the next sync does what is left", markup=False)


@failures.command("list")
def list_failures(source: SourceOption = None, as_json: JsonOption = False) -> None:
    """List what could not be indexed so far, and when it is tried again."""
    with opened() as app:
        if source is not None:
            app.catalog.sources.get(source)
        found = [OpenFailureJson.of(job) for job in app.catalog.jobs.failed(source)]
    if as_json:
        print_json(FailureListJson(failures=found))
        return
    if not found:
        out.print("nothing has failed", markup=False)
        return
    print_table(
        ("source", "document", "tries", "again", "why"),
        ((f.source, f.key, f.attempts, _again(f), f.error.removeprefix(f"{f.key}: ")) for f in found),
    )


@failures.command("retry")
def retry(source: NameArgument, keys: KeysArgument = None, as_json: JsonOption = False) -> None:
    """Try failed documents of a source again, now."""
    with opened() as app, progress_bar(show=not as_json) as on_progress:
        report = app.ingestor.complete(app.ingestor.runs.retry(source, keys or None, "cli"), on_progress)
    if as_json:
        print_json(ReportJson.of(report))
        return
    print_report(report)


@failures.command("ignore")
def ignore(source: NameArgument, keys: KeysArgument = None) -> None:
    """Let failed documents of a source rest, uncounted, until their content changes."""
    with opened() as app:
        app.catalog.sources.get(source)
        count = app.catalog.jobs.ignore(source, keys or None)
    if not count:
        raise NotFoundError(f"nothing that was named has failed in the source {source!r}", "`assistant failures list`")
    out.print(
        f"{counted(count, 'document')} of {source} rest now; `assistant failures retry {source}` tries them",
        markup=False,
    )


def _again(failure: OpenFailureJson) -> str:
    if failure.ignored:
        return "ignored"
    return when(failure.next_try) or "when it changes"
