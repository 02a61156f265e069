"""The system of `tests.fakes.system` with uploads, and with an embedder that counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from assistant.ingest.uploads import register_uploads
from assistant.interfaces import Index, Vectors
from assistant.retrieval import Retriever
from assistant.types import User
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.system import System

ALICE = User("alice", frozenset({"everyone"}))
BOB = User("bob", frozenset({"everyone"}))
HR = User("hannah", frozenset({"everyone", "hr"}))
ADMIN = User("root", frozenset({"everyone"}), "admin")


class CountingEmbedder(FakeEmbedder):
    """Counts the texts that were embedded as passages."""

    texts = 0

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.texts += len(texts)
        return super().embed_passages(texts)

    def embed_query(self, text: str) -> Vectors:
        row: Vectors = super().embed_passages([text])[0]
        return row


class UploadSystem(System):
    """A system whose people may upload.

    Args:
        folder: holds everything.
        index: another index than the fake one.
    """

    def __init__(self, folder: Path, index: Index | None = None) -> None:
        super().__init__(folder)
        register_uploads(self.registry, lambda: self.catalog, lambda: self.blobs)
        self.embedder = CountingEmbedder()
        if index is not None:
            self.index = index  # type: ignore[assignment]
        self.retriever = Retriever(self.index, self.embedder, self.library)
        self.ingestor = self.new_ingestor()

    def sync(self, user: User = ALICE) -> None:
        """Take up what the person changed."""
        self.ingestor.sync(f"uploads-{user.id}", "upload")

    def found(self, query: str, user: User) -> set[str]:
        """Return the keys of what the user finds."""
        return {passage.ref.key for passage in self.retriever.search(query, user, 10)}

    def states(self, user: User = ALICE) -> dict[str, str]:
        """Return the state of each of the person's uploads."""
        return {upload.record.key: upload.state for upload in self.uploads.of(user)}

    def stored(self) -> set[str]:
        """Return the kinds of blobs that are stored."""
        return {key.partition("/")[0] for key in self.blobs.keys("")}
