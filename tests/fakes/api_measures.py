"""The scripted API's figures: use, evaluations, feedback, questions without a good answer, warnings and settings."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

NOW = 1_790_000_000.0
EVIL = "<img src=x onerror=alert(1)>"


def row(key: str, questions: int = 0, **change: Any) -> dict[str, Any]:
    """Return figures as the API has them."""
    asked = {"questions": questions, "people": 0 if questions < 5 else questions // 2, "withheld": 0 < questions < 5}
    numbers = {"not_found": questions // 9, "failed": questions // 20, "fallback": 0, "prompt_tokens": questions * 4100}
    numbers |= {"completion_tokens": questions * 180, "cached_tokens": questions * 1900, "cached_of": questions * 4100}
    cited = {"citations": questions * 3, "verified": questions * 3 - questions // 7}
    times = {"first": {"p50": 0.8, "p95": 2.4}, "whole": {"p50": 4.25, "p95": 11.0 + questions % 7}}
    return {"key": key, **asked, **numbers, **cited, **(times if questions >= 5 else dict.fromkeys(times)), **change}


def score(**change: Any) -> dict[str, Any]:
    """Return an evaluation's scores."""
    return {"questions": 3, "facts": 0.7, "found": 0.9, "refused": 1.0, "verified": 0.95, "gold_cited": 0.8, **change}


def run(name: str, state: str, at: float, **change: Any) -> dict[str, Any]:
    """Return an evaluation."""
    done = {"done": 3, "total": 3, "mode": "auto", "error": "", "used": {"models": "m"}, "scores": score()}
    times = {"started_at": at, "finished_at": at + 60}
    return {"id": name, "started_by": "root", "state": state, **times, **done, **change}


RESULT = {
    "id": "q",
    "question": "When are train tickets booked?",
    "scores": {"facts": 0.5},
    "expected": [
        {"name": "21 days", "note": "fact", "good": True, "text": ""},
        {"name": EVIL, "note": "fact", "good": False, "text": ""},
    ],
    "found": [{"name": "handbook:travel.md", "note": "characters 3-20", "good": True, "text": "21 days"}],
    "seconds": 1.5,
    "answer": f"At least 21 days before. {EVIL}",
    "note": "asked as root",
    "withheld": False,
}
HIDDEN = {
    **RESULT,
    "id": "h",
    "question": "What is K7 paid?",
    "expected": [],
    "found": [],
    "answer": "",
    "withheld": True,
}
SIGNS = {"override": 2, "hidden:white text": 1, "address": 1}


def warning(key: str, **change: Any) -> dict[str, Any]:
    """Return a warning."""
    looked = {"flagged": True, "found_at": NOW, "reviewed_at": None, "reviewed_by": ""}
    return {"source": "handbook", "key": key, "score": 0.84, "signs": dict(SIGNS), **looked, **change}


def setting(name: str, group: str, value: str, **change: Any) -> dict[str, Any]:
    """Return a setting."""
    said = {"default": value, "origin": "default", "description": f"What `{name}` says.", "choices": []}
    known = {"variable": f"ASSISTANT_{name.upper()}", "is_set": bool(value), "secret": False}
    return {"name": name, "group": group, "value": value, **known, **said, **change}


