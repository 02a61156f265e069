"""The scripted API's models, index and plugins, and documents for those who look after their sources."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from tests.fakes.api_content import FakeDocument

Json = dict[str, Any]
SIZES: Json = {
    "documents": 3,
    "chunks": 36,
    "tokens": 1204,
    "indexed_documents": 3,
    "indexed_chunks": 36,
    "index_bytes": 1_500_000,
    "catalog_bytes": 400_000,
    "free_bytes": 9_000_000_000,
    "index_error": "",
}
COMPARISON: Json = {
    "documents": 3,
    "chunks": [36, 72],
    "queries": 6,
    "found": [1.0, 0.5],
    "recall": {"1": 0.99},
}


def herd_model(key: str, **changes: Any) -> Json:
    """Return a model that answers."""
    return {
        "key": key,
        "url": "http://vllm:8000/v1",
        "roles": ["answer", "long"],
        "groups": [],
        "adapter_of": "",
        "reachable": True,
        "name": f"meta/{key}",
        "server": "vllm",
        "context_tokens": 1_048_576,
        "images_per_prompt": 8,
        "tools": True,
        "counting": "server",
        "origins": {"context_tokens": "discovered"},
        "load": {"at_work": 1, "waiting": 0, "most": 32, "running": 5, "queued": 2, "cache": 0.25},
        "error": "",
        "hint": "",
        "seconds": 0.01,
        **changes,
    }


def plugin(name: str, **changes: Any) -> Json:
    """Return a built-in plugin that is on."""
    return {
        "name": name,
        "origin": "built-in",
        "state": "enabled",
        "version": "1.0",
        "api_version": 1,
        "description": f"Brings {name}.",
        "declared": True,
        "experimental": False,
        "permissions": {"hosts": ["*"], "paths": [], "secrets": ["token"], "writes": False},
        "offers": [f"source {name}"],
        "error": "",
        "pack": None,
        "mark": "m1",
        **changes,
    }


@dataclass
class FakeOverseeing:
    """What there is to look after; `closed` are keys of documents that whoever is signed in may not read."""

    herd: list[Json] = field(default_factory=list)
    checks: int = 0
    indexes: list[Json] = field(default_factory=list)
    compared: Json = field(default_factory=dict)
    worse: list[str] = field(default_factory=list)
    recall: Json | None = None
    progress: Json | None = None
    steps: int = 0
    gone_back_to: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    plugins: dict[str, Json] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    opened: dict[str, str] = field(default_factory=dict)
    warned: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    done: list[tuple[str, str]] = field(default_factory=list)

    def reset(self) -> None:
        """Be as at the start: one index, nothing else."""
        fresh = FakeOverseeing()
        self.__dict__.update(fresh.__dict__)
        self.indexes = [self.index("first", "current", 200)]

    def index(self, name: str, state: str, tokens: int) -> Json:
        """Return an index."""
        times = {"created_at": time.time(), "swapped_at": None}
        models = {"embedder": "onnx", "chunk_tokens": tokens, "sparse_embedder": ""}
        return {"name": name, "state": state, **models, **times, "done": 1, "total": 3, "error": ""}

    def begin(self, task: str, phase: str, steps: int = 2) -> Json:
        """Begin work that ends when the overview was asked for so many times."""
        self.steps = steps
        self.progress = {
            "task": task,
            "phase": phase,
            "index": "b",
            "done": 1,
            "total": 3,
            "started_at": time.time(),
            "ended_at": None,
            "error": "",
            "hint": "",
            "lacking": [],
        }
        return self.progress

    def step(self) -> None:
        """Bring the work on; at its end, do what it is for."""
        if self.progress is None or self.progress["ended_at"] is not None:
            return
        self.steps -= 1
        if self.steps:
            return
        self.progress.update(phase="done", ended_at=time.time())
        by_name = {one["name"]: one for one in self.indexes}
        if self.progress["task"] == "build":
            by_name["b"]["state"], self.compared = "ready", {"b": COMPARISON}
        elif self.progress["task"] in {"swap", "back"}:
            new, old = ("b", "first") if self.progress["task"] == "swap" else ("first", "b")
            by_name[new]["state"], by_name[old]["state"] = "current", "kept"
        elif self.progress["task"] == "drop":
            self.indexes = [one for one in self.indexes if one["name"] != "b"]
        else:
            shares = [{"readable": 1.0, "recall": 0.99}, {"readable": 0.1, "recall": 0.93}]
            self.recall = {
                "at": time.time(),
                "index": "first",
                "best": 10,
                "queries": 36,
                "shares": shares,
                "worst": 0.93,
            }


def add_overseeing(app: FastAPI, held: FakeOverseeing, find: Callable[[str, str], FakeDocument]) -> None:
    """Answer on all of it."""
    _models(app, held)
    _index(app, held)
    _plugins(app, held)
    _structure(app, find)


def _models(app: FastAPI, held: FakeOverseeing) -> None:
    def all_models() -> Json:
        parts = [
            {"part": "embedder", "name": "all-MiniLM/int8", "loaded": True, "dimension": 384, "device": "cpu"},
            {"part": "reranker", "name": "", "loaded": False, "dimension": None, "device": ""},
        ]
        return {"herd": held.herd, "parts": parts, "checked_at": time.time()}

    @app.get("/api/models")
    def models() -> Json:
        return all_models()

    @app.post("/api/models/check")
    def check() -> Json:
        held.checks += 1
        return all_models()

    @app.post("/api/models/try")
    async def try_out(request: Request) -> StreamingResponse:
        asked = await request.json()

        def events() -> Iterator[str]:
            for word in ("Paris ", "is <b>nice</b>."):
                yield f"event: text\ndata: {json.dumps({'delta': word, 'thought': False})}\n\n"
            if "fail" in asked["prompt"]:
                error = {"error": "the model stopped", "hint": "start it", "code": "ModelInterruptedError"}
                yield f"event: error\ndata: {json.dumps(error)}\n\n"
                return
            times = {"first_seconds": 0.25, "seconds": 1.5, "tokens_per_second": 40.0}
            tokens = {"prompt_tokens": 12, "answer_tokens": 50, "cached_tokens": 8}
            trial = {"model": "meta", **times, **tokens, "finish": "length"}
            yield f"event: trial\ndata: {json.dumps(trial)}\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")


def _index(app: FastAPI, held: FakeOverseeing) -> None:
    @app.get("/api/index")
    def overview() -> Json:
        held.step()
        current = next(one["name"] for one in held.indexes if one["state"] == "current")
        return {
            "engine": "edge",
            "current": current,
            "embedder": "all-MiniLM/int8",
            "dimension": 384,
            "indexes": held.indexes,
            "sizes": SIZES,
            "compared": held.compared,
            "worse": held.worse,
            "recall": held.recall,
            "progress": held.progress,
            "suspicions": {"threshold": 0.5, "flagged": 2, "reviewed": 1, "slight": 4},
        }

    @app.post("/api/index/{task}")
    async def work(task: str, request: Request) -> Any:
        if task == "stop":
            return None
        if task == "back":
            held.gone_back_to.append((await request.json())["name"])
        if held.progress is not None and held.progress["ended_at"] is None:
            busy = {"error": "an index is at work already", "hint": "wait for its end", "code": "IndexBusyError"}
            return JSONResponse(busy, 409)
        if task == "build" and not any(one["name"] == "b" for one in held.indexes):
            held.indexes.append(held.index("b", "building", 64))
        phases = {"build": "building", "swap": "swapping", "back": "swapping", "drop": "deleting"}
        return held.begin(task, phases.get(task, "measuring"))


def _plugins(app: FastAPI, held: FakeOverseeing) -> None:
    @app.get("/api/plugins")
    def plugins() -> Json:
        return {"plugins": list(held.plugins.values())}

    @app.get("/api/plugins/{name}")
    def one(name: str) -> Json:
        return {**held.plugins[name], "permissions": plugin(name)["permissions"], "description": "Looked at."}

    @app.post("/api/plugins/{name}/{action}")
    async def act(name: str, action: str, request: Request) -> Any:
        body = await request.body()
        if request.query_params.get("mark", "") not in {"", held.plugins[name]["mark"]}:
            answer = {"error": "it changed since it was looked at", "hint": "look", "code": "ChangedMeanwhileError"}
            return JSONResponse(answer, 409)
        if action == "health":
            if held.plugins[name]["error"]:
                answer = {"error": f"the plugin '{name}' is not well", "hint": "see to it", "code": "PluginError"}
                return JSONResponse(answer, 422)
            return {"name": name, "health": ""}
        held.marks.append(request.query_params.get("mark", ""))
        held.plugins[name]["state"] = "enabled" if action == "enable" else "disabled"
        if body:
            held.plugins[name]["pack"] = json.loads(body)
        return held.plugins[name]


def known(held: FakeOverseeing, document: FakeDocument) -> Json:
    """Return a document as those see it who look after its source."""
    key = document.key
    failed = held.failed.get(key)
    work = {"state": "failed", "action": "ingest", "error": failed, "code": "DamagedDocumentError", "failures": 2}
    said = {
        **document.name,
        "media_type": document.media_type,
        "pages": len(document.pages),
        "chunks": 12,
        "authors": [],
        "created": "",
        "modified": "",
        "language": "en",
        "access": {"allow": ["group:hr"], "deny": []},
    }
    return {
        "source": document.source,
        "key": key,
        "document": said,
        "characters": len(document.text),
        "tokens": 99,
        "updated_at": time.time(),
        "access_from_source": False,
        "flagged": key in held.warned,
        "may_read": key not in held.closed or key in held.opened,
        "work": None if failed is None else {**work, "next_try": None, "ignored": False},
    }


TYPES = [{"media_type": "application/pdf", "documents": 1}, {"media_type": "text/plain", "documents": 2}]


def add_inventory(
    app: FastAPI, held: FakeOverseeing, documents: Callable[[], list[FakeDocument]], find: Callable[..., FakeDocument]
) -> None:
    """Answer those who look after sources."""

    @app.get("/api/inventory")
    def inventory(
        media_type: Annotated[list[str] | None, Query()] = None,
        query: str = "",
        state: str = "",
        offset: int = 0,
        limit: int = 50,
    ) -> Json:
        if "image/png" in (media_type or ()):
            return {"documents": [], "total": 0, "types": TYPES}
        rows = [known(held, one) for one in documents() if query.lower() in one.key.lower()]
        if state == "failed":
            rows = [one for one in rows if one["work"]]
        elif state == "flagged":
            rows = [one for one in rows if one["flagged"]]
        return {"documents": rows[offset : offset + limit], "total": len(rows), "types": TYPES}

    @app.get("/api/inventory/document")
    def inspect(source: str, key: str) -> Json:
        warning = {"source": source, "key": key, "score": 0.9, "signs": {"override": 2, "hidden:tiny": 30}}
        looked = {"flagged": key in held.warned, "found_at": 1.0, "reviewed_at": None, "reviewed_by": ""}
        opening = held.opened.get(key, "")
        return {
            **known(held, find(source, key)),
            "version": "abc123",
            "inside": "",
            "members": 0,
            "opening": opening,
            "opened_until": time.time() + 600 if opening else None,
            "warning": {**warning, **looked} if key in held.warned else None,
            "failures": [{"run_id": "run-1", "at": time.time() - 90, "error": "it was damaged", "code": "x"}],
            "last_run": None,
        }

    _care(app, held)


def _care(app: FastAPI, held: FakeOverseeing) -> None:
    @app.post("/api/inventory/{action}", status_code=202)
    async def act(action: str, request: Request) -> Json:
        held.done.append((action, (await request.json())["key"]))
        return {}

    _opening(app, held)

    @app.get("/api/documents/types")
    def types() -> Json:
        return {"types": [{"media_type": "text/plain", "documents": 2}, {"media_type": "text/html", "documents": 1}]}


def _opening(app: FastAPI, held: FakeOverseeing) -> None:
    @app.post("/api/access/open", status_code=201)
    async def open_it(request: Request) -> Any:
        asked = await request.json()
        held.opened[asked["key"]] = "opening-1"
        return {}

    @app.delete("/api/access/openings/{opening}")
    def end(opening: str) -> Json:
        held.opened = {key: one for key, one in held.opened.items() if one != opening}
        return {}


def _structure(app: FastAPI, find: Callable[[str, str], FakeDocument]) -> None:
    @app.get("/api/documents/blocks")
    def blocks(source: str, key: str, offset: int = 0) -> Json:
        found = find(source, key)
        rows = [
            {"kind": kind, "level": level, "start": 0, "end": 9, "page": 1, "text": f"<i>{kind}</i> of {key}"}
            for kind, level in (("heading", 1), ("text", 0))
        ]
        return {"document": found.name, "blocks": rows[offset:], "total": 2}

    @app.get("/api/documents/chunks")
    def chunks(source: str, key: str, offset: int = 0, limit: int = 40) -> Json:
        found = find(source, key)
        beside = {"heading_path": ["Travel"], "table_header": "", "captions": "", "pictures": []}
        rows = [
            {"ordinal": at, "start": at, "end": at + 1, "page": 1, "tokens": 40 + at, **beside, "text": f"chunk {at}"}
            for at in range(90)
        ]
        return {"document": found.name, "chunks": rows[offset : offset + limit], "total": 90, "index": "first"}

    @app.get("/api/documents/layout")
    def layout(source: str, key: str, page: int) -> Response:
        pages = len(find(source, key).pages)
        places = [[0.1, 0.1, 0.5, 0.2]]
        rows = [{"number": 0, "kind": "heading", "places": places}, {"number": 1, "kind": "odd", "places": places}]
        return JSONResponse({"page": page, "pages": max(pages, 1), "placed": True, "blocks": rows})
