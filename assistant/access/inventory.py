"""Which documents there are and what became of them, for those who look after their sources; never what is in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.access.subjects import looks_after, must_be_told
from assistant.catalog import Catalog, Happened, InventoryRecord, OpeningRecord, RunRecord, SuspicionRecord, Wanted
from assistant.errors import NotFoundError
from assistant.types import DocumentInfo, User, document_id, may_read


@dataclass(frozen=True, slots=True)
class Inspected:
    """What is known of a document, beside what it says.

    Attributes:
        record: the document, and what is still to be done on it.
        may_read: whether the asker may read it.
        opening: the break-glass act by which alone the asker does; None: none.
        suspicion: what in it reads like orders to an assistant; None: nothing.
        members: how many documents are in it.
        failures: runs that could not index it, the newest first.
        last_run: the newest run of its source; None: none is recorded.
    """

    record: InventoryRecord
    may_read: bool
    opening: OpeningRecord | None
    suspicion: SuspicionRecord | None
    members: int
    failures: tuple[Happened, ...]
    last_run: RunRecord | None


class InventoryDesk:
    """Lists and inspects documents. What people upload is theirs: admins are not told of single files of it.

    Args:
        catalog: what is known.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def page(
        self, user: User, source: str | None, wanted: Wanted, limit: int, offset: int
    ) -> tuple[list[InventoryRecord], int]:
        """Return a stretch of the documents of the sources that the user looks after, and how many there are.

        Raises:
            NotFoundError: the user does not look after the source that is named.
        """
        within = self._within(user, source)
        return self._catalog.inventory.page(within, wanted, limit, offset, uploads=user.reads_everything)

    def media_types(self, user: User, source: str | None) -> list[tuple[str, int]]:
        """Return the types of those documents, with how many there are of each. Raises NotFoundError as `page` does."""
        return self._catalog.inventory.media_types(self._within(user, source))

    def readable(
        self, user: User, source: str | None, wanted: Wanted, limit: int, offset: int
    ) -> tuple[list[DocumentInfo], int]:
        """Return a stretch of the documents that the user may read, by name and type, and how many there are."""
        return self._catalog.inventory.readable(user, None if source is None else [source], wanted, limit, offset)

    def types_readable(self, user: User, source: str | None) -> list[tuple[str, int]]:
        """Return the types of the documents that the user may read, with how many there are of each."""
        return self._catalog.inventory.media_types(None if source is None else [source], user)

    def inspect(self, source: str, key: str, user: User) -> Inspected:
        """Return what is known of a document.

        Raises:
            NotFoundError: there is none, nor work on one, or the user does not look after its source.
        """
        found = self._catalog.inventory.one(source, key) if looks_after(self._catalog, source, user) else None
        if found is None:
            raise missing(source, key)
        identity = document_id(source, key)
        suspicions = self._catalog.suspicions.of_document(source, key)
        newest = self._catalog.runs.newest(source, 1)
        return Inspected(
            record=found,
            may_read=found.info is not None and may_read(user, found.info.ref.access, identity),
            opening=self._opening(identity, user),
            suspicion=suspicions,
            members=len(self._catalog.documents.below(identity)),
            failures=tuple(self._catalog.inventory.failures(source, key)),
            last_run=newest[0] if newest else None,
        )

    def _opening(self, identity: str, user: User) -> OpeningRecord | None:
        if identity not in user.opened:
            return None
        covering = [one for one, ids in self._catalog.openings.open_to(user.id) if identity in ids]
        return max(covering, key=lambda one: one.expires_at, default=None)

    def _within(self, user: User, source: str | None) -> Sequence[str] | None:
        if source is not None:
            must_be_told(self._catalog, source, user)
            return [source]
        return None if user.manages else sorted(user.curates)


def missing(source: str, key: str) -> NotFoundError:
    """Return the error for a document that is not there, or of which somebody may not be told."""
    return NotFoundError(
        f"there is no document {key!r} in source {source!r} that you look after", "see `assistant documents list`"
    )
