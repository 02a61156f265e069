"""Changes a source: all of it is checked before any of it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from assistant.access import ReadersRule, parse_readers
from assistant.catalog import Catalog, SourceRecord, keep_masked
from assistant.catalog.closing import replace_readers
from assistant.catalog.sources import check_limits
from assistant.catalog.uploads import UPLOADS
from assistant.errors import AccessDeniedError, ConfigurationError
from assistant.ingest.schedules import parse_schedule, parse_zone
from assistant.registry import Places, PluginRegistry, SourceKind, refuse_redirected
from assistant.types import Access, User, document_id
from assistant.types.access import UNFINISHED


class Changes(TypedDict, total=False):
    """What to change of a source; what is not given stays. A secret given as its mask stays what it is."""

    config: Mapping[str, Any]
    readers: Mapping[str, Any]
    schedule: str | None
    time_zone: str
    passwords: Sequence[str]
    concurrency: int | None
    per_minute: float | None


def edit_source(catalog: Catalog, registry: PluginRegistry, name: str, changes: Changes) -> SourceRecord:
    """Change what is given of a source, from its next sync on. Returns it as it is then.

    What other readers take away is gone at once: no sync is waited for, nor for a source that is paused.

    Raises:
        NotFoundError: there is no such source.
        ConfigurationError: a value is wrong; nothing is changed.
        SourceError: the source cannot be listed as it would be configured; nothing is changed.
    """
    sources = catalog.sources
    record = sources.get(name)
    check_kind(record.kind)
    config = None
    if "config" in changes:
        config = checked_config(registry, record, changes["config"])
        registry.try_source(record.kind, config)
    readers = parse_readers(changes["readers"], "readers") if "readers" in changes else None
    schedule, time_zone = changes.get("schedule", record.schedule), changes.get("time_zone", record.time_zone)
    check_schedule(schedule, time_zone)
    concurrency = changes.get("concurrency", record.concurrency)
    per_minute = changes.get("per_minute", record.per_minute)
    check_limits(concurrency, per_minute)
    if "passwords" in changes:  # first: a mask for which no password is stored is refused here
        sources.set_passwords(name, keep_masked(record.stored_passwords, list(changes["passwords"])))
    if config is not None and config != dict(record.config):
        sources.set_config(name, config)
    if readers is not None:
        sources.set_readers(name, readers.model_dump(mode="json"))
        _take_away(catalog, name, readers)
    if (schedule, time_zone) != (record.schedule, record.time_zone):
        sources.set_schedule(name, schedule, time_zone)
    if (concurrency, per_minute) != (record.concurrency, record.per_minute):
        sources.set_limits(name, concurrency, per_minute)
    return sources.get(name)


def may_configure(
    registry: PluginRegistry, kind: str, config: Mapping[str, Any], places: Places, user: User, known: Any = None
) -> None:
    """Raise AccessDeniedError where the kind, or a place that the configuration names, is the operator's alone.

    Args:
        registry: knows the kinds.
        kind: of the source.
        config: what `user` gives.
        places: where admins may look.
        user: who configures.
        known: the configuration so far.
    """
    found = registry.sources.get(kind)
    if found is None:  # said where the configuration is validated
        return
    if found.for_operators and user.role != "operator":
        raise AccessDeniedError(
            f"only the operator configures sources of the kind {kind!r}: they run code that the configuration names",
            "`assistant sources add` at the machine's own command line",
        )
    places.refuse(config, found.schema(), user, known)


def checked_config(registry: PluginRegistry, record: SourceRecord, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration that takes the place of the record's; a secret given as its mask stays what it is.

    Raises:
        ConfigurationError: a field is wrong, or a stored secret would go to another address than it was given for.
    """
    kept = keep_masked(record.config, given)
    config = registry.validate(record.kind, kept)
    kind = registry.sources[record.kind]
    refuse_redirected(record.config, kept, kind.validate, kind.schema(), f"source {record.name!r}")
    return config


def _take_away(catalog: Catalog, source: str, rule: ReadersRule) -> None:
    """Take from the source's documents what the rule gives no more; what it gives besides comes with the next sync."""
    less: dict[Access, list[str]] = {}
    for key, known in catalog.documents.known(source).items():
        if known.parent is not None or known.access_from_source:
            continue
        now, before = rule.access(key), known.access
        if not (before.allow <= now.allow and now.deny <= before.deny):
            left = Access(before.allow & now.allow, before.deny | now.deny | {UNFINISHED})
            less.setdefault(left, []).append(document_id(source, key))
    replace_readers(catalog.database, {left: [*ids, *catalog.documents.below_all(ids)] for left, ids in less.items()})


def check_kind(kind: str) -> None:
    """Raise ConfigurationError for a kind whose sources nobody adds or edits: those of people's uploads."""
    if kind == UPLOADS:
        raise ConfigurationError(
            "sources of uploads come with the files that people upload, and are not edited",
            "`assistant uploads add FILE`",
        )


def addable_kinds(registry: PluginRegistry) -> dict[str, SourceKind]:
    """Return the kinds of sources that can be added, by name."""
    return {name: kind for name, kind in registry.sources.items() if name != UPLOADS}


def check_schedule(schedule: str | None, time_zone: str) -> None:
    """Raise ConfigurationError where a schedule or its time zone cannot be understood."""
    parse_zone(time_zone)
    if schedule is not None:
        parse_schedule(schedule, time_zone)
