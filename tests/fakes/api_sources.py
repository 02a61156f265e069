"""The scripted API's sources, runs and failures."""

from __future__ import annotations

import copy
import time
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import FastAPI, Query, Request

from tests.fakes.api_content import Json
from tests.fakes.api_refusal import Refused

if TYPE_CHECKING:
    from tests.fakes.api import FakeApi

NOTES: Json = {
    "type": "object",
    "description": "Which notes.",
    "required": ["site"],
    "properties": {
        "site": {"type": "string", "title": "Site", "description": "Where the notes are."},
        "token": {"type": "string", "format": "password", "title": "Token", "default": ""},
        "most": {"type": "integer", "title": "Most notes", "default": 100, "minimum": 1},
        "login": {
            "type": "object",
            "title": "Sign-in",
            "properties": {"user": {"type": "string", "title": "User", "default": ""}},
        },
    },
}
FOLDER: Json = {
    "type": "object",
    "required": ["path"],
    "properties": {"path": {"type": "string", "title": "Path", "description": "The folder."}},
}
FAILURES = (
    ("scans/empty.pdf", "no text was found in scans/empty.pdf", False, "EmptyDocumentError"),
    ("drafts/open.docx", "the document changed while it was read", True, "DocumentChangedError"),
)


def add_sources(app: FastAPI, fake: FakeApi) -> None:
    """Serve sources, runs and failures."""
    _trying(app)  # before the actions, of which "test" is none
    _list(app, fake)
    _runs(app, fake)
    _failures(app, fake)


def _list(app: FastAPI, fake: FakeApi) -> None:
    @app.get("/api/sources")
    def sources(with_kinds: bool = True) -> Json:
        held = {name: sum(item.source == name for item in fake.documents) for name in fake.sources}
        rows = [{**source, "documents": held[name]} for name, source in fake.sources.items()]
        return {"sources": rows, "kinds": {"folder": FOLDER, "notes": NOTES} if with_kinds else {}}

    @app.post("/api/sources")
    async def add(request: Request) -> Json:
        return fake.add(await request.json())

    @app.patch("/api/sources/{name}")
    async def change(name: str, request: Request) -> Json:
        body = await request.json()
        if (body.get("config") or {}).get("token") == "wrong":
            raise Refused(502, "https://wiki refuses the sign-in", "check the token", "SourceError")
        source = fake.source(name)
        source.update(body)  # type: ignore[attr-defined]
        return source

    @app.post("/api/sources/{name}/{action}")
    def act(name: str, action: str) -> Json:
        if action == "sync":
            fake.sync(name)
        else:
            fake.source(name)["state"] = "paused" if action == "pause" else "active"  # type: ignore[index]
        return fake.source(name)

    @app.delete("/api/sources/{name}", status_code=202)
    def remove(name: str) -> Json:
        source = fake.source(name)
        del fake.sources[name]
        fake.documents = [item for item in fake.documents if item.source != name]
        return {**source, "state": "removing"}


def _trying(app: FastAPI) -> None:
    @app.post("/api/sources/test")
    @app.post("/api/sources/{name}/test")
    async def test(request: Request, name: str = "") -> Json:
        config = (await request.json()).get("config") or {}
        if config.get("token") == "wrong":
            raise Refused(502, "https://wiki refuses the sign-in", "check the token", "SourceError")
        access: Json = {"allow": ["group:everyone"], "deny": []}
        listed = [{"key": key, "access": access, "from_source": False} for key in ("a.md", "b/c.md")]
        return {"ok": True, "found": "2 notebooks", "listed": listed, "more": True}

    @app.get("/api/schedules/next")
    def next_times(schedule: str) -> Json:
        if len(schedule.split()) not in {2, 5}:
            raise Refused(400, f"{schedule!r} is not a schedule", "write five cron fields", "ConfigurationError")
        return {"next": [time.time() + 3_600 * number for number in (1, 2, 3)]}


def _runs(app: FastAPI, fake: FakeApi) -> None:
    @app.get("/api/runs")
    def runs(
        source: str | None = None,
        state: Annotated[list[str] | None, Query()] = None,
        since: float = 0.0,
        limit: int = 50,
        offset: int = 0,
    ) -> Json:
        shown = [
            copy.deepcopy(run)
            for run in fake.runs
            if source in {None, run["source"]} and (not state or run["state"] in state) and run["started_at"] >= since
        ]
        fake.step()
        return {"runs": shown[offset : offset + limit], "total": len(shown)}

    @app.get("/api/runs/{run_id}")
    def run(run_id: str, failures: bool = True) -> Json:
        found = next((run for run in fake.runs if run["id"] == run_id), None)
        if found is None:
            raise Refused(404, f"there is no run {run_id}", "see the list of runs", "NotFoundError")
        failed = FAILURES[: found["documents"]["failed"]]
        names = ("key", "error", "retryable", "code")
        shown = copy.deepcopy(found)
        if failures:
            shown["failures"] = [dict(zip(names, one, strict=True)) for one in failed]
        fake.step()
        return shown

    @app.post("/api/runs/{run_id}/cancel")
    def cancel(run_id: str) -> Json:
        found: dict[str, Any] = next(run for run in fake.runs if run["id"] == run_id)
        found.update(cancelled=True, state="cancelled", finished_at=time.time(), error="cancelled")
        return found


def _failures(app: FastAPI, fake: FakeApi) -> None:
    @app.get("/api/failures")
    def failures(source: str) -> Json:
        failed = max((run["documents"]["failed"] for run in fake.runs if run["source"] == source), default=0)
        rows = [
            {"source": source, "key": key, "next_try": None, "ignored": key in fake.ignored}
            for key, *_ in FAILURES[:failed]
        ]
        return {"failures": rows, "count": max(fake.open_failures, len(rows))}

    @app.post("/api/failures/retry", status_code=202)
    async def retry(request: Request) -> Json:
        fake.sync((await request.json())["source"])
        return {"id": "run-again"}

    @app.post("/api/failures/ignore")
    async def ignore(request: Request) -> Json:
        keys = (await request.json())["keys"]
        fake.ignored |= set(keys)
        return {"changed": len(keys)}
