"""The calls on documents of those who look after their sources, and on what a document was taken apart into."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import httpx

from ui.calls import HttpCalls
from ui.inventory import Block, Chunk, Found, Inspected, Layout, types_of
from ui.models import Json
from ui.overseen import given

_LAYOUT_SECONDS = 120.0  # the page is drawn, and every block is looked for on it


class InventoryCalls(HttpCalls):
    """See `HttpCalls`."""

    def inventory(
        self,
        *,
        source: str | None = None,
        query: str = "",
        media_types: Sequence[str] = (),
        state: str = "",
        limit: int = 50,
        offset: int = 0,
    ) -> Found:
        """Return a stretch of the documents of the sources that the user looks after."""
        params = {
            "source": source,
            "query": query or None,
            "media_type": list(media_types) or None,
            "state": state or None,
            "limit": limit,
            "offset": offset,
        }
        return self._read(Found.read, "GET", "/api/inventory", params=params)

    def document_types(self, source: str | None = None) -> tuple[tuple[str, int], ...]:
        """Return the types of the documents that the user may read, with how many there are of each."""
        return self._read(types_of, "GET", "/api/documents/types", params={"source": source})

    def inspect(self, source: str, key: str) -> Inspected:
        """Return all that is known of a document, beside what it says."""
        params = {"source": source, "key": key}
        return self._read(Inspected.read, "GET", "/api/inventory/document", params=params)

    def ingest_document(self, source: str, key: str) -> None:
        """Have a document fetched and made anew."""
        self._call("POST", "/api/inventory/ingest", json={"source": source, "key": key})

    def delete_document(self, source: str, key: str) -> None:
        """Have a document deleted with all that was made of it."""
        self._call("POST", "/api/inventory/delete", json={"source": source, "key": key})

    def open_document(self, source: str, key: str, reason: str, minutes: int) -> None:
        """Open a document to oneself by a break-glass act."""
        body: Json = {"source": source, "key": key, "reason": reason, "minutes": minutes}
        self._call("POST", "/api/access/open", json=body)

    def end_opening(self, opening: str) -> None:
        """End a break-glass act before its time."""
        self._call("DELETE", f"/api/access/openings/{quote(opening, safe='')}")

    def blocks(self, source: str, key: str, limit: int, offset: int) -> tuple[tuple[Block, ...], int]:
        """Return a stretch of a document's blocks, and how many there are."""
        params = {"source": source, "key": key, "limit": limit, "offset": offset}
        return self._read(
            lambda data: (tuple(given(Block, one) for one in data["blocks"]), int(data["total"])),
            "GET",
            "/api/documents/blocks",
            params=params,
        )

    def chunks(self, source: str, key: str, limit: int, offset: int) -> tuple[tuple[Chunk, ...], int]:
        """Return a stretch of a document's chunks, and how many there are."""
        params = {"source": source, "key": key, "limit": limit, "offset": offset}
        return self._read(
            lambda data: (tuple(given(Chunk, one) for one in data["chunks"]), int(data["total"])),
            "GET",
            "/api/documents/chunks",
            params=params,
        )

    def layout(self, source: str, key: str, page: int) -> Layout:
        """Return where the blocks of a page stand on it."""
        params = {"source": source, "key": key, "page": page}
        timeout = httpx.Timeout(_LAYOUT_SECONDS)
        return self._read(Layout.read, "GET", "/api/documents/layout", params=params, timeout=timeout)
