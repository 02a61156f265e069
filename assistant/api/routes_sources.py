"""Sources and their runs, for those who manage them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from assistant.access import parse_readers
from assistant.api.context import Context, ContextOf, UserOf
from assistant.api.schemas import NewSource, RemovedJson, RunsJson, SourcesJson
from assistant.catalog import SourceRecord
from assistant.errors import AccessDeniedError, ConfigurationError
from assistant.ingest.schedules import parse_schedule
from assistant.types import LOCAL_OPERATOR, User
from assistant.wire import RunJson, SourceJson

router = APIRouter(prefix="/api", tags=["sources"])


@router.get("/sources")
def sources(context: ContextOf, user: UserOf) -> SourcesJson:
    """Return all sources, and the kinds that can be added."""
    _must_manage(user)
    return SourcesJson(
        sources=[_source(context, record) for record in context.app.catalog.sources.all()],
        kinds={name: kind.config.model_json_schema() for name, kind in context.app.registry.sources.items()},
    )


@router.post("/sources", status_code=201)
def add_source(body: NewSource, context: ContextOf, user: UserOf) -> SourceJson:
    """Add a source and sync it for the first time."""
    _must_manage(user)
    app = context.app
    if app.catalog.sources.find(body.name) is not None:
        raise ConfigurationError(f"there is a source {body.name!r} already", "choose another name")
    config = app.registry.validate(body.kind, body.config)
    app.registry.try_source(body.kind, config)
    readers = parse_readers(body.readers, "readers")
    if body.schedule is not None:
        parse_schedule(body.schedule)
    record = app.catalog.sources.add(
        body.name,
        body.kind,
        config,
        readers.model_dump(),
        body.schedule,
        [password.get_secret_value() for password in body.passwords],
    )
    context.queue.enqueue_sync(body.name, "api")
    return _source(context, record)


@router.post("/sources/{name}/sync", status_code=202)
def sync_source(name: str, context: ContextOf, user: UserOf) -> SourceJson:
    """Ask a worker to sync the source now."""
    _must_manage(user)
    record = context.app.catalog.sources.get(name)
    context.queue.enqueue_sync(name, "api")
    return _source(context, record)


@router.post("/sources/{name}/pause")
def pause_source(name: str, context: ContextOf, user: UserOf) -> SourceJson:
    """Stop the source's schedule; its documents stay."""
    _must_manage(user)
    context.app.catalog.sources.set_state(name, "paused")
    return _source(context, context.app.catalog.sources.get(name))


@router.post("/sources/{name}/resume")
def resume_source(name: str, context: ContextOf, user: UserOf) -> SourceJson:
    """Start the source's schedule again."""
    _must_manage(user)
    context.app.catalog.sources.set_state(name, "active")
    return _source(context, context.app.catalog.sources.get(name))


@router.delete("/sources/{name}")
def remove_source(name: str, context: ContextOf, user: UserOf) -> RemovedJson:
    """Remove the source with everything that came from it."""
    _must_manage(user)
    return RemovedJson(removed=context.app.ingestor.remove(name))


@router.get("/runs")
def runs(
    context: ContextOf,
    user: UserOf,
    source: Annotated[str | None, Query(description="Only this source's.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> RunsJson:
    """Return the newest runs, newest first."""
    _must_manage(user)
    return RunsJson(runs=[RunJson.of(run) for run in context.app.catalog.runs.newest(source, limit)])


@router.get("/runs/{run_id}")
def run(run_id: str, context: ContextOf, user: UserOf) -> RunJson:
    """Return one run with its failures."""
    _must_manage(user)
    catalog = context.app.catalog
    return RunJson.of(catalog.runs.get(run_id), catalog.runs.failures(run_id))


def _source(context: Context, record: SourceRecord) -> SourceJson:
    documents, _ = context.app.catalog.documents.count(LOCAL_OPERATOR, [record.name])
    return SourceJson.of(record, documents)


def _must_manage(user: User) -> None:
    if user.role not in {"admin", "operator"}:
        raise AccessDeniedError("only admins manage sources", "ask an admin")
