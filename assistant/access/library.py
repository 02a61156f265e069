"""The documents that a user may read: every full-text read goes through here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from assistant.access.outlines import Outline, Outlines
from assistant.access.stored_text import load_own_text, load_text, original_key, picture_key
from assistant.catalog import Catalog
from assistant.errors import NotFoundError
from assistant.interfaces import BlobStore, Index
from assistant.types import Chunk, Document, DocumentInfo, DocumentRef, Picture, User, document_id

_AT_ONCE = 1000  # documents whose rights are looked up together
_POINTS_AT_ONCE = 256


class Library:
    """Reads documents for a user.

    Args:
        catalog: says which version is current and who may read it.
        blobs: holds the extracted text.
    """

    def __init__(self, catalog: Catalog, blobs: BlobStore) -> None:
        self._catalog = catalog
        self._blobs = blobs
        self._outlines = Outlines(lambda ref: load_text(blobs, ref))

    def documents(
        self, user: User, sources: Sequence[str] | None = None, limit: int | None = None, offset: int = 0
    ) -> list[DocumentInfo]:
        """Return the documents the user may read, by source and key."""
        return self._catalog.documents.page(user, sources, limit, offset)

    def count(self, user: User, sources: Sequence[str] | None = None) -> tuple[int, int]:
        """Return how many documents and chunks the user may read."""
        return self._catalog.documents.count(user, sources)

    def sources(self, user: User) -> set[str]:
        """Return the sources that hold a document that the user may read."""
        return self._catalog.documents.sources(user)

    def tokens(self, user: User, sources: Sequence[str] | None = None) -> int:
        """Return how long all the documents are that the user may read, in the embedder's tokens."""
        return self._catalog.documents.tokens(user, sources)

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """Return those of the documents that are current and that the user may read, by id."""
        return self._catalog.documents.readable(document_ids, user)

    def generation_seen(self) -> int:
        """Return what `retrieval.confirming.Catalog` says."""
        return self._catalog.documents.generation_seen()

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

    def original(self, source: str, key: str, user: User) -> tuple[DocumentRef, bytes]:
        """Return the document's bytes as its source gave them, with the version that they are.

        Raises:
            NotFoundError: it does not exist or the user may not read it.
        """
        ref = self.info(source, key, user).ref
        while True:
            try:
                return ref, self._blobs.get(original_key(ref))
            except NotFoundError:
                current = self.info(source, key, user).ref
                if current.version == ref.version:
                    raise
                ref = current  # as in `read`

    def chunks(
        self, source: str, key: str, user: User, index: Index, limit: int, offset: int = 0
    ) -> tuple[DocumentRef, list[Chunk], int]:
        """Return a stretch of the chunks of the document's current version as an index holds them, and how many it has.

        Args:
            source, key: the document.
            user: who reads.
            index: where they are.
            limit, offset: the stretch, by ordinal.

        Raises:
            NotFoundError: it does not exist or the user may not read it.
        """
        info = self.info(source, key, user)
        ref = info.ref
        found: list[Chunk] = []
        after: str | None = None
        while True:
            points = index.read_points([ref.id], after, _POINTS_AT_ONCE)
            fields = [point.payload for point in points if point.payload["version"] == ref.version]
            found += [_chunk(one) for one in fields if one["ordinal"] < info.chunks]  # the others are pictures
            if len(points) < _POINTS_AT_ONCE:
                break
            after = points[-1].id
        found.sort(key=lambda one: one.ordinal)
        return ref, found[offset : offset + limit], len(found)

    def own_texts(self, refs: Iterable[DocumentRef], user: User) -> Iterator[tuple[DocumentInfo, str]]:
        """Yield what a language model is given of those of the versions that are current and that the user may read.

        One after the other, in the order of `refs`, so that many of them are never all in memory for this alone.
        """
        wanted = list(refs)
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            readable = self.readable([ref.id for ref in part], user)
            for ref in part:
                info = readable.get(ref.id)
                if info is not None and info.ref.version == ref.version:
                    with contextlib.suppress(NotFoundError):  # a newer version became current a moment ago
                        yield info, load_own_text(self._blobs, ref)

    def outlines(self, refs: Iterable[DocumentRef], user: User) -> Mapping[str, Outline]:
        """Return the outlines of those of the versions that are current and that the user may read, by document id."""
        wanted = {ref.id: ref for ref in refs}
        found = {}
        for key, info in self.readable(wanted, user).items():
            if info.ref.version == wanted[key].version:
                with contextlib.suppress(NotFoundError):  # a newer version became current a moment ago
                    found[key] = self._outlines.get(info.ref)
        return found

    def picture(self, source: str, key: str, number: int, user: User) -> Picture:
        """Return one of the document's pictures with its image, for people and for a vision model to look at.

        Args:
            source, key: the document.
            number: the picture's, from 1, as `Document.pictures` and `Passage.pictures` count.
            user: who looks.

        Raises:
            NotFoundError: there is no such document that the user may read, or no such picture.
        """
        document = self.read(source, key, user)
        if not 1 <= number <= len(document.pictures):
            raise NotFoundError(f"{key!r} has no picture {number}", f"it has {len(document.pictures)} pictures")
        return replace(document.pictures[number - 1], data=self._blobs.get(picture_key(document.ref, number)))


def _chunk(fields: Mapping[str, Any]) -> Chunk:
    """Return the chunk that a point's fields stand for; those of earlier layouts say less."""
    page = fields.get("page")
    return Chunk(
        document_id=str(fields["document_id"]),
        ordinal=int(fields["ordinal"]),
        start=int(fields["start"]),
        end=int(fields["end"]),
        text=str(fields["text"]),
        page=None if page is None else int(page),
        heading_path=tuple(map(str, fields.get("heading_path") or ())),
        table_header=str(fields.get("table_header") or ""),
        pictures=tuple(map(int, fields.get("pictures") or ())),
        captions=str(fields.get("captions") or ""),
    )
