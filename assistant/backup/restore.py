"""Puts a backup into an empty home: first it is verified as a whole, then blobs, points and last the catalog go in.

The catalog is the truth, and its rows come in one transaction at the end: a restore that is killed leaves a home
without documents, or with all of them unchecked, never with half of them. The marker in the home says of which backup,
and so it is simply run again.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from assistant.adapters.disk import Disk, storage_error, write_durably
from assistant.adapters.stored_points import point_in
from assistant.backup.copying import BLOBS, POINTS
from assistant.backup.manifest import (
    THREADS,
    Manifest,
    Missing,
    Model,
    OnProgress,
    listed_paths,
    read_manifest,
    silent,
    verify_files,
)
from assistant.backup.tables import (
    AUDIT_LOG,
    AUDIT_TABLES,
    Snapshot,
    Wanted,
    clear,
    counts,
    grants,
    load,
    migrated,
    room_to_migrate,
    summary,
)
from assistant.catalog import Catalog, IndexRecord
from assistant.catalog.database import HEAD
from assistant.errors import BackupError, EmbedderMismatchError
from assistant.interfaces import BlobStore, Index
from assistant.types import Access
from assistant.types.index_points import IndexPoint

MARKER = "restore-unfinished"
_SCRATCH = ".restore-"  # not in /tmp, which may be small, or memory, and is for all
_AT_ONCE = 256
# a new home alone still has the catalog and the index of the settings, which may be those in use
_ELSEWHERE = (
    "restore into a new home (ASSISTANT_HOME, with ASSISTANT_CATALOG_URL and ASSISTANT_INDEX where they are set)"
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a backup goes.

    Args:
        home: the home's folder.
        catalog: opened, and up to date.
        blobs: the home's.
        embedder: what is configured.
        picture_embedder: what is configured, if anything.
        sparse_embedder: the name of the learned sparse model that is configured; empty for none.
        open_index: opens the home's index for this process alone.
        discard_index: deletes all that it holds, or raises where another process owns it.
        served: what that index is called and made by.
    """

    home: Path
    catalog: Catalog
    blobs: BlobStore
    embedder: Model
    picture_embedder: Model | None
    sparse_embedder: str
    open_index: Callable[[], Index]
    discard_index: Callable[[], None]
    served: IndexRecord


