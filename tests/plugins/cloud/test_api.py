"""Requests to a vendor's API, with tokens that end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from assistant.errors import SourceError, SourceUnreachableError
from plugins.cloud import CloudApi, Token
from plugins.cloud.serving import Answer, Asked, Mood, as_json, serving
from plugins.net import PoliteClient
from tests.fakes.sleepless import sleepless


class Counting:
    """Answers with the token that it was given."""

    def __init__(self) -> None:
        self.mood, self.url = Mood(), ""
        self.refused: set[str] = set()

    def answer(self, asked: Asked) -> Answer:
        token = asked.headers["authorization"]
        return as_json({"token": token, "query": asked.query}, 401 if token in self.refused else 200)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counting]:
    sleepless(monkeypatch)
    made = Counting()
    with serving(made):
        yield made


def api(seconds: float = 3600.0, **more: Any) -> CloudApi:
    numbers = iter(range(100))
    return CloudApi("The cloud", PoliteClient(["localhost"]), lambda: Token(f"t{next(numbers)}", seconds), **more)


def test_a_token_is_kept_until_it_ends_or_is_refused(server: Counting) -> None:
    one = api()
    for _ in range(2):
        assert one.read(one.get(f"{server.url}/x?a=1", {"b": "ü"})) == {
            "token": "Bearer t0",
            "query": {"a": "1", "b": "ü"},
        }
    server.refused = {"Bearer t0"}
    assert one.read(one.get(server.url))["token"] == "Bearer t1"  # noqa: S105
    server.refused = {"Bearer t1", "Bearer t2"}
    assert one.get(server.url).status == 401  # a new one is refused too: that is the answer


def test_patience_has_an_end(server: Counting) -> None:
    one = api(wants_patience=lambda reply: reply.status == 403)
    server.mood.busy = [as_json({}, 403)] * 3
    assert one.get(server.url).status == 200
    server.mood.busy = [as_json({}, 403)] * 4
    with pytest.raises(SourceUnreachableError, match="status 403"):
        one.get(server.url)
    server.mood.busy = [as_json({}, 503)] * 4
    with pytest.raises(SourceUnreachableError, match="status 503"):
        one.get(server.url)
    assert server.mood.busy == []


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b""])
def test_what_is_no_object_is_an_error_of_the_source(server: Counting, body: bytes) -> None:
    server.mood.busy = [(200, {}, body)]
    one = api()
    with pytest.raises(SourceError, match="The cloud answers with"):
        one.read(one.get(server.url))


def test_a_list_that_is_missing_is_an_error_of_the_source() -> None:
    assert api().items({"files": []}, "files") == []
    broken: list[dict[str, Any]] = [{}, {"files": None}, {"files": [1]}]
    for answer in broken:
        with pytest.raises(SourceError, match="without 'files'"):
            api().items(answer, "files")


def test_a_token_does_not_show_itself() -> None:
    assert "hush" not in repr(Token("hush", 1))
