"""The audit log over the API: for auditors and admins, and what is recorded of people who sign in."""

from __future__ import annotations

import json

from fastapi.testclient import TestClient

from assistant.catalog import AuditFilter
from assistant.types import LOCAL_OPERATOR
from tests.api.test_rights import bearer, strict
from tests.fakes.system import System

__all__ = ["strict"]


def _people(system: System) -> None:
    for person, role in (("ann", "employee"), ("eve", "auditor")):
        system.people.add(person, "", [], role, LOCAL_OPERATOR)  # type: ignore[arg-type]


def test_entries_an_export_and_the_check(strict: TestClient, system: System) -> None:
    _people(system)
    ann, eve = bearer(system, "ann", "read", "ask"), bearer(system, "eve", "audit")
    place = {"source": "s", "key": "travel.txt"}
    assert strict.get("/api/documents/text", params=place, headers=ann).status_code == 200
    assert strict.post("/api/search", json={"query": "trains"}, headers=ann).status_code == 200
    for path in ("", "/export", "/verify"):
        assert strict.get(f"/api/audit{path}", headers=ann).status_code == 403
    seen = strict.get("/api/audit", params=place, headers=eve).json()
    assert {one["who"] for one in seen["entries"]} == {"ann"}
    assert seen["entries"][-1]["action"] == "document opened"
    found = strict.get("/api/audit", params={"who": "ann", "limit": 2}, headers=eve).json()
    assert [one["outcome"] for one in found["entries"]] == ["refused", "refused"]
    assert found["entries"][0]["action"] == "audit verified"
    more = strict.get("/api/audit", params={"who": "ann", "before": found["next"]}, headers=eve).json()
    assert [one["action"] for one in more["entries"]] == ["audit read", "searched", "document opened"]
    exported = strict.get("/api/audit/export", headers=eve)
    first, *lines = exported.text.splitlines()
    assert (json.loads(first)["whole"], len(lines)) == (True, 9)  # its own entry, too
    assert strict.get("/api/audit/verify", headers=eve).json()["good"]
    head = "0:" + "1" * 64
    assert not strict.get("/api/audit/verify", params={"head": head}, headers=eve).json()["good"]
    for wrong in ({"since": "x"}, {"outcome": "x"}, {"source": "s"}, {"limit": 0}):
        assert strict.get("/api/audit", params=wrong, headers=eve).status_code == 422
    kept = [(one.action, one.subject) for one in system.catalog.audit.page(AuditFilter(who="eve"), 50).entries]
    assert ("audit read", "ann") in kept  # whom an auditor looked for
    assert ("audit exported", "") in kept


def test_wrong_tokens_and_refused_requests_are_recorded(strict: TestClient, system: System) -> None:
    _people(system)
    wrong = {"Authorization": "Bearer ast_" + "x" * 43, "User-Agent": "Probe/1"}
    assert strict.get("/api/status", headers=wrong).status_code == 401
    assert strict.get("/api/status").status_code == 401  # nothing was tried
    assert strict.get("/api/plugins", headers=bearer(system, "ann", "read")).status_code == 403
    assert strict.post("/api/sources/s/pause", headers=bearer(system, "ann", "read")).status_code == 403
    first, second, third = reversed(system.catalog.audit.page(AuditFilter()).entries)
    assert (first.action, first.who, first.outcome, first.origin.agent) == ("signed in", "nobody", "refused", "Probe/1")
    assert (second.action, second.who, second.details["route"]) == ("request refused", "ann", "GET /api/plugins")
    assert (third.action, third.outcome) == ("source paused", "refused")  # and it was never begun


def test_what_a_client_says_of_its_address_is_not_believed(strict: TestClient, system: System) -> None:
    _people(system)
    sent = {**bearer(system, "ann", "read"), "X-Forwarded-For": "6.6.6.6, 203.0.113.9"}
    strict.post("/api/search", json={"query": "trains"}, headers=sent)
    assert system.catalog.audit.page(AuditFilter()).entries[0].origin.address == "testclient"
