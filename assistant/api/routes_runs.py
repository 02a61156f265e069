"""Runs of sources and what they could not index, for those who manage sources."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from assistant.api.context import ContextOf, UserOf, must_manage
from assistant.api.events import event, event_stream
from assistant.api.schemas import ChangedJson, FailedKeys, FailuresJson, RunsJson
from assistant.app import App
from assistant.wire import OpenFailureJson, RunJson

router = APIRouter(prefix="/api", tags=["runs"])
_LOOK_SECONDS = 0.5
_ALIVE_SECONDS = 15.0  # proxies close a connection on which nothing is said
_STREAM = {200: {"description": "Events `run`: a RunJson at each change.", "content": {"text/event-stream": {}}}}


@router.get("/runs")
def runs(
    context: ContextOf,
    user: UserOf,
    source: Annotated[str | None, Query(description="Only this source's.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> RunsJson:
    """Return the newest runs, newest first."""
    must_manage(user)
    return RunsJson(runs=[RunJson.of(run) for run in context.app.catalog.runs.newest(source, limit)])


@router.get("/runs/{run_id}")
def run(run_id: str, context: ContextOf, user: UserOf) -> RunJson:
    """Return one run with its failures."""
    must_manage(user)
    catalog = context.app.catalog
    return RunJson.of(catalog.runs.get(run_id), catalog.runs.failures(run_id))


@router.get("/runs/{run_id}/events", response_class=StreamingResponse, responses=_STREAM)  # type: ignore[arg-type]
def run_events(run_id: str, context: ContextOf, user: UserOf) -> StreamingResponse:
    """Follow a run: its record now and at each change, until it is closed."""
    must_manage(user)
    context.app.catalog.runs.get(run_id)
    return event_stream(_follow(context.app, run_id))


@router.post("/runs/{run_id}/cancel")
def cancel_run(run_id: str, context: ContextOf, user: UserOf) -> RunJson:
    """End a run after the documents it is at; the next sync does what is left."""
    must_manage(user)
    runs = context.app.catalog.runs
    runs.get(run_id)
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
    must_manage(user)
    jobs = context.app.catalog.jobs
    return FailuresJson(
        failures=[OpenFailureJson.of(job) for job in jobs.failed(source, limit)], count=jobs.count("failed", source)
    )


@router.post("/failures/retry", status_code=202)
def retry_failures(body: FailedKeys, context: ContextOf, user: UserOf) -> RunJson:
    """Try failed documents of a source again, now."""
    must_manage(user)
    run_id = context.app.ingestor.runs.retry(body.source, body.keys, "api")
    context.queue.enqueue_work()
    return RunJson.of(context.app.catalog.runs.get(run_id))


@router.post("/failures/ignore")
def ignore_failures(body: FailedKeys, context: ContextOf, user: UserOf) -> ChangedJson:
    """Let failed documents of a source rest, uncounted, until their content changes."""
    must_manage(user)
    catalog = context.app.catalog
    catalog.sources.get(body.source)
    return ChangedJson(changed=catalog.jobs.ignore(body.source, body.keys))


def _follow(app: App, run_id: str) -> Iterator[str]:
    shown, said_at = None, 0.0
    while True:
        run = app.catalog.runs.get(run_id)
        if run != shown:
            shown, said_at = run, time.monotonic()
            yield event("run", RunJson.of(run).model_dump())
        elif time.monotonic() - said_at > _ALIVE_SECONDS:
            said_at = time.monotonic()
            yield ": still at work\n\n"
        if run.state != "running":
            return
        time.sleep(_LOOK_SECONDS)
