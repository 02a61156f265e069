"""Documents for the tools of packs to be tried with: those that its module `conformance` has as `DOCUMENTS`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.errors import NotFoundError
from assistant.types import Document, DocumentInfo, DocumentRef, Filters, Passage, User

SOURCE = "conformance"
STRANGER = User("stranger")
"""Somebody who has every pack and may read no document."""


class SceneDocuments:
    """Texts by key, in one source, which everybody may read but the stranger; see `interfaces.DocumentReader`."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._documents = {
            key: Document(DocumentRef(SOURCE, key, "1", key, f"scene:{key}", "text/plain"), text)
            for key, text in texts.items()
        }

    def page(
        self, user: User, sources: Sequence[str] | None = None, limit: int | None = None, offset: int = 0
    ) -> Sequence[DocumentInfo]:
        """See `interfaces.DocumentReader`."""
        found = self._readable(user) if sources is None or SOURCE in sources else []
        infos = [DocumentInfo(one.ref, 0, 1, len(one.text), len(one.text.split())) for one in found]
        return infos[offset:] if limit is None else infos[offset : offset + limit]

    def read(self, source: str, key: str, user: User) -> Document:
        """See `interfaces.DocumentReader`."""
        for one in self._readable(user):
            if (one.ref.source, one.ref.key) == (source, key):
                return one
        raise NotFoundError(f"there is no document {key!r} in source {source!r} that you may read")

    def search(self, query: str, user: User, limit: int, filters: Filters) -> Sequence[Passage]:
        """See `interfaces.DocumentReader`; here it finds documents with any of the words, whatever the filters say."""
        del filters
        words = query.lower().split()
        found = [one for one in self._readable(user) if any(word in one.text.lower() for word in words)]
        return [Passage.of(one, 0, len(one.text)) for one in found[:limit]]

    def _readable(self, user: User) -> list[Document]:
        allowed = [
            one
            for one in self._documents.values()
            if user.reads_everything or not one.ref.access.allow.isdisjoint(user.principals)
        ]
        return sorted(allowed, key=lambda one: one.ref.key)
