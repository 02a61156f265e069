"""Makes a backup while the assistant works: one moment of the catalog, and all that it refers to.

Nothing is held up for it. The catalog is dumped in one read transaction; then the blobs and points of that moment are
copied. What the ingestion has deleted in between cannot be copied any more, so the catalog is dumped again, which no
longer names it, and only what is new since is copied, which takes a fraction of the time. So it ends within few rounds
in a moment of which everything is there. What the home itself lacks is lacking round after round: it is named in the
backup, and the next sync of its source after a restore brings it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from assistant.backup.copying import Copier, Lack
from assistant.backup.manifest import (
    FORMAT,
    Manifest,
    Missing,
    Model,
    OnProgress,
    list_files,
    silent,
    write_manifest,
)
from assistant.backup.staging import staged
from assistant.backup.tables import Snapshot, dump
from assistant.catalog import Catalog
from assistant.catalog.indexes import FIRST
from assistant.errors import BackupError
from assistant.interfaces import BlobStore, Index

_ROUNDS = 12
_SURE = 4  # rounds after which what has been lacking all along is not on its way out, but lost
_WAIT_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Origin:
    """The assistant that is backed up: its version, its index's name, and the models that made that one's vectors."""

    version: str
    catalog: Catalog
    blobs: BlobStore
    index: Index
    embedder: Model
    picture_embedder: Model | None = None
    sparse_embedder: str = ""
    index_name: str = FIRST


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup that was made: `keys` names those that open its secrets, `rounds` is how often the catalog was read."""

    path: Path
    manifest: Manifest
    keys: tuple[str, ...]
    rounds: int
    seconds: float


def create_backup(origin: Origin, folder: Path, on_progress: OnProgress = silent) -> BackupReport:
    """Make a backup in `folder`, which is there only when it is whole.

    Args:
        origin: what is backed up; it may be at work.
        folder: a new or empty folder; nobody else may enter it.
        on_progress: told how far each part is.

    Raises:
        BackupError: the folder cannot be used, there is nothing to back up, or another index took over meanwhile.
        StorageError, IndexUnavailableError: as named; no backup is left.
    """
    started = time.perf_counter()
    folder = folder.expanduser().resolve()
    if not origin.catalog.sources.all():
        raise BackupError("there is nothing to back up: this home has no source", "check ASSISTANT_HOME")
    with staged(folder) as stage:
        copier = Copier(origin.blobs, origin.index, stage, on_progress)
        snapshot, lacking = _rounds(origin, copier, stage)
        points, chunks = copier.finish(snapshot)
        files, size, sha256 = list_files(stage, on_progress)
        manifest = Manifest(
            format=FORMAT,
            version=origin.version,
            revision=snapshot.revision,
            created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            embedder=origin.embedder,
            picture_embedder=origin.picture_embedder,
            sparse_embedder=origin.sparse_embedder,
            sources=snapshot.sources,
            documents=len(snapshot.documents),
            chunks=chunks,
            points=points,
            files=files,
            bytes=size,
            missing=_missing(snapshot, lacking),
            files_sha256=sha256,
        )
        write_manifest(stage, manifest)
    seconds = time.perf_counter() - started
    keys = sorted(set().union(*snapshot.keys.values()))
    return BackupReport(folder, manifest, tuple(keys), copier.rounds, seconds)


def _rounds(origin: Origin, copier: Copier, stage: Path) -> tuple[Snapshot, set[Lack]]:
    """Copy until everything that the last dump names is there, or is sure not to be had."""
    steady: set[Lack] | None = None  # what has been lacking in every round
    while True:
        copier.on_progress("catalog", copier.rounds, copier.rounds + 1)
        snapshot = dump(origin.catalog.database, stage / "catalog")
        if snapshot.index_name != origin.index_name:  # its rows count chunks that the copied index does not have
            raise BackupError(
                f"the index {snapshot.index_name!r} took over from {origin.index_name!r} while the backup was made",
                "run it again",
            )
        lacking = copier.copy(snapshot)
        steady = lacking if steady is None else steady & lacking
        if not lacking or copier.rounds >= _ROUNDS or (lacking == steady and copier.rounds >= _SURE):
            return snapshot, lacking
        time.sleep(_WAIT_SECONDS * (copier.rounds - 1))


def _missing(snapshot: Snapshot, lacking: set[Lack]) -> list[Missing]:
    found = []
    for what, document, version in lacking:
        named = snapshot.documents.get(document) if version else None
        source, key = (named.source, named.key) if named else snapshot.waiting[document]
        found.append(Missing(source=source, key=key, what=what))
    return sorted(found, key=lambda missing: (missing.source, missing.key, missing.what))
