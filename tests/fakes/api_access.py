"""The scripted API's answers on who may read what."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

HR = {"principal": "group:hr", "way": "given", "path": ["payroll", "hr"]}
LOSES = {
    "subject": "user:ann",
    "before": 3,
    "after": 1,
    "gained": 0,
    "lost": 2,
    "gains": [],
    "losses": ["a.md"],
}
TEMPS = {"principal": "group:temps", "way": "provided", "path": ["temps"]}


def add_access(app: FastAPI) -> None:
    """Add the routes: bob is denied, everybody else reads what hr reads."""

    @app.get("/api/access/why")
    def why(subject: str, source: str, key: str) -> Any:
        if key == "none":
            body = {"error": "there is no document 'none'", "hint": "check the key", "code": "NotFoundError"}
            return JSONResponse(body, 404)
        denied = subject == "bob"
        return {
            "subject": f"user:{subject}",
            "source": source,
            "key": key,
            "title": "Pay scale",
            "may": not denied,
            "verdict": "denied" if denied else "allowed",
            "allowed": [HR],
            "denied": [TEMPS] if denied else [],
            "access": {"allow": ["group:hr"], "deny": ["group:temps"]},
            "origin": "rule",
            "glob": "hr/**",
            "parent": None,
            "coming": {"allow": ["group:board"], "deny": []} if denied else None,
        }

    @app.get("/api/access/sees")
    def sees(subject: str) -> dict[str, Any]:
        return {
            "subject": subject,
            "disabled": False,
            "documents": 3,
            "folders": [{"source": "handbook", "folder": "hr", "documents": 3}],
            "listed": [{"source": "handbook", "key": "hr/pay.md", "title": "Pay scale"}],
            "private": 1,
        }

    @app.post("/api/access/preview")
    async def preview(request: Request) -> dict[str, Any]:
        rules = (await request.json())["readers"]["rules"]
        effects = [LOSES] if rules else []
        return {"source": "handbook", "documents": 3, "changed": len(rules), "of_source": 1, "effects": effects}
