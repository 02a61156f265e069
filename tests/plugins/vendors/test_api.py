"""Requests: where the token goes, what a refusal means, how long a limit is waited for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from assistant.errors import DocumentTooLargeError, NotFoundError, SourceError, SourceUnreachableError
from plugins.vendors import Refused, VendorApi, VendorConfig
from tests.fakes.sleepless import sleepless
from tests.fakes.vendor_server import TOKEN, Answer, Asked, VendorServer, running


class Scripted(VendorServer):
    """Answers by path."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Answer | list[Answer]] = {}
        self.needs_token = True

    def is_signed_in(self, asked: Asked) -> bool:
        return super().is_signed_in(asked) or not self.needs_token

    def handle(self, asked: Asked) -> Answer:
        found = self.answers[asked.path]
        return found.pop(0) if isinstance(found, list) else found


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    return sleepless(monkeypatch)


@pytest.fixture
def server(waits: list[float]) -> Iterator[Scripted]:
    with running(Scripted()) as scripted:
        assert isinstance(scripted, Scripted)
        yield scripted


def api(server: Scripted, **more: Any) -> VendorApi:
    config = VendorConfig(token=SecretStr(TOKEN), private_hosts=("localhost",), **more)
    return VendorApi("V", server.url, config, {"Authorization": f"Bearer {TOKEN}"})


def test_a_download_follows_to_another_server_without_the_token(server: Scripted) -> None:
    with running(Scripted()) as other:
        assert isinstance(other, Scripted)
        other.needs_token = False
        other.answers["/file"] = Answer(b"bytes")
        server.answers["/get"] = Answer(status=302, headers={"Location": "/moved"})
        server.answers["/moved"] = Answer(status=303, headers={"Location": f"{other.url}/file"})
        assert api(server).download("/get", 100) == b"bytes"
        assert "authorization" in server.asked[-1].headers
        assert "authorization" not in other.asked[-1].headers
        with pytest.raises(DocumentTooLargeError):
            api(server).download("/get", 3)
    server.answers["/get"] = Answer(status=302, headers={"Location": "/get"})
    with pytest.raises(SourceError, match="in circles"):
        api(server).download("/get", 100)
    server.answers["/get"] = Answer(status=302, headers={"Location": "http://127.0.0.1:9/file"})
    with pytest.raises(SourceError, match="private network"):
        api(server).download("/get", 100)


def test_a_next_page_elsewhere_is_not_asked_for(server: Scripted) -> None:
    server.answers["/list"] = Answer([1], headers={"Link": '<https://elsewhere.example/list>; rel="next"'})
    pages = api(server).pages("/list")
    assert next(pages) == [1]
    with pytest.raises(SourceError, match=r"leads to elsewhere\.example"):
        next(pages)


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        (Answer(b"<html>"), SourceError, "is not the API of V"),
        (Answer(status=403), Refused, "does not let the token read /x"),
        (Answer(status=404), NotFoundError, "nothing at /x"),
        (Answer(status=301, headers={"Location": "/y"}), NotFoundError, "nothing at /x"),
        (Answer(status=302, headers={"Location": "/sign-in"}), SourceError, "leads from /x to /sign-in.*signing in"),
        (Answer(status=301, headers={"Location": "https://sso.example/x"}), SourceError, "to sso.example"),
        (Answer(status=400), SourceError, "status 400"),
        (Answer(status=503), SourceUnreachableError, "status 503"),
        (Answer(status=429, headers={"Retry-After": "3600"}), SourceUnreachableError, "no more requests for 3600 s"),
    ],
)
def test_what_an_answer_means(server: Scripted, answer: Answer, error: type[Exception], why: str) -> None:
    server.answers["/x"] = answer
    with pytest.raises(error, match=why) as caught:
        api(server).json("/x")
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (Answer({}, 403, {"Retry-After": "7"}), 7),
        (Answer({}, 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}), 1),
        (Answer({}, 403, {"RateLimit-Remaining": "0", "RateLimit-Reset": "soon"}), 60),
        (Answer({"message": "You have exceeded a secondary rate limit."}, 403), 60),
    ],
)
def test_a_refusal_for_the_number_of_requests_is_waited_for(
    server: Scripted, waits: list[float], refusal: Answer, seconds: float
) -> None:
    server.answers["/x"] = [refusal, Answer({"ok": 1})]
    assert api(server).json("/x") == {"ok": 1}
    assert waits == [seconds]
