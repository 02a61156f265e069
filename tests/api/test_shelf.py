"""Documents through the API: searched for, counted by what they can be narrowed to, and downloaded."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.access import Caller
from assistant.api.signed_in import signed_in
from assistant.types import User
from tests.fakes.system import System

ANN = User("ann", frozenset({"everyone"}))
QUERY = "paid tickets month"


def found(client: TestClient, query: str = QUERY, **body: object) -> dict[str, Any]:
    response = client.post("/api/search/documents", json={"query": query, **body})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def keys(answer: dict[str, Any]) -> list[str]:
    return [document["key"] for document in answer["documents"]]


def counts(answer: dict[str, Any], facet: str) -> dict[str, int]:
    return {one["value"]: one["count"] for one in answer["facets"][facet]}


def as_ann(api: FastAPI) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(ANN)


def test_documents_are_found_with_their_best_places_and_words(client: TestClient) -> None:
    answer = found(client, "What is a grade K7 paid?")
    first = answer["documents"][0]
    assert (first["key"], first["type"]) == ("hr/salary.txt", "txt")
    place = first["places"][0]
    assert place["text"].startswith("Grade K7 is paid")
    marked = [place["text"][one["start"] - place["start"] : one["end"] - place["start"]] for one in place["marks"]]
    assert marked == ["Grade", "K7", "paid"]


def test_a_document_that_says_nothing_of_it_is_not_found(client: TestClient) -> None:
    assert keys(found(client, "Concur")) == ["travel.txt"]


def test_facets_count_as_if_they_were_not_narrowed_themselves(client: TestClient) -> None:
    answer = found(client, paths=["hr"])
    assert (keys(answer), answer["total"]) == (["hr/salary.txt"], 1)
    assert counts(answer, "folders") == {"hr": 1}
    assert counts(answer, "types") == {"txt": 1}
    answer = found(client, sources=["other"])
    assert (answer["total"], counts(answer, "sources"), counts(answer, "types")) == (0, {"s": 2}, {})


def test_nothing_is_counted_that_may_not_be_read(api: FastAPI, client: TestClient) -> None:
    as_ann(api)
    answer = found(client)
    assert (keys(answer), answer["total"]) == (["travel.txt"], 1)
    assert (counts(answer, "folders"), counts(answer, "types")) == ({}, {"txt": 1})


def test_pages_follow_one_another(client: TestClient) -> None:
    both = keys(found(client))
    assert sorted(both) == ["hr/salary.txt", "travel.txt"]
    pages = [found(client, limit=1, offset=offset) for offset in (0, 1, 2)]
    assert [keys(page) for page in pages] == [both[:1], both[1:], []]
    assert {page["total"] for page in pages} == {2}


@pytest.mark.parametrize("body", [{"sort": "size"}, {"limit": 0}, {"query": ""}, {"wrong": 1}])
def test_a_wrong_search_is_refused(client: TestClient, body: dict[str, object]) -> None:
    assert client.post("/api/search/documents", json={"query": "x", **body}).status_code == 422


def test_an_original_is_downloaded_and_never_shown(client: TestClient) -> None:
    response = client.get("/api/documents/original", params={"source": "s", "key": "hr/salary.txt"})
    assert response.content == b"Grade K7 is paid 4,310 euros a month.\n"
    assert response.headers["content-disposition"].startswith('attachment; filename="salary.txt"')
    assert "sandbox" in response.headers["content-security-policy"]


def test_an_original_that_may_not_be_read_is_as_one_that_is_not_there(api: FastAPI, client: TestClient) -> None:
    as_ann(api)
    closed, missing = (
        client.get("/api/documents/original", params={"source": "s", "key": key}) for key in ("hr/salary.txt", "hr/no")
    )
    assert closed.status_code == missing.status_code == 404
    assert closed.text.replace("hr/salary.txt", "hr/no") == missing.text


def test_downloads_and_searches_are_recorded_thumbnails_are_not(system: System, client: TestClient) -> None:
    system.page_images = SimpleNamespace(image=lambda *_, **__: b"drawn")  # type: ignore[attr-defined]
    client.get("/api/documents/original", params={"source": "s", "key": "travel.txt"})
    drawn = client.get("/api/documents/thumbnail", params={"source": "s", "key": "travel.txt"})
    assert (drawn.content, drawn.headers["content-type"]) == (b"drawn", "image/png")
    found(client)
    acts = client.get("/api/audit").json()["entries"]
    assert [act["action"] for act in acts if act["action"] != "audit read"][:2] == ["searched", "original downloaded"]
