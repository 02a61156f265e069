"""Sources, for those who manage them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from fastapi import APIRouter

from assistant.access import parse_readers
from assistant.api.context import Context, ContextOf, ask_for_sync, ask_for_work, must_look_after, must_manage
from assistant.api.schemas import NewSource, SourceChanges, SourcesJson, SourceTrial, TrialJson
from assistant.api.signed_in import UserOf
from assistant.catalog import SourceRecord
from assistant.errors import ConfigurationError
from assistant.ingest.editing import Changes, addable_kinds, check_kind, check_schedule
from assistant.ingest.editing import edit_source as edit
from assistant.registry import refuse_home
from assistant.types import LOCAL_OPERATOR
from assistant.wire import SourceJson

router = APIRouter(prefix="/api", tags=["sources"])


@router.get("/sources")
def sources(context: ContextOf, user: UserOf) -> SourcesJson:
    """Return the sources that the caller looks after, and the kinds that the caller may add."""
    records = [record for record in context.app.catalog.sources.all() if user.looks_after(record.name)]
    kinds = addable_kinds(context.app.registry) if user.manages else {}
    return SourcesJson(
        sources=[_source(context, record) for record in records],
        kinds={name: kind.schema() for name, kind in kinds.items()},
    )


@router.post("/sources", status_code=201)
def add_source(body: NewSource, context: ContextOf, user: UserOf) -> SourceJson:
    """Add a source and sync it for the first time."""
    must_manage(user)
    app = context.app
    if app.catalog.sources.find(body.name) is not None:
        raise ConfigurationError(f"there is a source {body.name!r} already", "choose another name")
    check_kind(body.kind)
    refuse_home(body.config, app.settings.home, user)
    config = app.registry.validate(body.kind, body.config)
    app.registry.try_source(body.kind, config)
    readers = parse_readers(body.readers, "readers")
    check_schedule(body.schedule, body.time_zone)
    app.catalog.sources.add(
        body.name,
        body.kind,
        config,
        readers.model_dump(),
        body.schedule,
        [password.get_secret_value() for password in body.passwords],
        body.time_zone,
    )
    app.catalog.sources.ask(body.name)
    ask_for_sync(context, body.name, "api", asked=True)
    return _source(context, app.catalog.sources.get(body.name))


@router.post("/sources/{name}/sync", status_code=202)
def sync_source(name: str, context: ContextOf, user: UserOf, full: bool = False) -> SourceJson:
    """Ask a worker to sync the source now; `full`: to fetch everything, whatever the source says of changes."""
    must_look_after(user, name)
    context.app.catalog.sources.ask(name, full=full)
    ask_for_sync(context, name, "api", full=full, asked=True)
    return _source(context, context.app.catalog.sources.get(name))


@router.post("/sources/test")
def try_new_source(body: SourceTrial, context: ContextOf, user: UserOf) -> TrialJson:
    """Try a configuration before it is added: whether the source can be reached and listed."""
    must_manage(user)
    refuse_home(body.config, context.app.settings.home, user)
    registry = context.app.registry
    return TrialJson(ok=True, found=registry.try_source(body.kind, registry.validate(body.kind, body.config)))


@router.post("/sources/{name}/test")
def try_source(name: str, context: ContextOf, user: UserOf) -> TrialJson:
    """Try whether the source can be reached and listed as it is configured."""
    must_look_after(user, name)
    record = context.app.catalog.sources.get(name)
    return TrialJson(ok=True, found=context.app.registry.try_source(record.kind, dict(record.config)))


@router.patch("/sources/{name}")
def edit_source(name: str, body: SourceChanges, context: ContextOf, user: UserOf) -> SourceJson:
    """Change what is given, leave the rest; all of it is checked before any of it holds, from the next sync on.

    A secret that is sent as its mask stays what it is.
    """
    must_manage(user)
    app = context.app
    refuse_home(body.config, app.settings.home, user)
    changes: dict[str, Any] = {field: getattr(body, field) for field in body.model_fields_set}
    for field in ("config", "readers", "time_zone", "passwords"):  # null says as little as leaving them out
        if changes.get(field, ...) is None:
            del changes[field]
    if "passwords" in changes:
        changes["passwords"] = [password.get_secret_value() for password in changes["passwords"]]
    record = edit(app.catalog, app.registry, name, cast(Changes, changes))
    if "readers" in changes:  # what they take away is gone; what they give comes with a sync
        app.catalog.sources.ask(name)
        ask_for_sync(context, name, "api", asked=True)
    return _source(context, record)


@router.post("/sources/{name}/pause")
def pause_source(name: str, context: ContextOf, user: UserOf) -> SourceJson:
    """Stop the source's schedule; its documents stay."""
    must_look_after(user, name)
    context.app.catalog.sources.set_state(name, "paused")
    return _source(context, context.app.catalog.sources.get(name))


@router.post("/sources/{name}/resume")
def resume_source(name: str, context: ContextOf, user: UserOf) -> SourceJson:
    """Start the source's schedule again."""
    must_look_after(user, name)
    context.app.catalog.sources.set_state(name, "active")
    return _source(context, context.app.catalog.sources.get(name))


@router.delete("/sources/{name}", status_code=202)
def remove_source(name: str, context: ContextOf, user: UserOf) -> SourceJson:
    """Ask workers to remove the source with everything that came from it: it is listed as `removing` until it is gone.

    A sync that is at work on it is cancelled.
    """
    must_manage(user)
    record = context.app.catalog.sources.get(name)
    context.app.ingestor.removals.ask(name)
    ask_for_work(context)
    return _source(context, replace(record, state="removing"))


def _source(context: Context, record: SourceRecord) -> SourceJson:
    documents, _ = context.app.catalog.documents.count(LOCAL_OPERATOR, [record.name])
    return SourceJson.of(record, documents)
