"""Pictures attached over HTTP: with a question, in conversations, and what is refused."""

from __future__ import annotations

import base64
from io import BytesIO

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from assistant.types import User
from tests.api.test_conversations import HR, answerer, become, begun
from tests.fakes.album import png
from tests.fakes.answering import ScriptedAnswerer
from tests.fakes.system import MAX_BYTES, System

__all__ = ["answerer"]


def attached(data: bytes, name: str = "shot.png") -> dict[str, str]:
    return {"name": name, "data": base64.b64encode(data).decode()}


def test_a_question_with_a_picture(client: TestClient, answerer: ScriptedAnswerer) -> None:
    body = {"question": "What is this?", "attachments": [attached(png("red"))]}
    assert client.post("/api/ask", json=body).status_code == 200
    (one,) = answerer.asked[-1].attachments
    assert (one.name, one.media_type) == ("shot.png", "image/png")
    assert Image.open(BytesIO(one.data)).getpixel((1, 1)) == (255, 0, 0)


def test_in_a_conversation_it_is_kept_and_shown_to_its_owner(
    api: FastAPI, client: TestClient, answerer: ScriptedAnswerer
) -> None:
    become(api, HR)
    path, turn = begun(client, attachments=[attached(png("red")), attached(png("blue"), "b.png")])
    assert turn["attachments"] == [
        {"number": 1, "name": "shot.png", "media_type": "image/png", "carried": False},
        {"number": 2, "name": "b.png", "media_type": "image/png", "carried": False},
    ]
    place = f"{path}/turns/{turn['id']}/attachments"
    shown = client.get(f"{place}/2")
    assert (shown.headers["content-type"], shown.headers["x-content-type-options"]) == ("image/png", "nosniff")
    assert Image.open(BytesIO(shown.content)).getpixel((1, 1)) == (0, 0, 255)
    assert client.get(f"{place}/3").status_code == 404
    assert client.get(f"{place}/0").status_code == 422
    edited = client.post(f"{path}/turns/{turn['id']}/edit", json={"question": "And?", "keep_attachments": False})
    assert edited.json()["attachments"] == []
    become(api, User("bob", HR.groups))
    assert client.get(f"{place}/1").status_code == 404


@pytest.mark.parametrize("path", ["/api/conversations", "/api/ask"])
@pytest.mark.parametrize(
    ("attachments", "said"),
    [
        ([attached(b"no picture", "a.txt")], "the attachment 'a.txt' cannot be taken"),
        ([attached(png("red"))] * 5, "5 pictures are attached; a question may have 4"),
        ([attached(b"x" * (MAX_BYTES + 1))], "has 2,000,001 bytes"),
    ],
)
def test_what_is_refused(client: TestClient, system: System, path: str, attachments, said: str) -> None:
    refused = client.post(path, json={"question": "What?", "attachments": attachments})
    assert said in refused.text
    assert "ConfigurationError" in refused.text
    if path == "/api/conversations":
        assert refused.status_code == 422
        assert client.get("/api/conversations").json()["total"] == 0


def test_what_is_no_base64_is_refused(client: TestClient) -> None:
    body = {"question": "What?", "attachments": [{"name": "a.png", "data": "abcde"}]}
    assert client.post("/api/ask", json=body).status_code == 422
