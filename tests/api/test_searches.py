"""Searches through the API: filters, what is shown, how it was found, and rights with a warm cache."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.access import Caller
from assistant.api.signed_in import signed_in
from assistant.types import Access, User, document_id
from tests.fakes.system import System

HR = User("hanna", frozenset({"everyone", "hr"}))


def keys(client: TestClient, query: str = "grade paid tickets month", **body: object) -> list[str]:
    response = client.post("/api/search", json={"query": query, **body})
    assert response.status_code == 200, response.text
    return sorted(hit["document"]["key"] for hit in response.json()["hits"])


def test_filters_narrow_a_search_and_an_answer(client: TestClient) -> None:
    assert keys(client) == ["hr/salary.txt", "travel.txt"]
    assert keys(client, paths=["hr"]) == ["hr/salary.txt"]
    assert keys(client, types=["txt"]) == ["hr/salary.txt", "travel.txt"]
    assert keys(client, types=["pdf"]) == []
    assert keys(client, sources=["other"]) == []
    assert keys(client, after="2024-01-01") == []
    asked = {"question": "What is grade K7 paid a month?"}
    assert "4,310" in client.post("/api/ask", json=asked).text
    assert "4,310" not in client.post("/api/ask", json={**asked, "types": ["pdf"]}).text


def test_a_wrong_filter_is_a_clear_error(client: TestClient) -> None:
    for body, named in (
        ({"types": ["nonsense"]}, "nonsense"),
        ({"after": "soon"}, "soon"),
        ({"languages": ["x"]}, "x"),
    ):
        response = client.post("/api/search", json={"query": "x", **body})
        assert (response.status_code, response.json()["code"]) == (422, "ConfigurationError")
        assert named in response.json()["error"]
        assert '"ConfigurationError"' in client.post("/api/ask", json={"question": "x", **body}).text
    assert client.post("/api/search", json={"query": "x", "type": ["pdf"]}).status_code == 422


def test_a_search_says_how_it_was_done(client: TestClient) -> None:
    asked = {"query": "train tickets", "explain": True, "focus": True, "context": 50}
    first = client.post("/api/search", json=asked).json()
    assert [stage["name"] for stage in first["trace"]["stages"]] == [
        "embed",
        "search",
        "merge duplicates",
        "focus",
        "grow",
    ]
    assert not first["trace"]["cached"]
    again = client.post("/api/search", json=asked).json()
    assert again["trace"]["cached"]
    assert again["hits"] == first["hits"]
    assert client.post("/api/search", json={"query": "train tickets"}).json()["trace"] is None


def test_more_is_shown_around_what_was_found(client: TestClient, system: System) -> None:
    parts = [f"Paragraph {n} of this page is about matter {n} and nothing else, and it goes on so." for n in range(40)]
    system.source.texts["long.txt"] = "\n\n".join(parts)
    system.ingestor.sync("s", "cli")
    plain = client.post("/api/search", json={"query": "matter 17", "limit": 1}).json()["hits"][0]
    grown = client.post("/api/search", json={"query": "matter 17", "limit": 1, "context": 300}).json()["hits"][0]
    text = client.get("/api/documents/text", params={"source": "s", "key": "long.txt"}).json()["text"]
    for hit in (plain, grown):
        assert text[hit["start"] : hit["end"]] == hit["text"]
    assert plain["spots"] == []
    assert grown["start"] <= plain["start"]
    assert grown["end"] >= plain["end"]
    assert len(grown["text"]) > len(plain["text"])
    assert {"start": plain["start"], "end": plain["end"]} in grown["spots"]


def test_a_right_that_is_taken_away_is_gone_on_the_next_request(
    api: FastAPI, client: TestClient, system: System
) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(HR)
    for body in ({}, {"focus": True}, {"context": 500}):
        assert keys(client, **body) == ["hr/salary.txt", "travel.txt"]
        assert keys(client, **body) == ["hr/salary.txt", "travel.txt"]  # by now from the cache
    salary = document_id("s", "hr/salary.txt")
    # in the catalog alone: the index lags behind, and would still find it
    system.catalog.documents.set_access(salary, Access(frozenset({"group:board"})))
    for body in ({}, {"focus": True}, {"context": 500}):
        assert keys(client, **body) == ["travel.txt"]
    api.dependency_overrides[signed_in] = lambda: Caller(User("bea", frozenset({"board", "hr"})))
    assert keys(client, limit=9) == ["hr/salary.txt"]


def test_what_one_reader_found_is_not_shown_to_another(api: FastAPI, client: TestClient) -> None:
    assert keys(client) == ["hr/salary.txt", "travel.txt"]
    api.dependency_overrides[signed_in] = lambda: Caller(User("eve", frozenset({"everyone"})))
    assert keys(client) == ["travel.txt"]


def test_a_copy_is_named_to_those_who_may_read_it(api: FastAPI, client: TestClient, system: System) -> None:
    system.source.texts["copies/travel.txt"] = system.source.texts["travel.txt"]
    system.source.texts["hr/travel.txt"] = system.source.texts["travel.txt"]
    system.ingestor.sync("s", "cli")
    api.dependency_overrides[signed_in] = lambda: Caller(User("eve", frozenset({"everyone"})))
    (hit,) = client.post("/api/search", json={"query": "train tickets in Concur"}).json()["hits"]
    named = {hit["document"]["key"], *(one["key"] for one in hit["also"])}
    assert named == {"travel.txt", "copies/travel.txt"}