@dataclass(frozen=True, slots=True)
class Contents:
    """What a home holds."""

    sources: int
    documents: int


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What a restore did.

    Args:
        manifest: the backup's.
        replaced: what was in the home before; None if it was empty.
        migrated: whether the catalog was of an older schema.
        chunks: how many the index holds, as many as the catalog says of the documents that are in it.
        unindexed: documents whose chunks are not in the index: the next sync of their source brings them.
        locked: sources whose secrets cannot be decrypted, with the names of the keys that are not here.
        seconds: how long it took.
    """

    manifest: Manifest
    replaced: Contents | None
    migrated: bool
    chunks: int
    unindexed: tuple[Missing, ...]
    locked: Mapping[str, Sequence[str]]
    seconds: float


def restore_backup(
    folder: Path,
    target: Target,
    *,
    force: bool = False,
    with_index: bool = True,
    without_keys: bool = False,
    on_progress: OnProgress = silent,
) -> RestoreReport:
    """Put the backup in `folder` into a home, and see that its index equals its catalog.

    Args:
        folder: a backup.
        target: an empty home, unless `force` is given: then everything in it is replaced.
        force: see `target`.
        with_index: whether the vectors are put back; else the next syncs embed the documents anew.
        without_keys: go on where a key that opens its secrets is not here; see `locked` of the report.
        on_progress: told how far each part is.

    Raises:
        BackupError: the backup is unfinished, damaged or newer, the home is not empty, or a key is not here; nothing
            was changed.
        EmbedderMismatchError: its vectors come from another embedder than the one that is configured; the same.
        HomeInUseError: the assistant is running on the home; the same.
        CatalogTooNewError: the home's catalog is of a newer version; the same.
        StorageFullError: no space left.
    """
    started = time.perf_counter()
    target.catalog.database.must_be_known("a restore")
    folder = folder.expanduser().resolve()
    manifest = read_manifest(folder)
    verify_files(folder, manifest, on_progress)
    if with_index:
        _check_embedders(folder, manifest, target)
    replaced = _may_replace(target, manifest, force=force)
    Disk(target.home).require(manifest.bytes + room_to_migrate(folder / "catalog", manifest.revision))
    with _scratch(target.home) as scratch:
        rows = migrated(folder / "catalog", manifest.revision, scratch)
        snapshot = summary(rows)
        locked = _locked(snapshot, target)
        if locked and not without_keys:
            raise _lacks_keys(locked, target)
        index = _emptied(target, manifest, force=force)
        restore = _Restore(folder, manifest, target, index, snapshot, grants(rows), on_progress)
        unindexed = restore.all(rows, with_index=with_index)
    seconds = time.perf_counter() - started
    older = manifest.revision != HEAD
    return RestoreReport(manifest, replaced, older, sum(restore.written.values()), unindexed, locked, seconds)


@contextmanager
def _scratch(home: Path) -> Iterator[Path]:
    """Make a folder in the home that is removed at the end. What killed restores left of theirs is removed, too."""
    for left in home.glob(f"{_SCRATCH}*"):
        rmtree(left, ignore_errors=True)
    try:
        made = mkdtemp(prefix=_SCRATCH, dir=home)
    except OSError as error:
        raise storage_error(home, error) from error
    try:
        yield Path(made)
    finally:
        rmtree(made, ignore_errors=True)


def _check_embedders(folder: Path, manifest: Manifest, target: Target) -> None:
    for kind, there, here in (
        ("vectors", manifest.embedder, target.embedder),
        ("pictures", manifest.picture_embedder, target.picture_embedder),
        ("weights of words", manifest.sparse_embedder, target.sparse_embedder),
    ):
        if there != here:
            raise EmbedderMismatchError(
                f"the backup in {folder} holds {kind} of {_named(there)}, but {_named(here)} is configured",
                "configure that one, or restore with --without-index: the next syncs embed the documents anew",
            )


def _named(model: Model | str | None) -> str:
    if isinstance(model, str):
        return model or "no model"
    return f"{model.name} ({model.dimension} numbers)" if model else "no model"


def _may_replace(target: Target, manifest: Manifest, *, force: bool) -> Contents | None:
    """Return what is in the home, None if it is empty.

    What a restore of the same backup put in that did not come to its end is replaced unasked; of another backup, as
    somebody may have worked with it since, only with `force`.

    Raises:
        BackupError: it is not empty, and was to be.
    """
    rows = counts(target.catalog.database)
    held = Contents(rows["sources"], rows["documents"])
    if any(number for table, number in rows.items() if table not in AUDIT_TABLES):
        if not force and _unfinished(target) != manifest.files_sha256:
            raise BackupError(
                f"{target.home} is not empty: its catalog {target.catalog.database.place} has"
                f" {held.sources} sources with {held.documents} documents",
                f"{_ELSEWHERE}, or replace all of it with --force",
            )
        return held
    if not force and _unfinished(target) is None and next(iter(target.blobs.keys()), None) is not None:
        raise BackupError(
            f"{target.home} is not empty: it holds files of documents that its catalog does not know",
            f"check catalog_url; {_ELSEWHERE}, or replace all of it with --force",
        )
    return None


def _unfinished(target: Target) -> str | None:
    """Return the SHA-256 of the backup of which a restore did not come to its end here; None where none is open."""
    try:
        return (target.home / MARKER).read_text(encoding="ascii")
    except FileNotFoundError:
        return None


def _emptied(target: Target, manifest: Manifest, *, force: bool) -> Index:
    """Empty the home, and return its index, which this process owns from now on."""
    if force or _unfinished(target) is not None:
        target.discard_index()
    index = target.open_index()
    if held := index.counts().documents:
        raise BackupError(
            f"the index of {target.home} is not empty: it holds {held} documents that its catalog does not know",
            f"{_ELSEWHERE}, or replace all of it with --force",
        )
    write_durably(target.home / MARKER, manifest.files_sha256.encode("ascii"))
    clear(target.catalog.database)
    kinds = {key.partition("/")[0] for key in list(target.blobs.keys())}
    for kind in sorted(kinds):
        target.blobs.delete(kind)
    return index


@dataclass(slots=True)
class _Restore:
    """The steps that change the home."""

    folder: Path
    manifest: Manifest
    target: Target
    index: Index
    snapshot: Snapshot
    access: Mapping[str, Access]
    on_progress: OnProgress
    written: dict[str, int] = field(default_factory=dict)  # chunks by document

    def all(self, rows: Path, *, with_index: bool) -> tuple[Missing, ...]:
        """Take all steps, the last check included; `rows` are the catalog's. Returns and raises as `compare`."""
        self.blobs()
        if with_index:
            self.points()
        load(self.target.catalog.database, rows, self.target.served)
        unindexed = self.compare(with_index=with_index)
        (self.target.home / MARKER).unlink()
        return unindexed

    def blobs(self) -> None:
        """Put the blobs back, several at once: each waits for the disk."""
        keys = list(listed_paths(self.folder, BLOBS))

        def put(key: str) -> None:
            self.target.blobs.put(key, (self.folder / BLOBS / key).read_bytes())

        with ThreadPoolExecutor(2 * THREADS) as pool:
            for done, _ in enumerate(pool.map(put, keys), start=1):
                self.on_progress("files", done, len(keys))

    def points(self) -> None:
        """Put the points back, with the readers that the catalog says."""
        stored, done = self._stored(), 0
        while part := list(islice(stored, _AT_ONCE)):
            self.index.write_points(part)
            done += len(part)
            self.on_progress("index", done, self.manifest.points)
        self.index.flush()

    def _stored(self) -> Iterator[IndexPoint]:
        for name in sorted(listed_paths(self.folder, POINTS)):
            with gzip.open(self.folder / POINTS / name, "rb") as file:
                for line in file:
                    point = point_in(json.loads(line))
                    document = point.payload["document_id"]
                    wanted = self.snapshot.documents.get(document)
                    if wanted is None or wanted.version != point.payload["version"]:
                        continue
                    if "dense" in point.vectors:
                        self.written[document] = self.written.get(document, 0) + 1
                    access = self.access.get(document, Access(frozenset()))
                    readers = {"allow": sorted(access.allow), "deny": sorted(access.deny)}
                    yield replace(point, payload={**point.payload, **readers})

    def compare(self, *, with_index: bool) -> tuple[Missing, ...]:
        """Return the documents that the index lacks, as the backup says.

        Raises:
            BackupError: the index holds something else than the catalog.
        """
        documents = self.snapshot.documents
        known = {(missing.source, missing.key) for missing in self.manifest.missing if missing.what == "index"}
        expected = {
            document: wanted
            for document, wanted in documents.items()
            if with_index and (wanted.source, wanted.key) not in known
        }
        differing = [d for d, wanted in expected.items() if self.written.get(d, 0) != wanted.chunks]
        there = self.index.versions()
        if there != {document: {wanted.version} for document, wanted in expected.items()}:
            differing += [d for d in {*there, *expected} if there.get(d) != {_version(expected, d)}]
        chunks = sum(wanted.chunks for wanted in expected.values())
        found = self.index.counts().chunks
        if differing or found != chunks:
            raise BackupError(
                f"the restored index differs from the catalog in {len(set(differing))} documents: it holds {found:,}"
                f" chunks of {chunks:,}",
                "run the same restore again, or sync the sources: what is lacking is embedded anew; and report this",
            )
        lacking = sorted((w.source, w.key) for d, w in documents.items() if d not in expected)
        return tuple(Missing(source=source, key=key, what="index") for source, key in lacking)


def _locked(snapshot: Snapshot, target: Target) -> dict[str, list[str]]:
    here = {key.name for key in target.catalog.keyring.all()}
    return {source: sorted(names - here) for source, names in sorted(snapshot.keys.items()) if names - here}


def _lacks_keys(locked: Mapping[str, Sequence[str]], target: Target) -> BackupError:
    names = ", ".join(sorted(set().union(*locked.values())))
    lost = "secrets have to be given again then"
    if AUDIT_LOG in locked:
        lost += ", what the audit log holds of people stays unreadable, and its seal counts as broken for good"
    return BackupError(
        f"{target.catalog.keyring.place} lacks the key {names}, which the backup needs for {', '.join(locked)}",
        f"put it there first (copy the key file); or go on with --without-keys: {lost}",
    )


def _version(expected: Mapping[str, Wanted], document: str) -> str:
    return expected[document].version if document in expected else ""
