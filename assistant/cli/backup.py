"""`backup` and `restore`: everything that the assistant knows, into a folder and back."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from pydantic import BaseModel, Field

from assistant import __version__
from assistant.app import App
from assistant.app.opening import plugins_folder, qdrant_collection, remove_index
from assistant.backup import (
    AUDIT_LOG,
    BackupReport,
    Contents,
    Missing,
    Model,
    OnProgress,
    Origin,
    RestoreReport,
    Target,
    create_backup,
    restore_backup,
)
from assistant.cli.output import JsonOption, opened, out, print_json, shown_bar
from assistant.errors import BackupError

_WORDS = {
    "catalog": "reading the catalog",
    "files": "documents",
    "index": "index",
    "checking": "checking files",
}


class MissingJson(BaseModel):
    """A document of which something is not stored; the next sync of its source brings it."""

    source: str
    key: str

    @classmethod
    def of(cls, missing: Missing) -> MissingJson:
        """Return the JSON for it."""
        return cls(source=missing.source, key=missing.key)


class ContentsJson(BaseModel):
    """What a home holds."""

    sources: int
    documents: int

    @classmethod
    def of(cls, contents: Contents) -> ContentsJson:
        """Return the JSON for it."""
        return cls(sources=contents.sources, documents=contents.documents)


class BackupJson(BaseModel):
    """A backup that was made."""

    path: str
    version: str
    revision: str
    sources: int
    documents: int
    chunks: int
    files: int
    bytes: int
    missing: list[MissingJson]
    keys: list[str] = Field(description="Names of the keys that open its secrets; they are not in it.")
    seconds: float

    @classmethod
    def of(cls, report: BackupReport) -> BackupJson:
        """Return the JSON for the report."""
        made = report.manifest
        return cls(
            path=str(report.path),
            version=made.version,
            revision=made.revision,
            sources=made.sources,
            documents=made.documents,
            chunks=made.chunks,
            files=made.files,
            bytes=made.bytes,
            missing=[MissingJson.of(missing) for missing in made.missing],
            keys=list(report.keys),
            seconds=round(report.seconds, 3),
        )


class RestoreJson(BaseModel):
    """A backup that was put back."""

    path: str
    home: str
    created: str = Field(description="When the backup was made, ISO 8601 in UTC.")
    version: str = Field(description="The version that made it.")
    migrated: bool = Field(description="Its catalog was of an older schema.")
    replaced: ContentsJson | None = Field(description="What was in the home before; null if it was empty.")
    sources: int
    documents: int
    chunks: int = Field(description="Chunks in the index, as many as the catalog says.")
    unindexed: list[MissingJson] = Field(description="Documents that the next sync of their source embeds anew.")
    locked: dict[str, list[str]] = Field(
        description="Sources whose passwords and secrets cannot be decrypted, with the names of the missing keys."
    )
    seconds: float

    @classmethod
    def of(cls, report: RestoreReport, path: Path, home: Path) -> RestoreJson:
        """Return the JSON for the report."""
        made = report.manifest
        return cls(
            path=str(path),
            home=str(home),
            created=made.created,
            version=made.version,
            migrated=report.migrated,
            replaced=None if report.replaced is None else ContentsJson.of(report.replaced),
            sources=made.sources,
            documents=made.documents,
            chunks=report.chunks,
            unindexed=[MissingJson.of(missing) for missing in report.unindexed],
            locked={source: list(names) for source, names in report.locked.items()},
            seconds=round(report.seconds, 3),
        )


def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder for this backup.")],
    as_json: JsonOption = False,
) -> None:
    """Back up sources, documents, readers and index, also while the assistant runs and indexes."""
    with opened() as app, _bar(show=not as_json) as on_progress:
        app.catalog.sources.protect(app.registry.mark_secrets)  # an older version left them in plain
        origin = Origin(__version__, app.catalog, app.blobs, app.index, *_models(app), app.served.name)
        report = create_backup(origin, folder, on_progress)
        place = app.catalog.keyring.place
        plugins = plugins_folder(app.settings)
    if as_json:
        print_json(BackupJson.of(report))
        return
    made = report.manifest
    out.print(
        f"backed up {made.sources} sources with {made.documents:,} documents and {made.chunks:,} chunks to"
        f" {report.path}: {made.bytes / 1e6:,.1f} MB in {made.files:,} files, {report.seconds:.1f} s",
        markup=False,
    )
    for missing in made.missing:
        out.print(f"  not stored in this home: {missing.what} of {missing.source}:{missing.key}", markup=False)
    keys = f" (its secrets need the key {', '.join(report.keys)})" if report.keys else ""
    code = f" plugins in {plugins}," if plugins.is_dir() and any(plugins.iterdir()) else ""
    out.print(
        f"Not in it: settings,{code} and the keys in {place}{keys}; keep those elsewhere."
        " Whoever has the backup can read all documents.",
        markup=False,
    )


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A backup's folder.")],
    force: Annotated[bool, typer.Option("--force", help="Replace everything that is in the home.")] = False,
    replacing: Annotated[
        list[str] | None,
        typer.Option("--replacing", metavar="NAME", help="With --force, a database or collection outside of the home."),
    ] = None,
    without_index: Annotated[
        bool, typer.Option("--without-index", help="Leave the vectors out: the next syncs embed the documents anew.")
    ] = False,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Go on where a key of its secrets is missing: those are lost then.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Put a backup into an empty home; the assistant must not run on it."""
    with opened(owns_index=True) as app:
        if force:
            _must_be_named(app, replacing or ())
        others = [record.name for record in app.catalog.indexes.all() if record.name != app.served.name]
        with _bar(show=not as_json) as on_progress:
            report = restore_backup(
                folder,
                _target(app),
                force=force,
                with_index=not without_index,
                without_keys=without_keys,
                on_progress=on_progress,
            )
        for name in others:
            remove_index(app.settings, name)
        home = app.settings.home
        place = app.catalog.keyring.place
    if as_json:
        print_json(RestoreJson.of(report, folder, home))
    else:
        _print_restored(report, home, place)


