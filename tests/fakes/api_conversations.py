"""The scripted API's conversations: kept while it runs, and answered by the scripts of `api_content`."""

from __future__ import annotations

import asyncio
import base64
import copy
import itertools
import json
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

from tests.fakes.api_content import HOTEL, SCRIPTS, Script

HELD_AT = 20  # the piece of an answer before which a test may hold it
MISSING = {"error": "you have no conversation of that id", "hint": "see your list", "code": "NotFoundError"}


def event(name: str, data: object) -> str:
    """Return a server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def script_for(question: str) -> Script:
    """Return what is answered to a question."""
    return next((script for word, script in SCRIPTS.items() if word in question.lower()), HOTEL)


class Talks:
    """All conversations.

    Attributes:
        held: by id; the turns of each in the order in which they were begun.
        deleted: those that can be restored.
        tell: called with every piece of an answer at the moment when it is sent.
        go_on: cleared, every answer waits before its piece `HELD_AT`, so that a test has all the time it needs.
    """

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Any]] = {}
        self.deleted: dict[str, dict[str, Any]] = {}
        self.attached: dict[tuple[Any, int], str] = {}
        self.tell: Callable[[str], object] = lambda _: None
        self.go_on = threading.Event()
        self.go_on.set()
        self._numbers = itertools.count(1)

    def begin(self, body: dict[str, Any]) -> dict[str, Any]:
        """Begin a conversation with a question."""
        made = {"id": f"c{next(self._numbers)}", "title": body["question"], "turns": [], "shown": None}
        made |= {"updated_at": time.time(), "pinned": False}
        self.held[made["id"]] = made
        turn = self.ask(made, body, None)
        return {"conversation": {"id": made["id"], "title": made["title"]}, "turn": self.shown(made, turn)}

    def ask(self, held: dict[str, Any], body: dict[str, Any], parent: str | None) -> dict[str, Any]:
        """Add a turn."""
        turn = {
            "id": f"t{next(self._numbers)}",
            "parent": parent,
            "question": body["question"],
            "mode": body.get("mode") or "auto",
            "filters": {"sources": body.get("sources")},
            "asked_model": body.get("model") or "",
            "history": {"left_out": 0},
            "state": "answering",
            "answer": "",
            "found": None,
            "citations": [],
            "plan": None,
            "error": None,
            "cut": False,
            "tools": [],
            "attachments": [
                {"number": number, "name": one["name"], "media_type": "image/png", "carried": False}
                for number, one in enumerate(body.get("attachments", ()), 1)
            ],
        }
        self.attached |= {(turn["id"], n): one["data"] for n, one in enumerate(body.get("attachments", ()), 1)}
        held["turns"].append(turn)
        held["shown"] = turn["id"]
        return turn

    def turn(self, held: dict[str, Any], turn: str) -> dict[str, Any]:
        """Return a turn."""
        found: dict[str, Any] = next(one for one in held["turns"] if one["id"] == turn)
        return found

    def shown(self, held: dict[str, Any], turn: dict[str, Any]) -> dict[str, Any]:
        """Return a turn as the API sends it."""
        versions = [one["id"] for one in held["turns"] if one["parent"] == turn["parent"]]
        return copy.deepcopy({**turn, "versions": versions})

    def branch(self, held: dict[str, Any]) -> dict[str, Any]:
        """Return a conversation with the turns that are shown."""
        turns, last = [], held["shown"]
        while last is not None:
            turn = self.turn(held, last)
            turns.insert(0, self.shown(held, turn))
            last = turn["parent"]
        return {**held, "turns": turns}

    async def play(self, held: dict[str, Any], turn: dict[str, Any], after: int) -> AsyncIterator[str]:
        """Yield the events of a turn, from the character `after` on."""
        script = script_for(turn["question"])
        if turn["state"] == "answering":
            turn["plan"] = script.plan
            yield ": a comment, as proxies like them\n\n"
            yield event("plan", script.plan)
            if script.tools and not turn["tools"]:
                async for said in self._call(held, turn, script):
                    yield said
                return
            length = 0
            for number, delta in enumerate(script.deltas):
                length += len(delta)
                if length <= after:
                    continue
                await asyncio.sleep(script.pause)
                await self._until_it_may_go_on(turn, number)
                if turn["state"] != "answering":
                    break
                turn["answer"] = "".join(script.deltas[: number + 1])
                self.tell(delta)
                yield event("text", {"delta": delta})
            if script.cut and not turn["cut"]:
                turn["cut"] = True
                return
        self._finish(turn, script)
        yield event("turn", self.shown(held, turn))

    async def _until_it_may_go_on(self, turn: dict[str, Any], number: int) -> None:
        while number >= HELD_AT and turn["state"] == "answering" and not self.go_on.is_set():
            await asyncio.sleep(0.01)

    async def _call(self, held: dict[str, Any], turn: dict[str, Any], script: Script) -> AsyncIterator[str]:
        """Yield the events of a reading call and of one that waits for the person."""
        done, waits = script.tools
        yield event("tool_started", {**done, "state": "running", "result": "", "places": []})
        await asyncio.sleep(script.pause)
        yield event("tool_finished", done)
        yield event("approval_wanted", waits)
        turn.update(tools=copy.deepcopy(list(script.tools)), state="waiting")
        yield event("turn", self.shown(held, turn))

    @staticmethod
    def decide(turn: dict[str, Any], call: str, decision: dict[str, Any]) -> Response | None:
        """Take a decision as the API would; return what is wrong with it."""
        (use,) = (one for one in turn["tools"] if one["id"] == call)
        changed = decision.get("arguments")
        if use["state"] != "waiting":
            body = {"error": "create_ticket was decided on already", "hint": "look", "code": "AlreadyDecidedError"}
            return JSONResponse(body, 409)
        if changed and not changed["title"]:
            return JSONResponse({"error": "title is too short", "hint": "correct it", "code": "ToolError"}, 422)
        if not decision["approved"]:
            use.update(state="rejected", reason=decision["reason"])
        else:
            use.update(state="done", result="ticket 17")
            use.update({"arguments": changed, "proposed": use["arguments"]} if changed else {})
        turn["state"] = "answering"
        return None

    @staticmethod
    def _finish(turn: dict[str, Any], script: Script) -> None:
        if turn["state"] != "answering":
            return
        if script.error:
            turn.update(state="interrupted", error=script.error)
            return
        turn.update(state="complete", found=script.found, citations=list(script.citations), model="extractive")
        turn.update(usage={"prompt_tokens": 412, "completion_tokens": 38}, timings=script.timings)


def add_conversations(app: FastAPI, talks: Talks) -> None:
    """Serve the conversations."""
    path = "/api/conversations"

    @app.exception_handler(KeyError)
    async def missing(_request: Request, _error: Exception) -> JSONResponse:
        return JSONResponse(MISSING, 404)

    @app.get(path)
    def list_all(query: str = "", limit: int = 50, offset: int = 0) -> dict[str, Any]:
        held = [one for one in reversed(talks.held.values()) if query.lower() in one["title"].lower()]
        found = sorted(held, key=lambda one: not one["pinned"])
        return {"conversations": found[offset : offset + limit], "total": len(found)}

    @app.post(path)
    async def begin(request: Request) -> dict[str, Any]:
        return talks.begin(await request.json())

    @app.get(f"{path}/{{conversation}}")
    def get(conversation: str) -> dict[str, Any]:
        return talks.branch(talks.held[conversation])

    @app.patch(f"{path}/{{conversation}}")
    async def change(conversation: str, request: Request) -> dict[str, Any]:
        held, body = talks.held[conversation], await request.json()
        held.update({name: body[name] for name in ("title", "shown", "pinned") if name in body})
        return talks.branch(held)

    @app.delete(f"{path}/{{conversation}}", status_code=204)
    def delete(conversation: str) -> Response:
        talks.deleted[conversation] = talks.held.pop(conversation)
        return Response(status_code=204)

    @app.post(f"{path}/{{conversation}}/restore")
    def restore(conversation: str) -> dict[str, Any]:
        talks.held[conversation] = talks.deleted.pop(conversation)
        return talks.held[conversation]

    @app.get(f"{path}/{{conversation}}/export")
    def export(conversation: str) -> Response:
        return Response(f"# {talks.held[conversation]['title']}\n", media_type="text/markdown")

    _turns(app, talks, path)


def _turns(app: FastAPI, talks: Talks, path: str) -> None:
    @app.post(f"{path}/{{conversation}}/turns")
    async def go_on(conversation: str, request: Request) -> dict[str, Any]:
        held, body = talks.held[conversation], await request.json()
        return talks.shown(held, talks.ask(held, body, body["follows"]))

    @app.post(f"{path}/{{conversation}}/turns/{{turn}}/calls/{{call}}/decision")
    async def decide(conversation: str, turn: str, call: str, request: Request) -> Any:
        held = talks.held[conversation]
        refused = talks.decide(talks.turn(held, turn), call, await request.json())
        return refused or talks.shown(held, talks.turn(held, turn))

    @app.post(f"{path}/{{conversation}}/turns/{{turn}}/{{action}}")
    async def act(conversation: str, turn: str, action: str, request: Request) -> dict[str, Any]:
        held = talks.held[conversation]
        former = talks.turn(held, turn)
        if action == "stop":
            former["state"] = "stopped"
            return talks.shown(held, former)
        body = await request.json()
        asked = {"question": former["question"], "sources": former["filters"]["sources"], **body}
        return talks.shown(held, talks.ask(held, asked, former["parent"]))

    @app.get(f"{path}/{{conversation}}/turns/{{turn}}/attachments/{{number}}")
    def attachment(turn: str, number: int) -> Response:
        return Response(base64.b64decode(talks.attached[turn, number]), media_type="image/png")

    @app.get(f"{path}/{{conversation}}/turns/{{turn}}/events")
    def events(conversation: str, turn: str, after: int = 0) -> StreamingResponse:
        held = talks.held[conversation]
        return StreamingResponse(talks.play(held, talks.turn(held, turn), after), media_type="text/event-stream")
