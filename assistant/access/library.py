"""The documents that a user may read: every full-text read goes through here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assistant.access.stored_text import load_text
from assistant.catalog import Catalog
from assistant.errors import NotFoundError
from assistant.interfaces import BlobStore
from assistant.types import Document, DocumentInfo, User, document_id


class Library:
    """Reads documents for a user.

    Args:
        catalog: says which version is current and who may read it.
        blobs: holds the extracted text.
    """

    def __init__(self, catalog: Catalog, blobs: BlobStore) -> None:
        self._catalog = catalog
        self._blobs = blobs

    def documents(
        self, user: User, sources: Sequence[str] | None = None, limit: int | None = None, offset: int = 0
    ) -> list[DocumentInfo]:
        """Return the documents the user may read, by source and key."""
        return self._catalog.documents.page(user, sources, limit, offset)

    def count(self, user: User, sources: Sequence[str] | None = None) -> tuple[int, int]:
        """Return how many documents and chunks the user may read."""
        return self._catalog.documents.count(user, sources)

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """Return those of the documents that are current and that the user may read, by id."""
        return self._catalog.documents.readable(document_ids, user)

    def info(self, source: str, key: str, user: User) -> DocumentInfo:
        """Return what is known of the document.

        Raises:
            NotFoundError: it does not exist or the user may not read it; the two are not told apart.
        """
        wanted = document_id(source, key)
        found = self.readable([wanted], user).get(wanted)
        if found is None:
            raise NotFoundError(
                f"there is no document {key!r} in source {source!r} that you may read", "see `assistant documents list`"
            )
        return found

    def read(self, source: str, key: str, user: User) -> Document:
        """Return the document's current text, blocks and pages.

        Raises:
            NotFoundError: it does not exist or the user may not read it.
        """
        ref = self.info(source, key, user).ref
        while True:
            try:
                return load_text(self._blobs, ref)
            except NotFoundError:
                current = self.info(source, key, user).ref
                if current.version == ref.version:
                    raise
                ref = current  # a worker made a newer version current, and deleted this one's text, since we looked
