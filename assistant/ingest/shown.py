"""Shows documents to other readers where nothing but those has changed: nothing is fetched, parsed or embedded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from assistant.access import ReadersRule
from assistant.catalog import Catalog, KnownDocument
from assistant.interfaces import Index
from assistant.types import Access, Changed, document_id
from assistant.types.access import UNFINISHED, WITHDRAWN


class Readers:
    """Brings the readers of a source's documents to what the source or the rule says.

    Args:
        catalog: holds them.
        index: has them too, to search quickly.
        source: its name.
        rule: of the source.
        stored: the same, as the catalog has it.
    """

    def __init__(
        self, catalog: Catalog, index: Index, source: str, rule: ReadersRule, stored: Mapping[str, Any]
    ) -> None:
        self._catalog, self._index = catalog, index
        self._source, self._rule, self._stored = source, rule, stored

    def update(self, known: KnownDocument, listed: Changed | None, known_documents: dict[str, KnownDocument]) -> int:
        """Show a listed document, with its members, to whom it is to be shown now.

        Args:
            known: the document.
            listed: what the source said of it; None where it said nothing.
            known_documents: by key; the document's entry follows.

        Returns:
            how many documents have other readers now.
        """
        access, is_of_source = self._wanted(known, listed)
        if (access, is_of_source) == (known.access, known.access_from_source):
            return 0
        shown = document_id(self._source, known.key)
        count = 0
        if access != known.access:
            documents = [shown, *self._catalog.documents.below(shown)]
            for each in documents:  # before the catalog: killed in between, it is still known to be due
                self._index.set_access(each, access)
            self._catalog.documents.set_access(shown, access, None if is_of_source else self._stored)
            count = len(documents)
        if is_of_source != known.access_from_source:
            self._catalog.documents.set_mark(shown, known.mark, known.pipeline, access_from_source=is_of_source)
        known_documents[known.key] = replace(known, access=access, access_from_source=is_of_source)
        return count

    def _wanted(self, known: KnownDocument, listed: Changed | None) -> tuple[Access, bool]:
        """Return who is to read a document, and whether its source says so."""
        if listed is not None and listed.access is not None:
            return self._rule.of_source(listed.access), True
        if known.access_from_source:  # its source tells only whoever fetches it, and shows a change in its mark
            return known.access, True
        return self._rule.access(known.key), False


def must_ask(known: Mapping[str, KnownDocument], listed: Changed, *, from_begin: bool) -> bool:
    """Whether a document is to be fetched for its readers: its source, or what is configured of it, may be another.

    Args:
        known: the source's documents by key.
        listed: what the source said of the document.
        from_begin: nothing is known of what the source said before.
    """
    document = known.get(listed.key)
    if document is None or listed.access is not None or not document.access_from_source:
        return False
    # closed meanwhile, and all is as it was: its mark does not tell that, as of an upload that is shared again
    return from_begin or not document.access.deny.isdisjoint({UNFINISHED, WITHDRAWN})
