"""The API's calls that lead to a question: estimates, suggestions, scopes, and files that people bring."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import httpx

from ui.calls import HttpCalls
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


def _suggestions(data: Json) -> tuple[Suggested, ...]:
    return tuple(Suggested(DocumentName.read(s["document"]), str(s["heading"])) for s in data["suggestions"])
