"""The scripted API's webhooks, and what was sent to them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

EVENTS = ["run.started", "run.finished", "run.failed", "feedback.given", "source.paused", "source.resumed"]


@dataclass
class FakeHooks:
    """What is there, by name; of each what was sent, newest first. `status` is what every receiver answers."""

    held: dict[str, dict[str, Any]] = field(default_factory=dict)
    sent: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)
    status: int = 200

    def clear(self) -> None:
        """Forget everything."""
        self.held.clear()
        self.sent.clear()
        self.again.clear()
        self.status = 200

    def add(self, name: str, url: str, events: list[str]) -> dict[str, Any]:
        """Hold a webhook."""
        self.sent[name] = []
        counts = {"waiting": 0, "delivered": 0, "failed": 0}
        about = {"name": name, "url": url, "events": events, "enabled": True, "error": "", "last": None}
        self.held[name] = {**about, **counts}
        return self.held[name]

    def send(self, name: str, event: str) -> dict[str, Any]:
        """Send an event."""
        done = self.status < 300
        delivery = {
            "id": f"d{len(self.sent[name])}",
            "webhook": name,
            "message": "msg_1",
            "event": event,
            "state": "delivered" if done else "failed",
            "tries": 1,
            "next_at": None,
            "created_at": time.time() - 60,
            "finished_at": time.time(),
            "status": self.status,
            "answer": "<b>thanks</b>" if done else "out of order",
        }
        self.sent[name].insert(0, delivery)
        self.held[name] |= {"last": delivery}
        self.held[name]["delivered" if done else "failed"] += 1
        return delivery


def _refused() -> JSONResponse:
    return JSONResponse({"error": "url: without TLS", "hint": "use https", "code": "ConfigurationError"}, 422)


def add_hooks(app: FastAPI, hooks: FakeHooks) -> None:
    """Add the routes."""

    @app.get("/api/webhooks")
    def listed() -> dict[str, Any]:
        return {"webhooks": list(hooks.held.values()), "events": EVENTS}

    @app.post("/api/webhooks", status_code=201)
    async def add(request: Request) -> Any:
        body = await request.json()
        if not body["url"].startswith("https://"):
            return _refused()
        return {"webhook": hooks.add(**body), "secret": "whsec_shown-once"}

    @app.patch("/api/webhooks/{name}")
    async def change(name: str, request: Request) -> Any:
        body = await request.json()
        if not body.get("url", "https://").startswith("https://"):
            return _refused()
        hooks.held[name] |= body
        return hooks.held[name]

    @app.post("/api/webhooks/{name}/secret")
    def renew(name: str) -> Any:
        return {"webhook": hooks.held[name], "secret": "whsec_another-one"}

    @app.post("/api/webhooks/{name}/test")
    def test(name: str) -> Any:
        return hooks.send(name, "webhook.test")

    @app.get("/api/webhooks/{name}/deliveries")
    def deliveries(name: str) -> Any:
        return {"deliveries": hooks.sent[name]}

    @app.post("/api/webhooks/{name}/deliveries/{delivery}/redeliver")
    def redeliver(name: str, delivery: str) -> Any:
        hooks.again.append(delivery)
        return next(one for one in hooks.sent[name] if one["id"] == delivery)

    @app.delete("/api/webhooks/{name}")
    def remove(name: str) -> Any:
        return hooks.held.pop(name)
