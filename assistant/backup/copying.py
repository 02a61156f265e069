"""Copies what a dump of the catalog refers to, blobs and points, and knows what it has copied already."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from assistant.adapters.points import pages
from assistant.adapters.stored_points import point_out
from assistant.backup.manifest import THREADS, OnProgress, lines_out
from assistant.backup.tables import Snapshot, Wanted
from assistant.errors import NotFoundError
from assistant.interfaces import BlobStore, Index

BLOBS = "blobs"
POINTS = "index"
# Of each version. Its text is deleted first and copied last: where it is to be had, so was all the rest before.
KINDS = ("picture", "pages", "original", "text")
_CHUNKS_AT_ONCE = 1_000
_DOCUMENTS_AT_ONCE = 64

Version = tuple[str, str]  # a document's id and its version
Lack = tuple[str, str, str]  # what a version lacks: `text` or `index`; a member that waits has its blob's key for an id


@dataclass(slots=True)
class Copier:
    """Copies into a folder, in rounds: each takes what the ones before did not.

    What the ingestion deletes between a dump and a round is lacking then; the next dump does not name it any more.
    """

    blobs: BlobStore
    index: Index
    folder: Path
    on_progress: OnProgress
    tried: set[Version] = field(default_factory=set)
    texts: set[Version] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    indexed: dict[Version, int] = field(default_factory=dict)  # the round that has all points of the version
    points: dict[Version, int] = field(default_factory=dict)
    rounds: int = 0
    partial: bool = False  # whether a round has points that do not count

    def copy(self, snapshot: Snapshot) -> set[Lack]:
        """Copy what is new in the snapshot. Returns what was not to be had."""
        versions = {(document, wanted.version): wanted for document, wanted in snapshot.documents.items()}
        self._copy_blobs([version for version in versions if version not in self.texts])
        self._copy_members([key for key in (*snapshot.waiting, *snapshot.attached) if key not in self.members])
        self._copy_points({version: wanted for version, wanted in versions.items() if version not in self.indexed})
        self.rounds += 1
        lacking: set[Lack] = {("text", *version) for version in versions if version not in self.texts}
        lacking |= {("index", *version) for version in versions if version not in self.indexed}
        return lacking | {("text", key, "") for key in snapshot.waiting if key not in self.members}

    def finish(self, snapshot: Snapshot) -> tuple[int, int]:
        """Remove what the snapshot does not name. Returns the numbers of points and of chunks among them."""
        current = {(document, wanted.version) for document, wanted in snapshot.documents.items()}
        for document, version in self.tried - current:
            for kind in KINDS:
                self._remove(f"{kind}/{document}/{version}")
        for key in self.members - snapshot.waiting.keys() - snapshot.attached:
            self._remove(key)
        stale = self.indexed.keys() - current
        if stale or self.partial:
            for number in range(self.rounds):
                self._thin(number, {v for v, made in self.indexed.items() if made == number and v in current})
        kept = self.indexed.keys() & current
        chunks = sum(snapshot.documents[document].chunks for document, _ in kept)
        return sum(self.points[version] for version in kept), chunks

    def _copy_blobs(self, versions: list[Version]) -> None:
        self.tried.update(versions)
        with ThreadPoolExecutor(THREADS) as pool:
            copied = zip(versions, pool.map(self._copy_version, versions), strict=True)
            for done, (version, whole) in enumerate(copied, start=1):
                if whole:
                    self.texts.add(version)
                self.on_progress("files", done, len(versions))

    def _copy_version(self, version: Version) -> bool:
        """Copy all blobs of a version that are there; whether its original and its text are among them."""
        whole = True
        for kind in KINDS:
            prefix = "/".join((kind, *version))
            for key in [prefix] if kind in {"original", "text"} else list(self.blobs.keys(prefix)):
                try:
                    self._copy_blob(key)
                except NotFoundError:
                    whole = False
        return whole

    def _copy_members(self, keys: list[str]) -> None:
        for key in keys:
            try:
                self._copy_blob(key)
            except NotFoundError:
                continue
            self.members.add(key)

    def _copy_blob(self, key: str) -> None:
        path = self.folder / BLOBS / key
        path.parent.mkdir(parents=True, exist_ok=True)
        self.blobs.export(key, path)

    def _remove(self, key: str) -> None:
        path = self.folder / BLOBS / key
        for file in [path] if path.is_file() else list(path.rglob("*")):
            if file.is_file():
                file.unlink()

    def _copy_points(self, versions: Mapping[Version, Wanted]) -> None:
        if not versions:
            return
        done, made = 0, set()
        (self.folder / POINTS).mkdir(exist_ok=True)
        with gzip.open(points_file(self.folder, self.rounds), "wb", compresslevel=1) as file:
            for part in _parts(versions):
                ordinals: dict[Version, set[int]] = {version: set() for version in part}
                ids = [document for document, _ in part]
                for point in chain.from_iterable(pages(self.index, ids)):
                    version = (point.payload["document_id"], point.payload["version"])
                    if version in ordinals:
                        file.write(lines_out(point_out(point)))
                        ordinals[version].add(point.payload["ordinal"])
                made |= {v for v, found in ordinals.items() if found.issuperset(range(versions[v].chunks))}
                self.points.update({version: len(found) for version, found in ordinals.items()})
                done += len(part)
                self.on_progress("index", done, len(versions))
        there = self.index.versions()  # what was deleted meanwhile may have been read in part
        made = {(document, version) for document, version in made if version in there.get(document, ())}
        self.indexed.update(dict.fromkeys(made, self.rounds))
        self.partial = self.partial or len(made) < len(versions)

    def _thin(self, number: int, kept: set[Version]) -> None:
        """Write a round's file again with the points of the versions `kept` alone."""
        path = points_file(self.folder, number)
        if not path.exists():
            return
        thinner = path.with_name(f".{path.name}")
        with gzip.open(path, "rb") as old, gzip.open(thinner, "wb", compresslevel=1) as new:
            for line in old:
                fields = json.loads(line)["payload"]
                if (fields["document_id"], fields["version"]) in kept:
                    new.write(line)
        thinner.replace(path)


def points_file(folder: Path, number: int) -> Path:
    """Return the file with a round's points."""
    return folder / POINTS / f"points-{number:02}.jsonl.gz"


def _parts(versions: Mapping[Version, Wanted]) -> Iterator[dict[Version, Wanted]]:
    """Part the versions so that the points of a part are not too many at once."""
    part: dict[Version, Wanted] = {}
    chunks = 0
    for version, wanted in versions.items():
        if part and (len(part) >= _DOCUMENTS_AT_ONCE or chunks + wanted.chunks > _CHUNKS_AT_ONCE):
            yield part
            part, chunks = {}, 0
        part[version] = wanted
        chunks += wanted.chunks
    if part:
        yield part
