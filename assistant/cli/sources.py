"""Sources with their schedules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from assistant.access import ReadersRule, load_readers
from assistant.cli.configs import read_config
from assistant.cli.output import (
    JsonOption,
    opened,
    out,
    print_json,
    print_report,
    print_table,
    progress_bar,
    readers_named,
    when,
)
from assistant.cli.wording import counted
from assistant.errors import ConfigurationError
from assistant.ingest.editing import Changes, check_kind, edit_source
from assistant.ingest.schedules import parse_schedule
from assistant.types import LOCAL_OPERATOR
from assistant.wire import ReportJson, SourceJson

group = typer.Typer(help="Data sources and their schedules.", no_args_is_help=True)

PasswordsOption = Annotated[
    Path | None,
    typer.Option("--password-file", metavar="FILE", help="Passwords of its encrypted documents, one a line."),
]
ZoneOption = Annotated[
    str, typer.Option("--time-zone", metavar="ZONE", help="That the cron fields are of, e.g. Europe/Vienna.")
]
AclOption = Annotated[
    Path | None,
    typer.Option("--acl", metavar="FILE", help="Readers by globs of keys, and the names of the source's own readers."),
]
_NO_SOURCES = "No sources yet: `assistant ingest FOLDER` adds one and indexes it, `assistant sources add` only adds it."
_EXAMPLE = 'for a folder: {"path": "/srv/handbook"}'
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The source's name.")]


class SourceListJson(BaseModel):
    """All sources."""

    sources: list[SourceJson]


@group.command("add")
def add(
    kind: Annotated[str, typer.Argument(help="The kind of source; see `assistant plugins list`.")],
    name: Annotated[str, typer.Option("--name", help="A name of your own.")],
    config: Annotated[str, typer.Option("--config", metavar="@FILE", help="Its configuration: JSON, or @ and a file.")],
    schedule: Annotated[
        str | None, typer.Option("--schedule", metavar="CRON", help='"every 15m", or five cron fields.')
    ] = None,
    time_zone: ZoneOption = "UTC",
    readers: Annotated[
        str | None,
        typer.Option("--readers", metavar="GROUP,…", help="Groups that may read all of it; default: everyone."),
    ] = None,
    acl: AclOption = None,
    passwords: PasswordsOption = None,
) -> None:
    """Register a source; with a schedule, the running assistant syncs it by itself."""
    values = read_config(config, _EXAMPLE)
    opening = [] if passwords is None else _passwords(passwords)
    if schedule is not None:
        parse_schedule(schedule, time_zone)
    rule = _rule(readers, acl) or ReadersRule()
    with opened() as app:
        if app.catalog.sources.find(name) is not None:
            raise ConfigurationError(f"there is a source {name!r} already", "choose another name")
        check_kind(kind)
        values = app.registry.validate(kind, values)
        app.registry.try_source(kind, values)
        app.catalog.sources.add(name, kind, values, rule.model_dump(mode="json"), schedule, opening, time_zone)
    then = "a running assistant syncs it at once; else" if schedule else "now"
    out.print(f"added {name}; {then} run `assistant sources sync {name}`", markup=False)


@group.command("edit")
def edit(
    name: NameArgument,
    config: Annotated[
        str | None, typer.Option("--config", metavar="@FILE", help="Its whole configuration: JSON, or @ and a file.")
    ] = None,
    schedule: Annotated[
        str | None, typer.Option("--schedule", metavar="CRON", help='"every 15m", five cron fields, or "none".')
    ] = None,
    time_zone: Annotated[str | None, typer.Option("--time-zone", metavar="ZONE", help="Of the cron fields.")] = None,
    readers: Annotated[
        str | None, typer.Option("--readers", metavar="GROUP,…", help="Groups that may read all of it.")
    ] = None,
    acl: AclOption = None,
    concurrency: Annotated[
        int | None, typer.Option("--concurrency", min=0, help="Documents at once; 0: any number.")
    ] = None,
    per_minute: Annotated[
        float | None, typer.Option("--per-minute", min=0, help="Documents a minute; 0: any number.")
    ] = None,
) -> None:
    """Change what is given of a source, from its next sync on; a secret given as its mask stays what it is."""
    changes: Changes = {}
    if config is not None:
        changes["config"] = read_config(config, _EXAMPLE)
    if schedule is not None:
        changes["schedule"] = None if schedule == "none" else schedule
    if time_zone is not None:
        changes["time_zone"] = time_zone
    if (rule := _rule(readers, acl)) is not None:
        changes["readers"] = rule.model_dump(mode="json")
    if concurrency is not None:
        changes["concurrency"] = concurrency or None
    if per_minute is not None:
        changes["per_minute"] = per_minute or None
    if not changes:
        raise ConfigurationError(
            "nothing is to be changed", "give at least one option: `assistant sources edit --help`"
        )
    with opened() as app:
        edit_source(app.catalog, app.registry, name, changes)
    what = " and ".join(field.replace("_", " ") for field in changes)
    out.print(f"{name}: {what} changed; `assistant sources sync {name}` applies it now", markup=False)


def _rule(readers: str | None, acl: Path | None) -> ReadersRule | None:
    if readers is not None and acl is not None:
        raise ConfigurationError("--readers and --acl cannot both be given", "put the readers into the file")
    if acl is not None:
        return load_readers(acl)
    return None if readers is None else ReadersRule(default=readers_named(readers))


@group.command("test")
def test(name: NameArgument) -> None:
    """Try whether a source can be reached and listed as it is configured."""
    with opened() as app:
        record = app.catalog.sources.get(name)
        told = app.registry.try_source(record.kind, dict(record.config))
    out.print(f"{name} can be reached and listed{told and f': {told}'}", markup=False)


@group.command("passwords")
def set_passwords(
    name: NameArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A password a line; an empty file forgets them all.")],
) -> None:
    """Replace the passwords that are tried on a source's encrypted documents by those of FILE."""
    opening = _passwords(file)
    with opened() as app:
        app.catalog.sources.set_passwords(name, opening)
    if not opening:
        out.print(f"{name} has no passwords any more", markup=False)
        return
    has = f"{name} has {counted(len(opening), 'password')} now, in place of what it had"
    out.print(f"{has}; `assistant sources sync {name}` tries {'it' if len(opening) == 1 else 'them'}", markup=False)


