"""What leads to a question in the scripted API: scopes, estimates, suggestions, and files that people bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request

from tests.fakes.api_content import HOTEL, WHOLE, FakeDocument, Json

if TYPE_CHECKING:
    from tests.fakes.api import FakeApi

OWN = "uploads-operator"
HEADINGS = {"travel/policy.pdf": "Hotels and meals", "people/leave.md": "How much leave is there?"}


def add_composing(app: FastAPI, fake: FakeApi) -> None:
    """Serve them."""

    @app.get("/api/scope")
    def scope() -> Json:
        return offered(fake.documents)

    @app.post("/api/plan")
    async def plan(request: Request) -> Json:
        body: dict[str, Any] = await request.json()
        named = [one for one in fake.documents if one.source in (body["sources"] or [one.source])]
        planned = None if not body["question"] else (WHOLE if body["mode"] == "documents" else HOTEL).plan
        return {"within": {"documents": len(named), "tokens": 1200 * len(named)}, "plan": planned}

    @app.get("/api/suggestions")
    def suggestions(limit: int, key: str | None = None) -> Json:
        named = [one for one in fake.documents if key in {None, one.key}]
        found = [{"document": one.name, "heading": HEADINGS.get(one.key, "")} for one in named]
        return {"suggestions": found[:limit]}

    @app.get("/api/conversations/{conversation}/turns/{turn}/suggestions")
    def after(conversation: str, turn: str) -> Json:
        cited = [one for one in fake.documents if one.key in HEADINGS]
        return {"suggestions": [{"document": one.name, "heading": HEADINGS[one.key]} for one in cited]}


def offered(documents: list[FakeDocument]) -> Json:
    """Return what a question can be narrowed to."""
    sources: dict[str, int] = {}
    folders: dict[tuple[str, str], int] = {}
    types: dict[str, int] = {}
    for one in documents:
        sources[one.source] = sources.get(one.source, 0) + 1
        folder = (one.source, one.key.partition("/")[0])
        if "/" in one.key:
            folders[folder] = folders.get(folder, 0) + 1
        kind = one.key.rpartition(".")[2]
        types[kind] = types.get(kind, 0) + 1
    return {
        "sources": [
            {"name": name, "documents": number, "tokens": 9, "own": name == OWN} for name, number in sources.items()
        ],
        "types": [{"type": name, "documents": number} for name, number in types.items()],
        "folders": [{"source": s, "path": path, "documents": number} for (s, path), number in folders.items()],
        "more_folders": False,
    }
