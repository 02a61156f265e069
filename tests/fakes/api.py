"""A scripted API server over real HTTP: it follows the API's contract with the content of `api_content`."""

from __future__ import annotations

import io
import itertools
import json
import re
import time
from contextlib import ExitStack
from typing import Any, Self

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from PIL import Image

from tests.fakes.api_access import add_access
from tests.fakes.api_composing import add_composing
from tests.fakes.api_content import DOCUMENTS, FakeDocument, Json
from tests.fakes.api_conversations import Talks, add_conversations
from tests.fakes.api_hooks import FakeHooks, add_hooks
from tests.fakes.api_measures import FakeMeasures, add_measures
from tests.fakes.api_overseeing import FakeOverseeing, add_inventory, add_overseeing
from tests.fakes.api_refusal import Refused
from tests.fakes.api_search import add_search
from tests.fakes.api_sources import add_sources
from tests.fakes.api_talks import FakeTalks, add_talks
from tests.fakes.api_tools import FakeTools, add_tools
from tests.fakes.api_uploads import add_uploads
from tests.fakes.listening import listening
from tests.fakes.ports import free_port

__all__ = ["FakeApi", "Refused"]

RUN_STEPS = 3


class FakeApi:
    """The server; use as a context manager. A run makes a step each time the runs are asked for.

    Attributes:
        documents: what is indexed; empty it for the empty state.
        requests: `(method, path, body)` of every call so far.
        talks: the conversations.
        after: what was said of their answers, and what is shared.
        has_accounts: people sign in.
        models: those that may be chosen.
        searches_pictures: whether pictures are searched by their looks.
        uploads: the files that were brought.
        role: of whoever is signed in.
        refusal: if set, every call under /api is refused with it.
    """

    def __init__(self, documents: tuple[FakeDocument, ...] = DOCUMENTS) -> None:
        self.talks = Talks()
        self.tools = FakeTools()
        self.hooks = FakeHooks()
        self.after = FakeTalks()
        self.overseeing = FakeOverseeing()
        self.measures = FakeMeasures()
        self.reset(documents)
        self.port = free_port()
        self._listening = ExitStack()

    def reset(self, documents: tuple[FakeDocument, ...] = DOCUMENTS) -> None:
        """Forget everything that happened; hold `documents`, indexed from one source if there are any."""
        self.documents = list(documents)
        self.sources: dict[str, Json] = {}
        self.runs: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.refusal: Refused | None = None
        self.models: tuple[str, ...] = ()
        self.searches_pictures = False
        self.queued: list[str] = []
        self.uploads: dict[str, dict[str, Any]] = {}
        self.ignored: set[str] = set()
        self.open_failures = 0
        self.talks.held.clear()
        self.talks.deleted.clear()
        self.talks.go_on.set()
        self.after.reset()
        self.has_accounts = False
        self.tools.held.clear()
        self.hooks.clear()
        self.overseeing.reset()
        self.role = "operator"
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
        self._listening.enter_context(listening(_application(self), self.port))

    def stop(self) -> None:
        """Stop listening."""
        self._listening.close()

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

    def read(self, source: str, key: str) -> FakeDocument:
        """Return a document that whoever is signed in may read."""
        if key in self.overseeing.closed and key not in self.overseeing.opened:
            raise Refused(404, f"there is no document {key} in {source}", "see the list", "NotFoundError")
        return self.find(source, key)

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
        if config.get("site") == "odd":
            raise Refused(422, "source kind 'notes': site: is no address", "correct that field", "ConfigurationError")
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
                self.sources[run["source"]].update(last_sync_at=time.time(), last_success_at=time.time())
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
            "last_success_at": time.time() - 3_590 if self.documents else None,
            "last_error": None,
            "is_partial": False,
            "next_sync_at": time.time() + 1_810 if schedule else None,
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
        told = json.loads(body) if body and "json" in request.headers.get("content-type", "") else None
        fake.requests.append((request.method, request.url.path, told))
        if fake.refusal and request.url.path.startswith("/api"):
            return JSONResponse(fake.refusal.body, fake.refusal.status)
        response: Response = await call_next(request)
        return response

    @app.exception_handler(Refused)
    async def refuse(_request: Request, refused: Refused) -> JSONResponse:
        return JSONResponse(refused.body, refused.status)

    add_composing(app, fake)
    add_talks(app, fake.after, fake.talks)
    add_inventory(app, fake.overseeing, lambda: fake.documents, fake.find)
    add_overseeing(app, fake.overseeing, fake.find)
    add_conversations(app, fake.talks)
    _documents(app, fake)
    _pictures(app)
    add_search(app, fake, Refused)
    add_sources(app, fake)
    add_uploads(app, fake)
    add_tools(app, fake.tools)
    add_hooks(app, fake.hooks)
    add_measures(app, fake.measures, lambda key: fake.overseeing.warned.discard(key))  # noqa: PLW0108 (reset makes a new set)
    add_access(app)
    return app


def _documents(app: FastAPI, fake: FakeApi) -> None:
    @app.get("/api/status")
    def status() -> Json:
        return {
            "user": fake.role,
            "role": fake.role,
            "curates": fake.role != "employee",
            "documents": len(fake.documents),
            "chunks": 12 * len(fake.documents),
            "sources": len(fake.sources),
            "embedder": "all-MiniLM-L6-v2 (int8)",
            "model": "extractive",
            "models": list(fake.models),
            "searches_pictures": fake.searches_pictures,
            "version": "0.1.0",
            "sign_in": "accounts" if fake.has_accounts else "none",
        }

    @app.get("/api/documents")
    def documents(source: str | None = None, query: str = "", limit: int = 50, offset: int = 0) -> Json:
        known = [document for document in fake.documents if source in {None, document.source}]
        wanted = query.lower()
        known = [one for one in known if wanted in one.name["title"].lower() or wanted in one.key.lower()]
        rows = [
            {**item.name, "media_type": item.media_type, "pages": len(item.pages), "chunks": 12}
            for item in known[offset : offset + limit]
        ]
        return {"documents": rows, "total": len(known)}

    @app.get("/api/documents/text")
    def text(source: str, key: str, start: int = 0, end: int | None = None) -> Json:
        found = fake.read(source, key)
        last = len(found.text) if end is None else min(end, len(found.text))
        window = {"start": start, "end": last, "length": len(found.text), "text": found.text[start:last]}
        window["pages"] = len(found.pages)
        return {"document": found.name, **window}

    @app.get("/api/documents/page")
    def page(source: str, key: str, page: int) -> Json:
        found = fake.read(source, key)
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
