"""The UI's calls of the API around looking for documents: search, thumbnails, originals, where a quote stands."""

from __future__ import annotations

from typing import Any

import httpx

from ui.calls import HttpCalls
from ui.search_models import FoundDocuments, FoundPicture

DRAWING_SECONDS = 600.0  # an Office file is printed when it is first shown


class SearchCalls(HttpCalls):
    """See `HttpCalls`."""

    def search_documents(self, asked: dict[str, Any]) -> FoundDocuments:
        """Return the documents that speak of `asked["query"]`, narrowed as the API's `FiltersJson` says."""
        return self._read(FoundDocuments.read, "POST", "/api/search/documents", json=asked)

    def search_by_picture(self, picture: bytes, limit: int) -> tuple[FoundPicture, ...]:
        """Return the pictures in documents that look most like this one, an image file, the best first."""
        return self._read(
            lambda data: tuple(FoundPicture.read(hit) for hit in data["hits"] if hit.get("pictures")),
            "POST",
            "/api/search/picture",
            params={"limit": limit},
            content=picture,
            timeout=httpx.Timeout(self._timeout, read=DRAWING_SECONDS),
        )

    def thumbnail(self, source: str, key: str, page: int = 1) -> bytes:
        """Return a page as a small PNG."""
        place = {"source": source, "key": key, "page": page}
        timeout = httpx.Timeout(self._timeout, read=DRAWING_SECONDS)
        return self._call("GET", "/api/documents/thumbnail", params=place, timeout=timeout).content

    def original(self, source: str, key: str) -> bytes:
        """Return a document as its source gave it."""
        place = {"source": source, "key": key}
        timeout = httpx.Timeout(self._timeout, read=DRAWING_SECONDS)
        return self._call("GET", "/api/documents/original", params=place, timeout=timeout).content

    def marked_pages(self, source: str, key: str, start: int, end: int) -> tuple[int, ...]:
        """Return the numbers of the pages, in order, that show the characters `start` to `end` (exclusive)."""
        place = {"source": source, "key": key, "start": start, "end": end}
        timeout = httpx.Timeout(self._timeout, read=DRAWING_SECONDS)
        return self._read(
            lambda data: tuple(sorted({int(box["page"]) for box in data["boxes"]})),
            "GET",
            "/api/documents/boxes",
            params=place,
            timeout=timeout,
        )