def _must_be_named(app: App, replacing: Collection[str]) -> None:
    """Refuse to clear what is outside of the home, unless it is named: servers may be those that people work with.

    Raises:
        BackupError: something is not named.
    """
    outside, database = [], app.catalog.database  # a catalog and a collection may have the same name
    if database.file is None or not database.file.resolve().is_relative_to(app.settings.home.resolve()):
        outside.append((str(database.engine.url.database), f"the catalog {database.place}"))
    if app.settings.index == "qdrant":
        collection = qdrant_collection(app.settings, app.served.name)
        outside.append((collection, f"the collection {collection} of {app.settings.qdrant_url}"))
    names = list(dict.fromkeys(name for name, _ in outside))
    if not set(names) <= set(replacing):
        raise BackupError(
            f"--force would clear {' and '.join(what for _, what in outside)}, outside of {app.settings.home}",
            f"if that is meant: --force {' '.join(f'--replacing {name}' for name in names)}",
        )


def _print_restored(report: RestoreReport, home: Path, place: str) -> None:
    made, lines = report.manifest, []
    if report.replaced is not None:
        held = report.replaced
        lines.append(f"replaced what was in {home}: {held.sources} sources with {held.documents:,} documents")
    lines.append(
        f"restored {made.sources} sources with {made.documents:,} documents of {made.created} to {home},"
        f" {report.seconds:.1f} s"
    )
    if report.migrated:
        lines.append("its catalog was of an older version and was brought up to date")
    if not report.unindexed:
        lines.append(f"the index equals the catalog: {report.chunks:,} chunks")
    else:
        lines.append(
            f"the index holds {report.chunks:,} chunks and lacks {len(report.unindexed):,} documents: they are embedded"
            " anew at the next sync of their sources"
        )
    lines += [_locked_line(name, ", ".join(keys), place) for name, keys in report.locked.items()]
    for line in lines:
        out.print(line, markup=False)


def _locked_line(name: str, keys: str, place: str) -> str:
    """Return what a missing key means for a source, `tool NAME`, `webhook NAME` or the audit log, and the next step."""
    put = f"put the key {keys} into {place}"
    kind, _, rest = name.rpartition(" ")
    if name == AUDIT_LOG:
        return (
            f"what {name} holds of people cannot be read: {put}. Where that key sealed the log, an entry `seal broken`"
            " stays in it, also when the key is back"
        )
    if kind == "webhook":
        return f"the webhook {rest} cannot sign: {put}, or make a new secret (`assistant webhooks secret {rest}`)"
    again = f"tools edit {rest} --config @FILE" if kind == "tool" else f"sources passwords {name} FILE"
    return f"the secrets of {name} cannot be read: {put}, or give them again (`assistant {again}`)"


def _models(app: App) -> tuple[Model, Model | None, str]:
    """Return the configured embedder, picture embedder and learned sparse model, by name."""
    words, looks = app.embedder, app.picture_embedder
    pictures = None if looks is None else Model(name=looks.name, dimension=looks.dimension)
    sparse = app.sparse_embedder(app.served.sparse_embedder)
    return Model(name=words.name, dimension=words.dimension), pictures, sparse.name if sparse else ""


def _target(app: App) -> Target:
    def discard() -> None:
        remove_index(app.settings, app.served.name)  # as a whole: it is opened, and made anew, after that

    served = app.served
    if served.embedder == app.settings.embedder:
        # a backup without a row of its index was made by the settings, whatever another index here was cut by since
        served = replace(served, chunk_tokens=app.settings.chunk_tokens)
    return Target(app.settings.home, app.catalog, app.blobs, *_models(app), lambda: app.index, discard, served)


@contextmanager
def _bar(*, show: bool) -> Iterator[OnProgress]:
    """Show a bar on stderr; yields what to call with how far the work is."""
    with shown_bar("{task.description}", show=show) as shown:

        def update(what: str, done: int, total: int) -> None:
            if shown is not None:
                shown(description=_WORDS.get(what, what), completed=done, total=total)

        yield update
