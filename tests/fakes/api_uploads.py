"""The scripted API's uploads: a file is indexed when the list was asked for twice."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request

from tests.fakes.api_content import Json
from tests.fakes.api_refusal import Refused

if TYPE_CHECKING:
    from tests.fakes.api import FakeApi


def add_uploads(app: FastAPI, fake: FakeApi) -> None:
    """Serve a person's own uploads."""

    @app.get("/api/uploads")
    def uploads() -> Json:
        rows = [dict(one) for one in fake.uploads.values()]
        for one in fake.uploads.values():
            one["state"] = "indexed" if one["state"] == "waiting" else one["state"]
        used = sum(one["size"] for one in rows)
        return {"uploads": rows, "used": used, "quota": 50_000_000, "max_bytes": 10_000_000}

    @app.post("/api/uploads", status_code=201)
    async def upload(request: Request) -> Json:
        async with request.form() as form:
            files = [(str(file.filename), await file.read()) for file in form.values() if not isinstance(file, str)]
        taken = []
        for name, data in files:
            if not data:
                raise Refused(422, f"{name} is empty", "choose another file", "EmptyDocumentError")
            times = {"uploaded_at": time.time(), "state": "waiting", "error": None}
            fake.uploads[name] = {"source": "uploads-operator", "key": name, "size": len(data), "readers": [], **times}
            taken.append(dict(fake.uploads[name]))
        return {"uploads": taken, "refused": []}

    @app.patch("/api/uploads/{key}")
    async def share(key: str, request: Request) -> Json:
        fake.uploads[key]["readers"] = (await request.json())["readers"]
        return fake.uploads[key]

    @app.delete("/api/uploads/{key}")
    def remove(key: str) -> Json:
        del fake.uploads[key]
        return {"removed": 1}
