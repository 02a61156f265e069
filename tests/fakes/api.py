"""A scripted API server over real HTTP: it follows the API's contract with the content of `api_content`."""

from __future__ import annotations

import copy
import io
import itertools
import json
import re
import socket
import threading
import time
from typing import Any, Self

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from PIL import Image

from tests.fakes.api_access import add_access
from tests.fakes.api_content import DOCUMENTS, FakeDocument, Json
from tests.fakes.api_conversations import Talks, add_conversations
from tests.fakes.api_measures import FakeMeasures, add_measures
from tests.fakes.api_tools import FakeTools, add_tools

RUN_STEPS = 3
NOTES: Json = {
    "type": "object",
    "required": ["site"],
    "properties": {
        "site": {"type": "string", "title": "Site", "description": "Where the notes are."},
        "token": {"type": "string", "format": "password", "title": "Token", "default": ""},
    },
}


class Refused(Exception):  # noqa: N818 (an answer, not an error of the tests)
    """An HTTP error with the contract's body."""

    def __init__(self, status: int, error: str, hint: str, code: str) -> None:
        super().__init__(error)
        self.status, self.body = status, {"error": error, "hint": hint, "code": code}


class FakeApi:
    """The server; use as a context manager. A run makes a step each time the runs are asked for.

    Attributes:
        documents: what is indexed; empty it for the empty state.
        requests: `(method, path, body)` of every call so far.
        talks: the conversations.
        models: those that may be chosen.
        refusal: if set, every call under /api is refused with it.
    """

    def __init__(self, documents: tuple[FakeDocument, ...] = DOCUMENTS) -> None:
        self.talks = Talks()
        self.tools = FakeTools()
        self.measures = FakeMeasures()
        self.reset(documents)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def reset(self, documents: tuple[FakeDocument, ...] = DOCUMENTS) -> None:
        """Forget everything that happened; hold `documents`, indexed from one source if there are any."""
        self.documents = list(documents)
        self.sources: dict[str, Json] = {}
        self.runs: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.refusal: Refused | None = None
        self.models: tuple[str, ...] = ()
        self.queued: list[str] = []
        self.talks.held.clear()
        self.talks.deleted.clear()
        self.tools.held.clear()
        self.measures.clear()
        self._numbers = itertools.count(1)
        if documents:
            self._register("handbook", "folder", {"path": "/srv/handbook"}, "every 1h")
            self._start_run("handbook")
            self.runs[0].update(state="done", finished_at=time.time() - 3_590, started_at=time.time() - 3_600)
            self.runs[0]["documents"].update(seen=len(documents) + 1, added=len(documents), failed=1)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Listen, and return when calls are answered; may be called again after `stop`."""
        config = uvicorn.Config(
            _application(self), host="127.0.0.1", port=self.port, log_level="error", lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            assert time.monotonic() < deadline, "the scripted API did not start"
            time.sleep(0.01)

    def stop(self) -> None:
        """Stop listening."""
        if self._server and self._thread:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join(10)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def find(self, source: str, key: str) -> FakeDocument:
        """Return a document."""
        for document in self.documents:
            if (document.source, document.key) == (source, key):
                return document
        raise Refused(404, f"there is no document {key} in {source}", "see the list of documents", "NotFoundError")

    def source(self, name: str) -> Json:
        """Return a source."""
        if name not in self.sources:
            raise Refused(404, f"there is no source {name}", "see the list of sources", "NotFoundError")
        return self.sources[name]

    def add(self, body: Json) -> Json:
        """Register a source as the API would."""
        name, config = str(body["name"]), dict(body["config"])  # type: ignore[call-overload]
        if name in self.sources:
            raise Refused(409, f"there is a source {name} already", "choose another name", "ConfigurationError")
        if "missing" in str(config.get("path")):
            raise Refused(400, f"the folder {config['path']} does not exist", "correct the path", "ConfigurationError")
        if not re.fullmatch(r"[\w][\w .@-]{0,99}", name):
            raise Refused(422, "name: String should match pattern", "correct that field", "ConfigurationError")
        self._register(name, str(body["kind"]), config, str(body.get("schedule") or ""))
        self.queued.append(name)
        return self.sources[name]

    def sync(self, name: str) -> None:
        """Queue a run of the source."""
        self.source(name)
        self.queued.append(name)

    def step(self) -> None:
        """Bring every run that is under way one step on; the last step makes its documents readable.

        What was queued starts after that, as a worker would take it up a moment later.
        """
        for run in self.runs:
            if run["finished_at"] is not None:
                continue
            run["step"] += 1
            counts = run["documents"]
            counts["seen"] = len(DOCUMENTS)
            counts["added"] = min(len(DOCUMENTS), run["step"] - 1)
            if run["step"] > RUN_STEPS:
                run.update(state="done", finished_at=time.time())
                self.sources[run["source"]]["last_sync_at"] = time.time()
                known = {document.key for document in self.documents}
                self.documents += [document for document in DOCUMENTS if document.key not in known]
        while self.queued:
            self._start_run(self.queued.pop())

    def _register(self, name: str, kind: str, config: Json, schedule: str) -> None:
        self.sources[name] = {
            "name": name,
            "kind": kind,
            "config": config,
            "readers": {"default": ["everyone"], "rules": []},
            "schedule": schedule or None,
            "state": "active",
            "last_sync_at": time.time() - 3_590 if self.documents else None,
            "last_error": None,
        }

    def _start_run(self, source: str) -> None:
        counts = dict.fromkeys(("seen", "added", "moved", "updated", "unchanged", "deleted", "failed"), 0)
        run = {"id": f"run-{next(self._numbers)}", "source": source, "trigger": "api", "state": "running", "step": 0}
        times = {"started_at": time.time(), "finished_at": None}
        self.runs.insert(0, {**run, **times, "documents": counts, "chunks": 0, "pending": 0, "error": None})


def _application(fake: FakeApi) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def record(request: Request, call_next: Any) -> Response:
        body = await request.body()
        fake.requests.append((request.method, request.url.path, json.loads(body) if body else None))
        if fake.refusal and request.url.path.startswith("/api"):
            return JSONResponse(fake.refusal.body, fake.refusal.status)
        response: Response = await call_next(request)
        return response

    @app.exception_handler(Refused)
    async def refuse(_request: Request, refused: Refused) -> JSONResponse:
        return JSONResponse(refused.body, refused.status)

    add_conversations(app, fake.talks)
    _documents(app, fake)
    _pictures(app)
    _sources(app, fake)
    add_tools(app, fake.tools)
    add_measures(app, fake.measures)
    add_access(app)
    return app


def _documents(app: FastAPI, fake: FakeApi) -> None:
    @app.get("/api/status")
    def status() -> Json:
        return {
            "user": "operator",
            "documents": len(fake.documents),
            "chunks": 12 * len(fake.documents),
            "sources": len(fake.sources),
            "embedder": "all-MiniLM-L6-v2 (int8)",
            "model": "extractive",
            "models": list(fake.models),
            "version": "0.1.0",
        }

    @app.get("/api/documents")
    def documents(source: str | None = None, limit: int = 50, offset: int = 0) -> Json:
        known = [document for document in fake.documents if source in {None, document.source}]
        rows = [
            {**item.name, "media_type": item.media_type, "pages": len(item.pages), "chunks": 12}
            for item in known[offset : offset + limit]
        ]
        return {"documents": rows, "total": len(known)}

    @app.get("/api/documents/text")
    def text(source: str, key: str, start: int = 0, end: int | None = None) -> Json:
        found = fake.find(source, key)
        last = len(found.text) if end is None else min(end, len(found.text))
        window = {"start": start, "end": last, "length": len(found.text), "text": found.text[start:last]}
        return {"document": found.name, **window}

    @app.get("/api/documents/page")
    def page(source: str, key: str, page: int) -> Json:
        found = fake.find(source, key)
        if not 1 <= page <= len(found.pages):
            raise Refused(404, f"{key} has no page {page}", f"it has {len(found.pages)} pages", "NotFoundError")
        start = sum(len(text) + 2 for text in found.pages[: page - 1])
        shown = found.pages[page - 1]
        place = {"page": page, "pages": len(found.pages), "start": start, "end": start + len(shown)}
        return {"document": found.name, **place, "text": shown}


def _pictures(app: FastAPI) -> None:
    @app.get("/api/documents/page-image")
    def page_image(width: int) -> Response:
        picture = io.BytesIO()
        Image.new("RGB", (width, width), "white").save(picture, "PNG")
        return Response(picture.getvalue(), media_type="image/png")

    @app.get("/api/documents/picture")
    def picture(number: int) -> Response:
        shown = io.BytesIO()
        Image.new("RGB", (100 + number, 80), "white").save(shown, "PNG")
        return Response(shown.getvalue(), media_type="image/png")


def _sources(app: FastAPI, fake: FakeApi) -> None:
    @app.get("/api/sources")
    def sources() -> Json:
        held = {name: sum(item.source == name for item in fake.documents) for name in fake.sources}
        rows = [{**source, "documents": held[name]} for name, source in fake.sources.items()]
        return {"sources": rows, "kinds": {"folder": {}, "notes": NOTES}}

    @app.post("/api/sources")
    async def add(request: Request) -> Json:
        return fake.add(await request.json())

    @app.post("/api/sources/{name}/{action}")
    def act(name: str, action: str) -> Json:
        if action == "sync":
            fake.sync(name)
        else:
            fake.source(name)["state"] = "paused" if action == "pause" else "active"
        return fake.source(name)

    @app.delete("/api/sources/{name}", status_code=202)
    def remove(name: str) -> Json:
        source = fake.source(name)
        del fake.sources[name]
        fake.documents = [item for item in fake.documents if item.source != name]
        return {**source, "state": "removing"}

    @app.get("/api/runs")
    def runs(source: str | None = None) -> Json:
        shown = [copy.deepcopy(run) for run in fake.runs if source in {None, run["source"]}]
        fake.step()
        return {"runs": shown}

    @app.get("/api/runs/{run_id}")
    def run(run_id: str) -> Json:
        found = next(run for run in fake.runs if run["id"] == run_id)
        failures = [
            {"key": "scans/empty.pdf", "error": "no text was found in scans/empty.pdf", "retryable": False},
            {"key": "drafts/open.docx", "error": "the document changed while it was read", "retryable": True},
        ]
        return {**found, "failures": failures[: found["documents"]["failed"]]}
