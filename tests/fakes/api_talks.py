"""The scripted API's part for what happens to conversations after their answers: feedback and shares."""

from __future__ import annotations

import time
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from tests.fakes.api_conversations import MISSING, Talks

SALARY_SHARE = "share-of-bob"


class FakeTalks:
    """What was said of answers, and what is shared.

    Attributes:
        said: by turn.
        shares: of own conversations, by id.
        with_me: conversations that others share, as `GET /api/shared/ID` has them, by id.
    """

    def __init__(self) -> None:
        self.said: dict[str, dict[str, Any]] = {}
        self.shares: dict[str, dict[str, Any]] = {}
        self.with_me: dict[str, dict[str, Any]] = {}

    def reset(self) -> None:
        """Forget everything."""
        for held in (self.said, self.shares, self.with_me):
            held.clear()


def shared_talk(*turns: dict[str, Any]) -> dict[str, Any]:
    """Return a conversation that Bob shares."""
    now = time.time()
    named = {"id": SALARY_SHARE, "owner": "bob", "title": "Hotels and <b>pay</b>"}
    return {**named, "created_at": now, "expires_at": now + 86_400, "turns": list(turns)}


def shared_turn(question: str, answer: str, citations: tuple[Any, ...] = (), **more: Any) -> dict[str, Any]:
    """Return a turn of a shared conversation."""
    base = {"state": "complete", "withdrawn": False, "tools": [], "created_at": time.time()}
    return {"question": question, "answer": answer, "citations": list(citations), **base, **more}


def add_talks(app: FastAPI, fake: FakeTalks, talks: Talks) -> None:
    """Serve what was said and what is shared."""
    path = "/api/conversations/{conversation}"

    @app.get(f"{path}/feedback")
    def said(conversation: str) -> dict[str, Any]:
        turns = {turn["id"] for turn in talks.held[conversation]["turns"]}
        return {"feedback": [{"turn": turn, **one} for turn, one in fake.said.items() if turn in turns]}

    @app.put(f"{path}/turns/{{turn}}/feedback")
    async def say(conversation: str, turn: str, request: Request) -> dict[str, Any]:
        fake.said[turn] = await request.json()
        return {"turn": turn, **fake.said[turn]}

    @app.delete(f"{path}/turns/{{turn}}/feedback", status_code=204)
    def take_back(turn: str) -> Response:
        fake.said.pop(turn, None)
        return Response(status_code=204)

    @app.get(f"{path}/shares")
    def shares(conversation: str) -> dict[str, Any]:
        return {"shares": [one for one in fake.shares.values() if one["conversation"] == conversation]}

    @app.post(f"{path}/shares", status_code=201)
    async def share(conversation: str, request: Request) -> dict[str, Any]:
        body, now = await request.json(), time.time()
        named = [one if ":" in one else f"group:{one}" for one in body["readers"]]
        times = {"created_at": now, "expires_at": now + 86_400 * body["days"], "ended_at": None}
        made = {"id": f"share-{len(fake.shares) + 1}", "conversation": conversation, "readers": named, **times}
        fake.shares[made["id"]] = made
        return made

    @app.delete(f"{path}/shares/{{share}}")
    def end(share: str) -> dict[str, Any]:
        fake.shares[share]["ended_at"] = time.time()
        return fake.shares[share]

    @app.get("/api/shared")
    def with_me() -> dict[str, Any]:
        return {"shared": list(fake.with_me.values())}

    @app.get("/api/shared/{share}", response_model=None)
    def shared(share: str) -> dict[str, Any] | JSONResponse:
        return fake.with_me[share] if share in fake.with_me else JSONResponse(MISSING, 404)

    @app.get("/api/me")
    def me() -> dict[str, Any]:
        return {"id": "ann", "groups": ["everyone", "sales", "hr"]}
