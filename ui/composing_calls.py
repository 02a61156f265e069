"""The API's calls that lead to a question: estimates, suggestions, scopes, and files that people bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from ui.calls import HttpCalls, refusal
from ui.models import DocumentName, Json, Plan
from ui.scopes import Offered

UPLOAD_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Suggested:
    """Something to ask about: a section of a document, or the whole of it where `heading` is empty."""

    document: DocumentName
    heading: str


@dataclass(frozen=True, slots=True)
class Estimated:
    """How many documents and tokens are within the scope, and the plan, None where nothing was asked yet."""

    documents: int
    tokens: int
    plan: Plan | None

    @classmethod
    def read(cls, data: Json) -> Estimated:
        """Read `POST /api/plan`."""
        within, plan = data["within"], data.get("plan")
        return cls(int(within["documents"]), int(within["tokens"]), Plan.read(plan) if plan else None)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of the person's own and what became of it: `waiting`, `indexed` or `failed` with its cause."""

    source: str
    key: str
    state: str
    error: str

    @classmethod
    def read(cls, data: Json) -> Upload:
        """Read an upload."""
        return cls(str(data["source"]), str(data["key"]), str(data["state"]), str(data.get("error") or ""))


@dataclass(frozen=True, slots=True)
class Taken:
    """The files that were taken, and of the others the name, the reason and what to do."""

    uploads: tuple[Upload, ...]
    refused: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def read(cls, data: Json) -> Taken:
        """Read `POST /api/uploads`."""
        refused = tuple((str(r["name"]), str(r["error"]), str(r.get("hint") or "")) for r in data["refused"])
        return cls(tuple(map(Upload.read, data["uploads"])), refused)


class ComposingCalls(HttpCalls):
    """Calls that lead to a question; see `HttpCalls`."""

    def offered(self) -> Offered:
        """Return what a question can be narrowed to."""
        return self._read(Offered.read, "GET", "/api/scope")

    def plan(self, question: Json) -> Estimated:
        """Return what an answer to a question would read; without a text, what is within its scope."""
        return self._read(Estimated.read, "POST", "/api/plan", json=question, timeout=httpx.Timeout(UPLOAD_SECONDS))

    def suggestions(self, limit: int, about: DocumentName | None = None) -> tuple[Suggested, ...]:
        """Return what could be asked first, of one document or of all."""
        place = {} if about is None else {"source": about.source, "key": about.key}
        return self._read(_suggestions, "GET", "/api/suggestions", params={"limit": limit, **place})

    def next_suggestions(self, conversation: str, turn: str, limit: int) -> tuple[Suggested, ...]:
        """Return what could be asked after an answer."""
        path = f"/api/conversations/{quote(conversation, safe='')}/turns/{quote(turn, safe='')}/suggestions"
        return self._read(_suggestions, "GET", path, params={"limit": limit})

    def uploads(self) -> tuple[Upload, ...]:
        """Return the person's own files."""
        return self._read(lambda data: tuple(map(Upload.read, data["uploads"])), "GET", "/api/uploads")

    def upload(self, files: Sequence[tuple[str, bytes]]) -> Taken:
        """Bring files, names and bytes, for the person alone; they are read in the background."""
        parts = [("files", (name, data)) for name, data in files]
        try:
            response = self._http.post("/api/uploads", files=parts, timeout=httpx.Timeout(UPLOAD_SECONDS))
        except httpx.TransportError as error:
            raise self._unreachable() from error
        if response.is_error:
            raise refusal(response)
        return self._understood(Taken.read, response, "/api/uploads")


def _suggestions(data: Json) -> tuple[Suggested, ...]:
    return tuple(Suggested(DocumentName.read(s["document"]), str(s["heading"])) for s in data["suggestions"])
