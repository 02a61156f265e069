"""Explanations, overviews, groups and break-glass over HTTP, as different people."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from assistant.types import LOCAL_OPERATOR
from tests.api.test_rights import bearer, strict  # noqa: F401 (a fixture)
from tests.fakes.system import System


def test_an_admin_sees_who_reads_and_opens_with_a_reason(system: System, strict: TestClient) -> None:  # noqa: F811
    system.people.add("root", "", [], "admin", LOCAL_OPERATOR)
    system.people.add("ann", "", ["payroll"], "employee", LOCAL_OPERATOR)
    system.people.add("aud", "", [], "auditor", LOCAL_OPERATOR)
    admin = bearer(system, "root", "read", "manage", "audit")
    ann, auditor = bearer(system, "ann", "read"), bearer(system, "aud", "read", "audit")
    nested = strict.post("/api/groups/nested", json={"parent": "hr", "child": "payroll"}, headers=admin)
    assert (nested.status_code, nested.json()["children"]) == (201, ["payroll"])
    where = {"source": "s", "key": "hr/salary.txt"}
    why: dict[str, Any] = strict.get("/api/access/why", params={"subject": "ann", **where}, headers=admin).json()
    assert (why["may"], why["verdict"], why["glob"]) == (True, "allowed", "hr/**")
    assert why["allowed"] == [{"principal": "group:hr", "way": "given", "path": ["payroll", "hr"]}]
    assert strict.get("/api/access/why", params={"subject": "ann", **where}, headers=ann).json() == why
    assert strict.get("/api/access/why", params={"subject": "root", **where}, headers=auditor).status_code == 404
    sees = strict.get("/api/access/sees", params={"subject": "group:hr"}, headers=admin).json()
    assert (sees["documents"], [one["folder"] for one in sees["folders"]]) == (2, ["", "hr"])
    rule = {"source": "s", "readers": {"default": ["hr"]}}
    preview = strict.post("/api/access/preview", json=rule, headers=admin).json()
    assert {one["subject"]: one["lost"] for one in preview["effects"]}["user:aud"] == 1

    assert strict.get("/api/documents/text", params=where, headers=admin).status_code == 404
    body = {**where, "reason": "A complaint is looked into", "minutes": 5}
    assert strict.post("/api/access/open", json={**body, "reason": "short"}, headers=admin).status_code == 422
    assert strict.post("/api/access/open", json=body, headers=ann).status_code == 403
    opened = strict.post("/api/access/open", json=body, headers=admin)
    assert (opened.status_code, opened.json()["open"]) == (201, True)
    text = strict.get("/api/documents/text", params=where, headers=admin).json()
    assert text["opened_until"] == opened.json()["expires_at"]
    assert strict.get("/api/documents/text", params=where, headers=ann).json()["opened_until"] is None
    listed = strict.get("/api/access/openings", headers=auditor).json()
    assert (listed["total"], listed["openings"][0]["person"]) == (1, "root")
    assert strict.delete(f"/api/access/openings/{opened.json()['id']}", headers=admin).json()["open"] is False
    assert strict.get("/api/documents/text", params=where, headers=admin).status_code == 404


def test_a_conversation_is_shared_and_read(system: System, strict: TestClient) -> None:  # noqa: F811
    for name, groups in (("ann", ["hr"]), ("bob", []), ("eve", [])):
        system.people.add(name, "", groups, "employee", LOCAL_OPERATOR)
    ann, bob, eve = (bearer(system, name, "read", "ask") for name in ("ann", "bob", "eve"))
    begun = strict.post("/api/conversations", json={"question": "What is grade K7 paid?"}, headers=ann).json()
    conversation, turn = begun["conversation"]["id"], begun["turn"]["id"]
    strict.get(f"/api/conversations/{conversation}/turns/{turn}/events", headers=ann)
    own = strict.get(f"/api/conversations/{conversation}", headers=ann).json()["turns"][0]
    assert "4,310" in own["answer"]
    made = strict.post(f"/api/conversations/{conversation}/shares", json={"readers": ["user:bob"]}, headers=ann)
    share = made.json()["id"]
    assert (made.status_code, made.json()["readers"]) == (201, ["user:bob"])
    assert [one["id"] for one in strict.get("/api/shared", headers=bob).json()["shared"]] == [share]
    seen = strict.get(f"/api/shared/{share}", headers=bob)
    assert seen.json()["turns"][0]["question"] == "What is grade K7 paid?"
    assert "4,310" not in seen.text
    assert strict.get(f"/api/shared/{share}", headers=eve).status_code == 404
    assert strict.get(f"/api/conversations/{conversation}", headers=bob).status_code == 404
    assert len(strict.get(f"/api/conversations/{conversation}/shares", headers=ann).json()["shares"]) == 1
    assert strict.delete(f"/api/conversations/{conversation}/shares/{share}", headers=ann).json()["ended_at"]
    assert strict.get(f"/api/shared/{share}", headers=bob).status_code == 404
