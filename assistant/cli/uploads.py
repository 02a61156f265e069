"""Uploads by command: single files, as the web UI and the API take them."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel

from assistant.app import App
from assistant.cli.output import (
    JsonOption,
    err,
    opened,
    out,
    print_json,
    print_table,
    progress_bar,
    readers_named,
    when,
)
from assistant.cli.wording import counted, escaped
from assistant.errors import (
    ConfigurationError,
    DocumentTooLargeError,
    DocumentUnreadableError,
    IngestError,
    SourceBusyError,
)
from assistant.ingest.uploads import TRIGGER, Upload
from assistant.parsing.media_types import short_type
from assistant.types import LOCAL_OPERATOR
from assistant.wire.uploads import RefusedJson, UploadJson

group = typer.Typer(help="Single files of your own, private unless shared.", no_args_is_help=True)

_BUSY_SECONDS = 120.0
_LOOK_SECONDS = 0.5
KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="The upload's name; see `assistant uploads list`.")]


class UploadListJson(BaseModel):
    """Your uploads, newest first."""

    uploads: list[UploadJson]


class AddedJson(BaseModel):
    """What became of the files, and which of them were not taken."""

    uploads: list[UploadJson]
    refused: list[RefusedJson]
    seconds: float


class RemovedUploadJson(BaseModel):
    """The upload that was removed."""

    removed: str


@group.command("add")
def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="The files.")],
    readers: Annotated[
        str | None, typer.Option("--readers", metavar="GROUP,…", help="Groups that may read them too; default: nobody.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Upload files and index them now; an earlier upload of the same name gives way."""
    shared = None if readers is None else readers_named(readers)
    started = time.monotonic()
    with opened() as app:
        taken, refused = _taken(app, files, shared)
        if taken:
            _sync(app, next(iter(taken.values())).record.source, show=not as_json)
        added = [
            UploadJson.of(replace(upload, replaced=taken[upload.record.key].replaced))
            for upload in app.uploads.of(LOCAL_OPERATOR)
            if upload.record.key in taken
        ]
    seconds = round(time.monotonic() - started, 3)
    if as_json:
        print_json(AddedJson(uploads=added, refused=refused, seconds=seconds))
    else:
        _print_added(added, refused, seconds)
    if not any(upload.state == "indexed" for upload in added):
        sys.stderr.write(f"error: none of {counted(len(files), 'file')} could be indexed (the reasons are listed)\n")
        raise typer.Exit(1)


@group.command("list")
def list_uploads(as_json: JsonOption = False) -> None:
    """List your uploads, newest first, and what became of them."""
    with opened() as app:
        found = [UploadJson.of(upload) for upload in app.uploads.of(LOCAL_OPERATOR)]
    if as_json:
        print_json(UploadListJson(uploads=found))
        return
    print_table(
        ("file", "type", "bytes", "uploaded", "readers", "state", "why"),
        (
            (
                u.key,
                short_type(u.media_type),
                f"{u.size:,}",
                when(u.uploaded_at),
                ", ".join(u.readers),
                u.state,
                _why(u),
            )
            for u in found
        ),
        "No uploads yet: `assistant uploads add FILE` uploads one.",
    )


@group.command("share")
def share(
    key: KeyArgument,
    readers: Annotated[
        str | None, typer.Option("--readers", metavar="GROUP,…", help="Groups that may read it, and no others.")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="Nobody but you may read it.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say who else may read an upload, in place of who may now."""
    if (readers is None) != private:
        raise typer.BadParameter("say who may read it with --readers, or --private")
    shared = () if readers is None else readers_named(readers)
    with opened() as app:
        source = app.uploads.share(LOCAL_OPERATOR, key, shared).record.source
        _sync(app, source, show=not as_json)
        (found,) = [UploadJson.of(upload) for upload in app.uploads.of(LOCAL_OPERATOR) if upload.record.key == key]
    if as_json:
        print_json(found)
        return
    who = f"you and {', '.join(found.readers)}" if found.readers else "you alone"
    out.print(f"{escaped(key)} can be read by {who} now", markup=False)


@group.command("remove")
def remove(key: KeyArgument, as_json: JsonOption = False) -> None:
    """Remove an upload from the assistant; your own copy of the file is not touched."""
    with opened() as app:
        _sync(app, app.uploads.remove(LOCAL_OPERATOR, key).source, show=not as_json)
    if as_json:
        print_json(RemovedUploadJson(removed=key))
        return
    out.print(f"removed {escaped(key)}", markup=False)


def _taken(
    app: App, files: Sequence[Path], readers: Sequence[str] | None
) -> tuple[dict[str, Upload], list[RefusedJson]]:
    """Upload the files. Returns those that were taken by key, and what was not."""
    taken: dict[str, Upload] = {}
    refused: list[RefusedJson] = []
    for path in files:
        try:
            upload = app.uploads.put(LOCAL_OPERATOR, path.name, _read(path, app.uploads.max_bytes), readers)
        except (IngestError, ConfigurationError) as error:
            refused.append(RefusedJson.of(str(path), error))
        else:
            taken[upload.record.key] = upload
    return taken, refused


def _read(path: Path, most: int) -> bytes:
    """Return the file's bytes. Raises DocumentUnreadableError, DocumentTooLargeError before it is read."""
    try:
        if not path.is_file():
            cause = "it is not a regular file" if path.exists() else "it does not exist"
            raise DocumentUnreadableError(f"{path} cannot be uploaded: {cause}", "name a file")
        size = path.stat().st_size
        if size > most:
            raise DocumentTooLargeError(f"{path} has {size:,} bytes, the limit is {most:,}", "raise max_document_bytes")
        return path.read_bytes()
    except OSError as error:
        raise DocumentUnreadableError(f"{path} cannot be read: {error.strerror}", "check its owner and mode") from error


def _sync(app: App, source: str, *, show: bool) -> None:
    """Index what changed. A sync that is at work may have listed the source before: it is waited for."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            with progress_bar(show=show) as on_progress:
                app.ingestor.sync(source, TRIGGER, on_progress)
        except SourceBusyError:
            if time.monotonic() > until:
                raise
            time.sleep(_LOOK_SECONDS)
        else:
            return


def _why(upload: UploadJson) -> str:
    return (upload.error or "").removeprefix(f"{upload.key}: ")


def _print_added(added: Sequence[UploadJson], refused: Sequence[RefusedJson], seconds: float) -> None:
    for upload in added:
        instead = ", in place of the one before" if upload.replaced else ""
        if upload.state != "failed":
            is_there = "is indexed" if upload.state == "indexed" else "waits to be indexed"
            out.print(f"{escaped(upload.key)} {is_there}{instead}", markup=False)
        else:
            err.print(f"  failed: {escaped(upload.key)}: {escaped(_why(upload))}", markup=False, soft_wrap=True)
    for each in refused:
        hint = f" ({each.hint})" if each.hint else ""
        err.print(f"  refused: {escaped(each.error + hint)}", markup=False, soft_wrap=True)
    out.print(f"{counted(len(added), 'file')} uploaded; {seconds:.1f} s", markup=False)