@dataclass
class FakeMeasures:
    """What the pages show; a test changes it as it likes."""

    asked: dict[str, int] = field(default_factory=dict)
    shown: bool = True
    feedback: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    poor: list[dict[str, Any]] = field(default_factory=list)

    def clear(self) -> None:
        """Hold nothing."""
        vars(self).update(vars(FakeMeasures()))

    def fill(self) -> None:
        """Hold something of everything."""
        for past in range(30):
            day = datetime.now(UTC) - timedelta(days=past)
            self.asked[f"{day:%Y-%m-%d}"] = 0 if day.weekday() > 4 else 3 if past == 9 else 14 + (past * 7) % 23
        given = {"user": "ann", "groups": [], "cited": [{"source": "handbook", "key": "travel.md"}], "created_at": NOW}
        self.feedback = [
            {"id": "f1", "question": "How far ahead are train tickets booked?", "answer": f"Five days. {EVIL}",
             "verdict": "down", "reason": "It is 21 days.", "withheld": False, **given},
            {"id": "f2", "question": "What is K7 paid?", "answer": "", "verdict": "up", "reason": "", "withheld": True,
             **given, "cited": []},
        ]  # fmt: skip
        self.poor = [
            {"question": text, "day": "2026-09-21", "why": why, "mode": "chunks"}
            for text, why in (
                ("Is parental leave paid?", "not_found"),
                (f"Who gets parental leave? {EVIL}", "unverified"),
                ("Where is the canteen?", "failed"),
            )
        ]
        self.keep({"question": "When are train tickets booked?", "documents": ["travel.md"], "facts": ["21 days"]})
        self.keep({"question": "Where is the canteen?", "answerable": False})
        self.runs = [
            run("e3", "done", NOW - 9e4, scores=score(facts=0.85, verified=0.97), results=[RESULT, HIDDEN]),
            run("e2", "failed", NOW - 3e5, scores={}, error="the model server does not answer"),
            run("e1", "done", NOW - 6e5, results=[RESULT]),
        ]
        self.warnings = [warning("mail/offer.eml"), warning(f"wiki/{EVIL}.md", score=0.55, signs={"role": 1})]

    def keep(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep a question."""
        known = {"quotes": [], "gold_answer": "", "reader": None, "origin": "hand", "withheld": False, "added_at": NOW}
        given = {"documents": [], "facts": [], "answerable": True, "feedback_id": None, **body}
        made = {"id": f"k{len(self.kept)}", "added_by": "root", **known, **given}
        self.kept.append(made)
        return made


def add_measures(app: FastAPI, held: FakeMeasures, reviewed_too: Callable[[str], None]) -> None:
    """Add the routes; `reviewed_too` is told the key of a document whose warning is reviewed."""

    @app.get("/api/usage")
    async def usage(days: int) -> dict[str, Any]:
        today = datetime.now(UTC)
        names = [f"{today - timedelta(days=past):%Y-%m-%d}" for past in reversed(range(days))]
        total = sum(held.asked.get(name, 0) for name in names)
        return {
            "since": names[0],
            "until": names[-1],
            "few": 5,
            "total": row("", total, people=41 if total else 0, withheld=False),
            "days": [row(name, held.asked.get(name, 0)) for name in names],
            "modes": [row("chunks", total * 3 // 4), row("documents", total // 4)] if total else [],
            "models": [row("llama-4-scout", total * 4 // 5), row("", 3)] if total else [],
            "sources": [{"source": "handbook", "citations": 120, "answers": 60}] if total else [],
        }

    @app.get("/api/questions/unanswered")
    async def unanswered() -> dict[str, Any]:
        topics = [{"words": ["parental", "leave"], "members": [0, 1]}] if len(held.poor) > 1 and held.shown else []
        counts = {"not_found": 1, "failed": 1, "unverified": 1} if held.poor else dict.fromkeys(
            ("not_found", "failed", "unverified"), 0
        )  # fmt: skip
        return {"counts": counts, "shown": held.shown, "questions": held.poor if held.shown else [], "topics": topics}

    _add_feedback(app, held)
    _add_warnings(app, held, reviewed_too)
    _add_evaluations(app, held)
    _add_settings(app)


def _add_feedback(app: FastAPI, held: FakeMeasures) -> None:
    @app.get("/api/feedback")
    async def feedback(verdict: str = "", limit: int = 100, offset: int = 0) -> dict[str, Any]:
        found = [one for one in held.feedback if verdict in {"", one["verdict"]}]
        return {"feedback": found[offset : offset + limit], "total": len(found)}

    @app.delete("/api/feedback/{name}")
    async def forget(name: str) -> Response:
        held.feedback = [one for one in held.feedback if one["id"] != name]
        return Response(status_code=204)

    @app.get("/api/questions")
    async def questions() -> dict[str, Any]:
        return {"questions": held.kept}

    @app.post("/api/questions")
    async def keep(request: Request) -> JSONResponse:
        body = await request.json()
        if not body["question"]:
            wrong = {"error": "question: it is empty", "hint": "give the question", "code": "ConfigurationError"}
            return JSONResponse(wrong, 422)
        return JSONResponse(held.keep(body), 201)

    @app.delete("/api/questions/{name}")
    async def remove(name: str) -> Response:
        held.kept = [one for one in held.kept if one["id"] != name]
        return Response(status_code=204)


def _add_warnings(app: FastAPI, held: FakeMeasures, reviewed_too: Callable[[str], None]) -> None:
    @app.get("/api/documents/warnings")
    async def warnings(reviewed: bool = False) -> dict[str, Any]:
        return {"warnings": [one for one in held.warnings if reviewed or one["reviewed_at"] is None]}

    @app.post("/api/documents/warnings/review")
    async def review(request: Request) -> dict[str, Any]:
        body = await request.json()
        reviewed_too(body["key"])
        found = [one for one in held.warnings if one["key"] == body["key"]]
        for one in found:
            one.update(reviewed_at=time.time() - 90, reviewed_by="root", flagged=False)
        return {"warnings": found}


def _add_evaluations(app: FastAPI, held: FakeMeasures) -> None:
    @app.get("/api/evaluations")
    async def evaluations() -> dict[str, Any]:
        """List them; the one that runs makes a step."""
        for one in held.runs:
            if one.pop("ends", False):
                one.update(state="cancelled")
            elif one["state"] == "running":
                one["done"] += 1
                if one["done"] > one["total"]:
                    one.update(state="done", done=one["total"], scores=score(facts=0.9))
        return {"evaluations": [{k: v for k, v in one.items() if k != "results"} for one in held.runs]}

    @app.post("/api/evaluations")
    async def start() -> JSONResponse:
        held.runs.insert(0, run("e9", "running", time.time(), done=0, total=4, scores={}, finished_at=None))
        return JSONResponse(held.runs[0], 201)

    @app.get("/api/evaluations/{name}")
    async def evaluation(name: str) -> dict[str, Any]:
        (found,) = (one for one in held.runs if one["id"] == name)
        return {"results": [], **found}

    @app.post("/api/evaluations/{name}/cancel")
    async def cancel(name: str) -> dict[str, Any]:
        (found,) = (one for one in held.runs if one["id"] == name)
        found.update(ends=True)  # after the question at hand
        return found

    @app.delete("/api/evaluations/{name}")
    async def drop(name: str) -> Response:
        held.runs = [one for one in held.runs if one["id"] != name]
        return Response(status_code=204)


def _add_settings(app: FastAPI) -> None:
    @app.get("/api/settings")
    async def settings() -> dict[str, Any]:
        found = [
            setting("home", "folders", "/srv/assistant", origin="environment", default="~/.assistant"),
            setting("index", "catalog", "edge", choices=["edge", "qdrant"]),
            setting("model_api_key", "models", "**********", origin="file", default="", secret=True),
            setting("audit_days", "audit", "365", description="How long the entries of the audit log are kept."),
        ]
        return {"file": "/srv/assistant/assistant.toml", "file_is_there": False, "settings": found}
