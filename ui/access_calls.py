"""The calls that ask who may read what, and set it."""

from __future__ import annotations

from urllib.parse import quote

from ui.access_models import Preview, Sees, Why
from ui.calls import HttpCalls
from ui.models import Json


class AccessCalls(HttpCalls):
    """See `HttpCalls`."""

    def why(self, subject: str, source: str, key: str) -> Why:
        """Return why somebody may read a document, or may not."""
        params = {"subject": subject, "source": source, "key": key}
        return self._read(Why.read, "GET", "/api/access/why", params=params)

    def sees(self, subject: str, source: str | None = None, folder: str = "", limit: int = 50) -> Sees:
        """Return what somebody may read."""
        params = {"subject": subject, "source": source, "folder": folder, "limit": limit}
        return self._read(Sees.read, "GET", "/api/access/sees", params=params)

    def preview_readers(self, source: str, readers: Json) -> Preview:
        """Return what a rule of readers would change; nothing is changed."""
        body = {"source": source, "readers": dict(readers)}
        return self._read(Preview.read, "POST", "/api/access/preview", json=body)

    def readers(self, source: str) -> Json:
        """Return a source's rule of readers."""

        def of_source(data: Json) -> Json:
            return dict(next(one["readers"] for one in data["sources"] if one["name"] == source))

        return self._read(of_source, "GET", "/api/sources", params={"with_kinds": "false"})

    def set_readers(self, source: str, readers: Json) -> None:
        """Set a source's rule of readers; it holds from the next sync on."""
        self._call("PATCH", f"/api/sources/{quote(source, safe='')}", json={"readers": dict(readers)})
