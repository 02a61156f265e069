"""What leads to a question in the scripted API: scopes, estimates, suggestions, and files that people bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile

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

    _uploads(app, fake)


def _uploads(app: FastAPI, fake: FakeApi) -> None:
    @app.get("/api/uploads")
    def listed() -> Json:
        for one in fake.uploads:
            _step(fake, one)
        return {"uploads": fake.uploads, "used": 0, "quota": None, "max_bytes": 1}

    @app.post("/api/uploads", status_code=201)
    async def upload(request: Request) -> Any:
        form = await request.form()
        files = [file for _, file in form.multi_items() if isinstance(file, UploadFile)]
        names = [str(file.filename) for file in files]
        await form.close()
        fake.requests.append(("POST", "/api/uploads", names))
        error = {"error": "no parser reads this type", "hint": "save it as PDF", "code": "UnsupportedFormatError"}
        refused = [{"name": name, **error} for name in names if name.endswith(".exe")]
        if len(refused) == len(names):
            return JSONResponse(error, 422)
        taken = [_upload(name) for name in names if not name.endswith(".exe")]
        names_taken = {one["key"] for one in taken}
        fake.uploads[:] = [*taken, *(one for one in fake.uploads if one["key"] not in names_taken)]
        return {"uploads": taken, "refused": refused}


def _upload(name: str) -> dict[str, Any]:
    return {"source": OWN, "key": name, "state": "waiting", "error": None, "looks": 0}


def _step(fake: FakeApi, one: dict[str, Any]) -> None:
    """Let an upload be read at the second look; one of a name with `damaged` fails."""
    one["looks"] += 1
    if one["state"] != "waiting" or one["looks"] < 2:
        return
    if "damaged" in one["key"]:
        one.update(state="failed", error=f"{one['key']} is damaged")
        return
    one["state"] = "indexed"
    fake.documents.append(FakeDocument(OWN, one["key"], one["key"], "application/pdf", "Hotels are paid."))


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
