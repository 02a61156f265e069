"""What the API records, and that it shows nothing that it cannot record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import pytest
from fastapi.testclient import TestClient

from assistant.api.addresses import client_address, networks
from assistant.api.auditing import Nobodies
from assistant.catalog import Act, AuditFilter, AuditRecord
from assistant.errors import CatalogUnavailableError, ConfigurationError
from assistant.types import document_id
from tests.fakes.system import System

TRAVEL = document_id("s", "travel.txt")


def _entries(system: System, **wanted: str) -> list[AuditRecord]:
    return list(reversed(system.catalog.audit.page(AuditFilter(**wanted), 1000).entries))


def test_searches_questions_and_openings_are_recorded(client: TestClient, system: System) -> None:
    agent = {"User-Agent": "Browser/7"}
    found = client.post("/api/search", json={"query": "train tickets"}, headers=agent)
    assert client.get("/api/documents/text", params={"source": "s", "key": "travel.txt"}).status_code == 200
    assert client.get("/api/documents/text", params={"source": "s", "key": "none.txt"}).status_code == 404
    with client.stream("POST", "/api/ask", json={"question": "How are train tickets booked?"}) as answer:
        answer.read()
    search, opened, missed, asked, read = _entries(system)
    assert (search.action, search.who, search.outcome) == ("searched", "operator", "done")
    assert set(search.documents) == {
        document_id(hit["document"]["source"], hit["document"]["key"]) for hit in found.json()["hits"]
    }
    assert TRAVEL in search.documents
    assert (search.origin.channel, search.origin.agent) == ("api", "Browser/7")
    assert search.origin.request == found.headers["X-Request-ID"]
    assert search.details == {"route": "POST /api/search", "status": 200}  # not what was searched for
    assert (opened.action, opened.documents, opened.details["key"]) == ("document opened", (TRAVEL,), "travel.txt")
    assert (missed.outcome, missed.documents) == ("refused", (document_id("s", "none.txt"),))
    assert (asked.action, asked.documents) == ("asked", ())
    assert (read.action, TRAVEL in read.documents) == ("documents read for an answer", True)
    assert read.origin == asked.origin  # the answer is written in another thread
    assert system.catalog.audit.verify().good


def test_the_text_of_questions_is_kept_where_the_policy_wants_it(client: TestClient, system: System) -> None:
    system.audit.keeps_questions = True
    client.post("/api/search", json={"query": "train tickets"})
    with client.stream("POST", "/api/ask", json={"question": "Which train?"}) as answer:
        answer.read()
    search, asked, *_ = _entries(system)
    assert (search.details["question"], asked.details["question"]) == ("train tickets", "Which train?")


def test_conversations_and_their_answers_are_recorded(client: TestClient, system: System) -> None:
    begun = client.post("/api/conversations", json={"question": "How are train tickets booked?"}).json()
    path = f"/api/conversations/{begun['conversation']['id']}"
    with client.stream("GET", f"{path}/turns/{begun['turn']['id']}/events") as events:
        events.read()
    assert client.delete(path).status_code == 204
    kept = [(one.action, one.outcome, one.origin.channel) for one in _entries(system)]
    assert ("documents read for an answer", "done", "api") in kept
    assert [one for one in kept if one[0] != "documents read for an answer"] == [
        ("asked", "done", "api"),
        ("conversation deleted", "begun", "api"),
        ("conversation deleted", "done", "api"),
    ]


def test_changes_are_recorded_before_and_after(client: TestClient, system: System) -> None:
    assert client.post("/api/sources/s/pause").status_code == 200
    assert client.post("/api/sources/none/pause").status_code == 404
    entries = [(one.action, one.outcome, one.details["name"]) for one in _entries(system, action="source paused")]
    assert entries == [
        ("source paused", "begun", "s"),
        ("source paused", "done", "s"),
        ("source paused", "begun", "none"),
        ("source paused", "refused", "none"),
    ]


def test_nothing_is_shown_or_done_that_cannot_be_recorded(
    client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(acts: Sequence[Act]) -> NoReturn:
        raise CatalogUnavailableError("locked")

    monkeypatch.setattr(system.catalog.audit, "append", full)
    answer = client.post("/api/search", json={"query": "train tickets"})
    assert (answer.status_code, answer.json()["code"]) == (503, "AuditUnavailableError")
    assert "Concur" not in answer.text
    answer = client.get("/api/documents/text", params={"source": "s", "key": "travel.txt"})
    assert (answer.status_code, "Concur" in answer.text) == (503, False)
    answer = client.post("/api/ask", json={"question": "How are train tickets booked?"})
    assert (answer.status_code, "Concur" in answer.text) == (503, False)
    assert client.post("/api/sources/s/pause").status_code == 503
    assert system.catalog.sources.get("s").state == "active"
    assert client.get("/health").status_code == 200  # what is not recorded goes on
    monkeypatch.undo()
    assert client.post("/api/search", json={"query": "train tickets"}).status_code == 200


def test_an_answer_ends_where_its_documents_cannot_be_recorded(
    client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = system.catalog.audit.append

    def partly(acts: Sequence[Act]) -> object:
        if any(act.documents for act in acts):
            raise CatalogUnavailableError("locked")
        return append(acts)

    monkeypatch.setattr(system.catalog.audit, "append", partly)
    answer = client.post("/api/ask", json={"question": "How are train tickets booked?"})
    assert answer.status_code == 200
    assert "AuditUnavailableError" in answer.text
    assert "Concur" not in answer.text


def test_a_fault_is_recorded(client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object, **named: object) -> NoReturn:
        raise RuntimeError("a fault")

    monkeypatch.setattr(system.retriever, "explained", broken)
    assert client.post("/api/search", json={"query": "x"}).status_code == 500
    entry = _entries(system)[-1]
    assert (entry.action, entry.outcome, entry.details["status"]) == ("searched", "failed", 500)


def test_nobody_fills_the_log() -> None:
    now = [0.0]
    nobodies = Nobodies(lambda: now[0])
    taken = [nobodies.take() for _ in range(100)]
    assert [one for one in taken if one is not None] == [{}] * 60
    now[0] = 61.0
    assert [nobodies.take(), nobodies.take()] == [{"left_out_before": 40}, {}]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("198.51.100.1", "203.0.113.9", "198.51.100.1"),  # anybody may write that
        ("10.0.0.2", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.2", "6.6.6.6, 203.0.113.9, 10.0.0.3", "203.0.113.9"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "nonsense", "10.0.0.2"),
        ("::ffff:10.0.0.2", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.2", "10.0.0.4", "10.0.0.4"),
    ],
)
def test_the_client_behind_trusted_proxies(peer: str, forwarded: str, expected: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    scope = {"type": "http", "client": (peer, 1), "headers": headers}
    assert client_address(scope, networks("10.0.0.0/8")) == expected


def test_a_wrong_network_is_said() -> None:
    with pytest.raises(ConfigurationError, match="trusted_proxies"):
        networks("10.0.0.0/8, everywhere")
