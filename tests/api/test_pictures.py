"""Pictures through the API: who may see them, and how they are handed out."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tests.fakes.album import AlbumParser, png
from tests.fakes.picture_embedder import FakePictureEmbedder
from tests.fakes.system import System

PLACE = {"source": "s", "key": "walls.album"}


@pytest.fixture
def album(system: System) -> System:
    system.registry.add_parser(AlbumParser())
    system.source.texts["walls.album"] = "Walls of the house.\npicture red\nThe cellar.\npicture blue"
    system.source.texts["hr/secret.album"] = "Faces.\npicture green"
    system.with_pictures(FakePictureEmbedder())
    system.ingestor.sync("s", "cli")
    return system


@pytest.mark.usefixtures("album")
def test_pictures_are_listed_and_handed_out_as_images_only(client: TestClient):
    listed = client.get("/api/documents/pictures", params=PLACE).json()
    assert listed["document"]["key"] == "walls.album"
    assert [p["number"] for p in listed["pictures"]] == [1, 2]
    response = client.get("/api/documents/picture", params={**PLACE, "number": 2})
    assert response.content == png("blue")
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.usefixtures("album")
def test_what_is_not_there_is_not_found(client: TestClient):
    assert client.get("/api/documents/picture", params={**PLACE, "number": 3}).status_code == 404
    assert client.get("/api/documents/pictures", params={**PLACE, "key": "none"}).status_code == 404


@pytest.mark.usefixtures("album")
def test_a_picture_finds_pictures(client: TestClient):
    hits = client.post("/api/search/picture", content=png("blue"), params={"limit": 1}).json()["hits"]
    assert (hits[0]["document"]["key"], hits[0]["pictures"], hits[0]["text"]) == ("walls.album", [2], "The cellar.")


@pytest.mark.usefixtures("album")
def test_words_find_pictures(client: TestClient):
    hits = client.post("/api/search/pictures", json={"query": "something red", "limit": 1}).json()["hits"]
    assert (hits[0]["document"]["key"], hits[0]["pictures"]) == ("walls.album", [1])


def test_a_search_by_picture_needs_a_picture_and_a_model(client: TestClient, monkeypatch: pytest.MonkeyPatch):
    response = client.post("/api/search/picture")
    assert (response.status_code, response.json()["code"]) == (422, "ConfigurationError")
    assert "ASSISTANT_PICTURE_EMBEDDER" in client.post("/api/search/picture", content=png("blue")).text
    monkeypatch.setattr("assistant.api.routes_pictures.MAX_QUERY_BYTES", 10)
    assert "over 10 bytes" in client.post("/api/search/picture", content=png("blue")).text


@pytest.mark.usefixtures("album")
def test_documents_say_who_wrote_them(client: TestClient):
    (found,) = [d for d in client.get("/api/documents").json()["documents"] if d["key"] == "walls.album"]
    assert (found["authors"], found["created"], found["language"]) == (["Ann", "Bob"], "2026-01-02T03:04:05Z", "en")
