"""The scripted API's tools: a kind with a field of every shape, and what was added of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["url", "tables"],
    "properties": {
        "about": {"type": "string", "title": "About", "default": "", "description": "For the model."},
        "url": {"type": "string", "title": "Address", "description": "Where the shop is."},
        "tables": {"type": "array", "items": {"type": "string"}, "title": "Tables"},
        "password": {"type": "string", "format": "password", "writeOnly": True, "title": "Password", "default": ""},
        "headers": {
            "type": "object",
            "additionalProperties": {"type": "string", "format": "password"},
            "title": "Headers",
            "default": {},
        },
        "seconds": {"anyOf": [{"type": "number"}, {"type": "null"}], "title": "Seconds", "default": 10},
        "rows": {"type": "integer", "title": "Rows", "default": 200},
        "strict": {"type": "boolean", "title": "Strict", "default": True},
        "level": {"$ref": "#/$defs/Level", "default": "low"},
        "more": {"type": "object", "title": "Anything else", "default": {}},
    },
    "$defs": {"Level": {"type": "string", "enum": ["low", "high"], "title": "Level"}},
}


@dataclass
class FakeTools:
    """What is configured, by name."""

    held: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, body: dict[str, Any], origin: str = "catalog") -> dict[str, Any]:
        """Hold a tool."""
        offered = {
            "name": body["name"],
            "description": "Asks the shop.",
            "parameters": {
                "type": "object",
                "required": ["order"],
                "properties": {"order": {"type": "string", "title": "Order"}},
            },
            "writes": True,
            "reaches_out": False,
        }
        self.held[body["name"]] = {
            "name": body["name"],
            "kind": body["kind"],
            "origin": origin,
            "state": "enabled",
            "groups": body["groups"],
            "config": {name: "*" * 10 if name == "password" else one for name, one in body.get("config", {}).items()},
            "tools": [offered],
            "error": "",
            "tried": "the shop answers",
        }
        return self.held[body["name"]]


def add_tools(app: FastAPI, tools: FakeTools) -> None:
    """Add the routes."""

    @app.get("/api/tools")
    def listed() -> dict[str, Any]:
        kind = {"about": "A shop that can be asked.", "for_operators": False, "config": SCHEMA}
        return {"tools": list(tools.held.values()), "kinds": {"shop": kind}}

    @app.post("/api/tools/test")
    async def try_new(request: Request) -> Any:
        return _refused(await request.json()) or {"tried": "the shop answers"}

    @app.post("/api/tools", status_code=201)
    async def add(request: Request) -> Any:
        body = await request.json()
        return _refused(body) or tools.add(body)

    @app.patch("/api/tools/{name}")
    async def change(name: str, request: Request) -> Any:
        body = await request.json()
        return _refused(body) or tools.add({**tools.held[name], **body})

    @app.post("/api/tools/{name}/call")
    async def call(name: str, request: Request) -> Any:
        body = await request.json()
        if not body["agreed"]:
            return JSONResponse({"error": f"{name} changes something", "hint": "agree", "code": "ToolError"}, 422)
        return {"text": f"<b>Order {body['arguments']['order']}</b> is on its way.", "seconds": 0.5}

    @app.post("/api/tools/{name}/{action}")
    def act(name: str, action: str) -> dict[str, Any]:
        if action != "test":
            tools.held[name]["state"] = "enabled" if action == "enable" else "disabled"
        return tools.held[name]

    @app.delete("/api/tools/{name}")
    def remove(name: str) -> dict[str, Any]:
        return tools.held.pop(name)


def _refused(body: dict[str, Any]) -> JSONResponse | None:
    if "missing" not in body["config"]["url"]:
        return None
    error = {"error": "the shop does not answer", "hint": "check the address", "code": "ToolError"}
    return JSONResponse(error, 422)