@group.command("list")
def list_sources(as_json: JsonOption = False) -> None:
    """List the sources."""
    with opened() as app:
        found = [SourceJson.of(s, app.library.count(LOCAL_OPERATOR, [s.name])[0]) for s in app.catalog.sources.all()]
    if as_json:
        print_json(SourceListJson(sources=found))
        return
    rows = ((s.name, s.kind, s.state, s.schedule, s.documents, when(s.last_sync_at), s.last_error) for s in found)
    print_table(("name", "kind", "state", "schedule", "documents", "last sync", "error"), rows, _NO_SOURCES)


@group.command("show")
def show(name: NameArgument) -> None:
    """Print one source as JSON."""
    with opened() as app:
        source = app.catalog.sources.get(name)
        print_json(SourceJson.of(source, app.library.count(LOCAL_OPERATOR, [name])[0]))


@group.command("sync")
def sync(
    name: NameArgument,
    full: Annotated[
        bool, typer.Option("--full", help="Fetch every document, whatever the source says of changes.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Sync a source now."""
    with opened() as app, progress_bar(show=not as_json) as on_progress:
        report = app.ingestor.sync(name, "cli", on_progress, full=full)
    if as_json:
        print_json(ReportJson.of(report))
        return
    print_report(report)


@group.command("pause")
def pause(name: NameArgument) -> None:
    """Stop a source's schedule; its documents stay."""
    with opened() as app:
        app.catalog.sources.set_state(name, "paused")
    out.print(f"{name} is paused; `assistant sources resume {name}` starts its schedule again", markup=False)


@group.command("resume")
def resume(name: NameArgument) -> None:
    """Start a source's schedule again."""
    with opened() as app:
        app.catalog.sources.set_state(name, "active")
    out.print(f"{name} is active", markup=False)


@group.command("remove")
def remove(
    name: NameArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a source with everything that came from it."""
    with opened() as app:
        documents, _ = app.library.count(LOCAL_OPERATOR, [app.catalog.sources.get(name).name])
        if not yes:
            typer.confirm(f"Remove {name} and its {counted(documents, 'document')} from the assistant?", abort=True)
        removed = app.ingestor.remove(name)
    out.print(
        f"removed {name} with {counted(removed, 'document')}; the files themselves were not touched", markup=False
    )


def _passwords(path: Path) -> list[str]:
    """Return the lines of a file; passwords on the command line itself could be read in the list of processes."""
    try:
        return [line for line in path.expanduser().read_text(encoding="utf-8").splitlines() if line]
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", "check the path") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text", "write a password a line") from error
