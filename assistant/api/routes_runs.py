"""Runs of sources and what they could not index, for those who manage sources."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from assistant.api.context import Context, ContextOf, ask_for_work, must_look_after
from assistant.api.events import event, event_stream
from assistant.api.schemas import ChangedJson, FailedKeys, FailuresJson, RunsJson
from assistant.api.signed_in import StillOf, UserOf
from assistant.app import App
from assistant.audit import note
from assistant.catalog import RunRecord
from assistant.catalog.records import RunState, WantedRuns
from assistant.errors import NotFoundError
from assistant.types import User
from assistant.wire import OpenFailureJson, RunJson

router = APIRouter(prefix="/api", tags=["runs"])
_LOOK_SECONDS = 0.5
_STREAM = {200: {"description": "Events `run`: a RunJson at each change.", "content": {"text/event-stream": {}}}}


@router.get("/runs")
def runs(
    context: ContextOf,
    user: UserOf,
    source: Annotated[str | None, Query(description="Only this source's.")] = None,
    state: Annotated[list[RunState] | None, Query(description="Only those in one of these states.")] = None,
    since: Annotated[float | None, Query(description="Begun then or later, in seconds since the epoch.")] = None,
    until: Annotated[float | None, Query(description="Begun before that.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> RunsJson:
    """Return a stretch of the runs, newest first."""
    within = [one for one in _within(user, source) if one is not None]
    sources = None if source is None and user.manages else tuple(within)
    found, total = context.app.catalog.runs.page(WantedRuns(sources, tuple(state or ()), since, until), limit, offset)
    return RunsJson(runs=[RunJson.of(run) for run in found], total=total)


@router.get("/runs/{run_id}")
def run(
    run_id: str,
    context: ContextOf,
    user: UserOf,
    failures: Annotated[bool, Query(description="With what could not be indexed; false: only how many.")] = True,
) -> RunJson:
    """Return one run with its failures."""
    found = _run(context, user, run_id)
    return RunJson.of(found, context.app.catalog.runs.failures(run_id) if failures else None)


@router.get("/runs/{run_id}/events", response_class=StreamingResponse, responses=_STREAM)  # type: ignore[arg-type]
def run_events(run_id: str, context: ContextOf, user: UserOf, still: StillOf) -> StreamingResponse:
    """Follow a run: its record now and at each change, until it is closed."""
    _run(context, user, run_id)
    return event_stream(_follow(context.app, run_id), still=still, resumes=True)


@router.post("/runs/{run_id}/cancel")
def cancel_run(run_id: str, context: ContextOf, user: UserOf) -> RunJson:
    """End a run after the documents it is at; the next sync does what is left."""
    runs = context.app.catalog.runs
    _run(context, user, run_id)
    runs.cancel(run_id)
    runs.finish_if_complete(run_id)
    return RunJson.of(runs.get(run_id))


@router.get("/failures")
def failures(
    context: ContextOf,
    user: UserOf,
    source: Annotated[str | None, Query(description="Only this source's.")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
) -> FailuresJson:
    """Return what could not be indexed so far, and when it is tried again."""
    jobs, within = context.app.catalog.jobs, _within(user, source)
    found = [job for one in within for job in jobs.failed(one, limit)][:limit]
    return FailuresJson(
        failures=[OpenFailureJson.of(job) for job in found], count=sum(jobs.count("failed", one) for one in within)
    )


@router.post("/failures/retry", status_code=202)
def retry_failures(body: FailedKeys, context: ContextOf, user: UserOf) -> RunJson:
    """Try failed documents of a source again, now."""
    must_look_after(user, body.source)
    note(source=body.source, keys=body.keys)
    run_id = context.app.ingestor.runs.retry(body.source, body.keys, "api")
    ask_for_work(context)
    return RunJson.of(context.app.catalog.runs.get(run_id))


@router.post("/failures/ignore")
def ignore_failures(body: FailedKeys, context: ContextOf, user: UserOf) -> ChangedJson:
    """Let failed documents of a source rest, uncounted, until their content changes."""
    must_look_after(user, body.source)
    catalog = context.app.catalog
    note(source=body.source, keys=body.keys)
    catalog.sources.get(body.source)
    return ChangedJson(changed=catalog.jobs.ignore(body.source, body.keys))


def _within(user: User, source: str | None) -> list[str | None]:
    """Return the sources to look at, None for all. Raises NotFoundError for one that the user does not look after."""
    if source is not None:
        must_look_after(user, source)
        return [source]
    if user.manages:
        return [None]
    return [*sorted(user.curates)]


def _run(context: Context, user: User, run_id: str) -> RunRecord:
    run = context.app.catalog.runs.get(run_id)
    if not user.looks_after(run.source):
        raise NotFoundError(f"there is no run {run_id!r} of a source that you look after", "see GET /api/runs")
    return run


def _follow(app: App, run_id: str) -> Iterator[str]:
    shown = None
    while True:
        run = app.catalog.runs.get(run_id)
        if run != shown:
            shown = run
            yield event("run", RunJson.of(run).model_dump())
        if run.state != "running":
            return
        time.sleep(_LOOK_SECONDS)
