"""An assistant to back up, and empty homes to restore into."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from assistant.adapters.blobs import FolderBlobs
from assistant.backup import Model, OnProgress, Origin, RestoreReport, Target, create_backup, restore_backup
from assistant.backup.manifest import silent
from assistant.catalog import Catalog, IndexRecord, Keyring
from assistant.catalog.indexes import FIRST
from assistant.interfaces import BlobStore
from assistant.retrieval import Retriever
from assistant.types import LOCAL_OPERATOR
from tests.fakes.index import FakeIndex
from tests.fakes.system import System

WORDS = Model(name="fake/words", dimension=64)


def origin(system: System, blobs: BlobStore | None = None) -> Origin:
    return Origin("1.2.3", system.catalog, blobs or system.blobs, system.index, WORDS)


class Home:
    """A home to restore into; `system()` is the assistant on it. All are closed after the test."""

    opened: ClassVar[list[Home]] = []

    def __init__(self, folder: Path, url: str = "") -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.index = FakeIndex(64)
        self.discarded = 0
        self.served = IndexRecord(FIRST, "current", "fake", 200, "", created_at=0.0)
        self.catalog = Catalog(url or f"sqlite:///{folder / 'catalog.sqlite3'}", Keyring(folder / "secret.key"))
        self.blobs = FolderBlobs(folder / "blobs")
        self.opened.append(self)

    def target(self, embedder: Model = WORDS, pictures: Model | None = None, sparse: str = "") -> Target:
        def discard() -> None:
            self.discarded += 1
            self.index = FakeIndex(64)

        models = embedder, pictures, sparse
        return Target(self.folder, self.catalog, self.blobs, *models, lambda: self.index, discard, self.served)

    def restore(
        self, backup: Path, *, force: bool = False, without_keys: bool = True, on_progress: OnProgress = silent
    ) -> RestoreReport:
        """Restore, by default also without the keys, which a home of its own does not have."""
        return restore_backup(backup, self.target(), force=force, without_keys=without_keys, on_progress=on_progress)

    def system(self) -> System:
        system = System(self.folder)
        system.catalog.close()
        system.catalog, system.index = self.catalog, self.index
        system.library = type(system.library)(self.catalog, self.blobs)
        system.retriever = Retriever(self.index, system.embedder, system.library)
        system.ingestor = system.new_ingestor()
        system.conversations = system.new_desk()
        return system


def backed_up(system: System, folder: Path, on_progress: Callable[[str, int, int], None] = silent) -> Path:
    create_backup(origin(system), folder, on_progress)
    return folder


def texts(system: System) -> dict[str, str]:
    """Return the texts of all documents, by key."""
    found = system.library.documents(LOCAL_OPERATOR)
    return {info.ref.key: system.library.read("s", info.ref.key, LOCAL_OPERATOR).text for info in found}


def hits(system: System, query: str) -> list[tuple[str, str, float]]:
    return [(p.ref.key, p.text, round(p.score, 9)) for p in system.retriever.search(query, LOCAL_OPERATOR, 50)]


def assert_whole(system: System) -> None:
    """Assert that catalog, index and blobs hold the same versions, and each its own bytes."""
    current = system.catalog.documents.current_versions()
    assert system.index.versions() == {key: {version} for key, version in current.items()}
    infos = system.library.documents(LOCAL_OPERATOR)
    assert system.index.counts().chunks == sum(info.chunks for info in infos)
    for kind in ("text", "original"):
        assert {tuple(key.split("/")[1:]) for key in system.blobs.keys(kind)} == set(current.items())
    for info in infos:
        stored = system.blobs.get(f"original/{info.ref.id}/{info.ref.version}").decode()
        assert system.library.read("s", info.ref.key, LOCAL_OPERATOR).text == stored
