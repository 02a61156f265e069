"""What planning and answering need of the documents that a user may read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from assistant.citations.resolve import Reader
from assistant.types import DocumentInfo, DocumentRef, User


class Library(Reader, Protocol):
    """The documents that a user may read, and nothing of the others."""

    def documents(self, user: User, sources: Sequence[str] | None = None) -> list[DocumentInfo]:
        """Return every document that the user may read, of these sources or of all."""
        ...

    def tokens(self, user: User, sources: Sequence[str] | None = None) -> int:
        """Return how long all of them are together, in the embedder's tokens."""
        ...

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """Return those of the documents that the user may read, by id."""
        ...

    def own_texts(self, refs: Iterable[DocumentRef], user: User) -> Iterator[tuple[DocumentInfo, str]]:
        """Yield what a model is given of those of the versions that are current and that the user may read."""
        ...

    def info(self, source: str, key: str, user: User) -> DocumentInfo:
        """Return what the catalog knows of one document. Raises NotFoundError if the user may not read it."""
        ...
