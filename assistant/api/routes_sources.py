"""Sources, for those who manage them."""

from __future__ import annotations

from fastapi import APIRouter

from assistant.access import parse_readers
from assistant.api.context import Context, ContextOf, UserOf, must_manage
from assistant.api.schemas import NewSource, RemovedJson, SourceChanges, SourcesJson, SourceTrial, TrialJson
from assistant.catalog import SourceRecord, keep_masked
from assistant.errors import ConfigurationError
from assistant.ingest.schedules import parse_schedule, parse_zone
from assistant.types import LOCAL_OPERATOR
from assistant.wire import SourceJson

router = APIRouter(prefix="/api", tags=["sources"])


@router.get("/sources")
def sources(context: ContextOf, user: UserOf) -> SourcesJson:
    """Return all sources, and the kinds that can be added."""
    must_manage(user)
    return SourcesJson(
        sources=[_source(context, record) for record in context.app.catalog.sources.all()],
        kinds={name: kind.config.model_json_schema() for name, kind in context.app.registry.sources.items()},
    )


@router.post("/sources", status_code=201)
def add_source(body: NewSource, context: ContextOf, user: UserOf) -> SourceJson:
    """Add a source and sync it for the first time."""
    must_manage(user)
    app = context.app
    if app.catalog.sources.find(body.name) is not None:
        raise ConfigurationError(f"there is a source {body.name!r} already", "choose another name")
    config = app.registry.validate(body.kind, body.config)
    app.registry.try_source(body.kind, config)
    readers = parse_readers(body.readers, "readers")
    _check_schedule(body.schedule, body.time_zone)
    record = app.catalog.sources.add(
        body.name,
        body.kind,
        config,
        readers.model_dump(),
        body.schedule,
        [password.get_secret_value() for password in body.passwords],
        body.time_zone,
    )
    context.queue.enqueue_sync(body.name, "api")
    return _source(context, record)


@router.post("/sources/{name}/sync", status_code=202)
def sync_source(name: str, context: ContextOf, user: UserOf, full: bool = False) -> SourceJson:
    """Ask a worker to sync the source now; `full`: to fetch everything, whatever the source says of changes."""
    must_manage(user)
    record = context.app.catalog.sources.get(name)
    context.queue.enqueue_sync(name, "api", full=full)
    return _source(context, record)


@router.post("/sources/test")
def try_new_source(body: SourceTrial, context: ContextOf, user: UserOf) -> TrialJson:
    """Try a configuration before it is added: whether the source can be reached and listed."""
    must_manage(user)
    registry = context.app.registry
    registry.try_source(body.kind, registry.validate(body.kind, body.config))
    return TrialJson(ok=True)


@router.post("/sources/{name}/test")
def try_source(name: str, context: ContextOf, user: UserOf) -> TrialJson:
    """Try whether the source can be reached and listed as it is configured."""
    must_manage(user)
    record = context.app.catalog.sources.get(name)
    context.app.registry.try_source(record.kind, dict(record.config))
    return TrialJson(ok=True)


@router.patch("/sources/{name}")
def edit_source(name: str, body: SourceChanges, context: ContextOf, user: UserOf) -> SourceJson:
    """Change what is given, leave the rest; all of it is checked before any of it holds, from the next sync on.

    A secret that is sent as its mask stays what it is.
    """
    must_manage(user)
    app = context.app
    record = app.catalog.sources.get(name)
    given = body.model_fields_set
    config = None
    if body.config is not None:
        config = app.registry.validate(record.kind, keep_masked(record.config, body.config))
        app.registry.try_source(record.kind, config)
    readers = None if body.readers is None else parse_readers(body.readers, "readers")
    schedule = body.schedule if "schedule" in given else record.schedule
    time_zone = body.time_zone or record.time_zone
    _check_schedule(schedule, time_zone)
    sources = app.catalog.sources
    if body.passwords is not None:  # first: a mask for which no password is stored is refused here
        passwords = [password.get_secret_value() for password in body.passwords]
        sources.set_passwords(name, keep_masked(record.stored_passwords, passwords))
    if config is not None and config != dict(record.config):
        sources.set_config(name, config)
    if readers is not None:
        sources.set_readers(name, readers.model_dump())
    if (schedule, time_zone) != (record.schedule, record.time_zone):
        sources.set_schedule(name, schedule, time_zone)
    return _source(context, sources.get(name))


@router.post("/sources/{name}/pause")
def pause_source(name: str, context: ContextOf, user: UserOf) -> SourceJson:
    """Stop the source's schedule; its documents stay."""
    must_manage(user)
    context.app.catalog.sources.set_state(name, "paused")
    return _source(context, context.app.catalog.sources.get(name))


@router.post("/sources/{name}/resume")
def resume_source(name: str, context: ContextOf, user: UserOf) -> SourceJson:
    """Start the source's schedule again."""
    must_manage(user)
    context.app.catalog.sources.set_state(name, "active")
    return _source(context, context.app.catalog.sources.get(name))


@router.delete("/sources/{name}")
def remove_source(name: str, context: ContextOf, user: UserOf) -> RemovedJson:
    """Remove the source with everything that came from it."""
    must_manage(user)
    return RemovedJson(removed=context.app.ingestor.remove(name))


def _check_schedule(schedule: str | None, time_zone: str) -> None:
    parse_zone(time_zone)
    if schedule is not None:
        parse_schedule(schedule, time_zone)


def _source(context: Context, record: SourceRecord) -> SourceJson:
    documents, _ = context.app.catalog.documents.count(LOCAL_OPERATOR, [record.name])
    return SourceJson.of(record, documents)
