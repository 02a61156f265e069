"""What planning and answering need of the documents that a user may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from assistant.citations.resolve import Reader
from assistant.types import DocumentInfo, User


class Library(Reader, Protocol):
    """The documents that a user may read, and nothing of the others."""

    def documents(self, user: User, sources: Sequence[str] | None = None) -> list[DocumentInfo]:
        """Return every document that the user may read, of these sources or of all."""
        ...

    def info(self, source: str, key: str, user: User) -> DocumentInfo:
        """Return what the catalog knows of one document. Raises NotFoundError if the user may not read it."""
        ...
