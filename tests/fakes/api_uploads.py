"""The scripted API's uploads: a file is indexed when the list was asked for twice."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from tests.fakes.api_content import FakeDocument, Json

if TYPE_CHECKING:
    from tests.fakes.api import FakeApi

OWN = "uploads-operator"


def add_uploads(app: FastAPI, fake: FakeApi) -> None:
    """Serve a person's own uploads."""

    @app.get("/api/uploads")
    def uploads() -> Json:
        for one in fake.uploads.values():
            _step(fake, one)
        rows = [dict(one) for one in fake.uploads.values()]
        used = sum(one["size"] for one in rows)
        return {"uploads": rows, "used": used, "quota": 50_000_000, "max_bytes": 10_000_000}

    @app.post("/api/uploads", status_code=201)
    async def upload(request: Request) -> Any:
        async with request.form() as form:
            files = [(str(one.filename), await one.read()) for _, one in form.multi_items() if not isinstance(one, str)]
            is_private = form.get("readers") == ""
        fake.requests.append(("POST", "/api/uploads", [name for name, _ in files]))
        refused = [{"name": name, **said} for name, data in files if (said := _refusal(name, data))]
        if len(refused) == len(files):
            return JSONResponse(refused[0], 422)
        taken = []
        for name, data in files:
            if _refusal(name, data) is None:
                former = fake.uploads.get(name)
                fake.uploads[name] = _upload(name, data)
                if former and not is_private:
                    fake.uploads[name]["readers"] = former["readers"]
                taken.append({**fake.uploads[name], "replaced": former is not None})
        return {"uploads": taken, "refused": refused}

    @app.patch("/api/uploads/{key}")
    async def share(key: str, request: Request) -> Json:
        fake.uploads[key]["readers"] = (await request.json())["readers"]
        return fake.uploads[key]

    @app.delete("/api/uploads/{key}")
    def remove(key: str) -> Json:
        del fake.uploads[key]
        return {"removed": 1}


def _refusal(name: str, data: bytes) -> dict[str, str] | None:
    if not data:
        return {"error": f"{name} is empty", "hint": "choose another file", "code": "EmptyDocumentError"}
    if name.endswith(".exe"):
        return {"error": "no parser reads this type", "hint": "save it as PDF", "code": "UnsupportedFormatError"}
    return None


def _upload(name: str, data: bytes) -> dict[str, Any]:
    moment = {"uploaded_at": time.time(), "state": "waiting", "error": None, "looks": 0}
    return {"source": OWN, "key": name, "size": len(data), "readers": [], **moment}


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
