"""The calls about a person's own uploads."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import httpx

from ui.calls import HttpCalls
from ui.uploads import Shelf, Taken

_UPLOAD_SECONDS = 300.0  # a large file on a slow line


class UploadCalls(HttpCalls):
    """See `HttpCalls`."""

    def uploads(self) -> Shelf:
        """Return what the person has uploaded."""
        return self._read(Shelf.read, "GET", "/api/uploads")

    def upload(self, files: Sequence[tuple[str, bytes]], *, keeps_readers: bool = False) -> Taken:
        """Upload files, names and bytes, private to the person; one of the same name gives way. They are read later.

        Args:
            files: names and bytes.
            keeps_readers: one that takes the place of another is for those who read that one.

        Raises:
            ApiError: none of them is taken; the message says why.
        """
        parts: list[tuple[str, tuple[str | None, bytes]]] = [("files", one) for one in files]
        if not keeps_readers:
            parts.append(("readers", (None, b"")))
        return self._read(Taken.read, "POST", "/api/uploads", files=parts, timeout=httpx.Timeout(_UPLOAD_SECONDS))

    def share_upload(self, key: str, readers: Sequence[str]) -> None:
        """Replace who may read an upload beside its owner: groups, or `user:ID`."""
        self._call("PATCH", f"/api/uploads/{quote(key, safe='')}", json={"readers": list(readers)})

    def remove_upload(self, key: str) -> None:
        """Remove an upload: nobody reads it from now on."""
        self._call("DELETE", f"/api/uploads/{quote(key, safe='')}")
