"""Sources, for those who manage them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any, cast

from fastapi import APIRouter, Query

from assistant.access import ReadersRule, parse_readers
from assistant.access.subjects import must_be_told
from assistant.api.context import Context, ContextOf, ask_for_sync, ask_for_work, must_look_after, must_manage
from assistant.api.schemas import (
    NewSource,
    SampledJson,
    ScheduleJson,
    SourceChanges,
    SourceRetrial,
    SourcesJson,
    SourceTrial,
    TrialJson,
)
from assistant.api.signed_in import UserOf
from assistant.app import App
from assistant.audit import note
from assistant.catalog import SourceRecord
from assistant.catalog.overviews import documents_by_source, last_successes
from assistant.errors import ConfigurationError
from assistant.ingest.editing import (
    Changes,
    addable_kinds,
    check_kind,
    check_schedule,
    checked_config,
    may_configure,
)
from assistant.ingest.editing import edit_source as edit
from assistant.ingest.resuming import broken_off
from assistant.ingest.schedules import parse_schedule
from assistant.registry import Places
from assistant.registry.sampling import Trial
from assistant.wire import SourceJson
from assistant.wire.documents import AccessJson

router = APIRouter(prefix="/api", tags=["sources"])


@router.get("/sources")
def sources(
    context: ContextOf,
    user: UserOf,
    with_kinds: Annotated[bool, Query(description="Whether to return the kinds as well.")] = True,
) -> SourcesJson:
    """Return the sources that the caller looks after, and the kinds that the caller may add."""
    records = [record for record in context.app.catalog.sources.all() if user.looks_after(record.name)]
    kinds = addable_kinds(context.app.registry) if user.manages and with_kinds else {}
    return SourcesJson(
        sources=_sources(context, records),
        kinds={name: kind.schema() for name, kind in kinds.items()},
    )


@router.get("/schedules/next")
def next_times(
    schedule: Annotated[str, Query(max_length=200, description="`every 15m`, or five cron fields.")],
    time_zone: Annotated[str, Query(max_length=100, description="Of the cron fields.")] = "UTC",
    count: Annotated[int, Query(ge=1, le=10)] = 3,
) -> ScheduleJson:
    """Return when a schedule would be due next, counted from now."""
    parsed, moment, times = parse_schedule(schedule, time_zone), time.time(), []
    for _ in range(count):
        moment = parsed.next_after(moment)
        times.append(moment)
    return ScheduleJson(next=times)


@router.post("/sources", status_code=201)
def add_source(body: NewSource, context: ContextOf, user: UserOf) -> SourceJson:
    """Add a source and sync it for the first time."""
    must_manage(user)
    app = context.app
    note(name=body.name, kind=body.kind, readers=body.readers)
    if app.catalog.sources.find(body.name) is not None:
        raise ConfigurationError(f"there is a source {body.name!r} already", "choose another name")
    check_kind(body.kind)
    may_configure(app.registry, body.kind, body.config, _places(app), user)
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
    check_kind(body.kind)
    registry = context.app.registry
    may_configure(registry, body.kind, body.config, _places(context.app), user)
    rule = parse_readers(body.readers, "readers")
    return _trial(registry.sample_source(body.kind, registry.validate(body.kind, body.config), body.sample), rule)


@router.post("/sources/{name}/test")
def try_source(name: str, context: ContextOf, user: UserOf, body: SourceRetrial | None = None) -> TrialJson:
    """Try whether the source can be reached and listed as it is configured, or as an admin would configure it.

    A secret that is sent as its mask is the stored one.
    """
    must_look_after(user, name)
    app, wanted = context.app, body or SourceRetrial()  # type: ignore[call-arg]
    if wanted.sample:  # it names single documents, those of people's uploads too
        must_be_told(app.catalog, name, user)
    record = app.catalog.sources.get(name)
    config = dict(record.config)
    if wanted.config is not None:
        must_manage(user)
        check_kind(record.kind)
        may_configure(app.registry, record.kind, wanted.config, _places(app), user, record.config)
        config = checked_config(app.registry, record, wanted.config)
    rule = parse_readers(record.readers if wanted.readers is None else wanted.readers, "readers")
    return _trial(app.registry.sample_source(record.kind, config, wanted.sample), rule)


@router.patch("/sources/{name}")
def edit_source(name: str, body: SourceChanges, context: ContextOf, user: UserOf) -> SourceJson:
    """Change what is given, leave the rest; all of it is checked before any of it holds, from the next sync on.

    A secret that is sent as its mask stays what it is.
    """
    must_manage(user)
    app = context.app
    if body.config is not None:
        record = app.catalog.sources.get(name)
        may_configure(app.registry, record.kind, body.config, _places(app), user, record.config)
    note(changed=sorted(body.model_fields_set))
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


def _places(app: App) -> Places:
    return Places(app.settings.home, app.settings.admin_folders)


def _trial(trial: Trial, rule: ReadersRule) -> TrialJson:
    listed = [
        SampledJson(
            key=one.key,
            access=AccessJson.of(rule.access(one.key) if one.access is None else rule.of_source(one.access)),
            from_source=one.access is not None,
        )
        for one in trial.listed
    ]
    return TrialJson(ok=True, found=trial.found, listed=listed, more=trial.more)


def _source(context: Context, record: SourceRecord) -> SourceJson:
    return _sources(context, [record])[0]


def _sources(context: Context, records: Sequence[SourceRecord]) -> list[SourceJson]:
    app = context.app
    documents, successes = documents_by_source(app.catalog.database), last_successes(app.catalog.database)
    partial = broken_off(app.blobs, records)
    return [
        SourceJson.of(
            record,
            documents.get(record.name, 0),
            last_success_at=successes.get(record.name),
            is_partial=record.name in partial,
        )
        for record in records
    ]
