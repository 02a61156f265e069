"""What stands before the server: tokens in headers, and addresses that try wrong ones."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from assistant.access import Attempts, Caller
from assistant.errors import AccessDeniedError, CatalogUnavailableError, NotSignedInError
from assistant.mcp_server.signing_in import SignIn
from assistant.types import User

ANN = Caller(User("ann"), frozenset({"read"}))


def sign_in(token: str) -> Caller:
    if token != "good":  # noqa: S105 (no secret)
        raise NotSignedInError("the token is unknown", "ask")
    return ANN


class Door:
    """The middleware before an app that keeps whom it was called for."""

    def __init__(self, sign_in: Callable[[str], Caller] = sign_in, attempts: Attempts | None = None) -> None:
        self.served: list[object] = []
        self._guard = SignIn(self._app, sign_in, attempts)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.served.append(scope.get("assistant.caller"))

    def knock(self, *authorization: str, address: str = "10.0.0.1") -> tuple[int, dict[str, str], dict[str, Any]]:
        """Send a request with these headers; returns status, headers and body, 0 where it was let through."""
        sent: list[dict[str, Any]] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError("what nobody signed is not even read")

        headers = [(b"authorization", value.encode()) for value in authorization]
        scope = {"type": "http", "method": "POST", "path": "/mcp", "headers": headers, "client": (address, 5)}
        asyncio.run(self._guard(scope, receive, send))
        if not sent:
            return 0, {}, {}
        told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], told, json.loads(sent[1]["body"])


@pytest.mark.parametrize("value", ["Bearer good", "bearer good", "BEARER   good "])
def test_a_good_token_is_let_through_as_its_person(value: str) -> None:
    door = Door()
    assert door.knock(value)[0] == 0
    assert door.served == [ANN]


@pytest.mark.parametrize("values", [(), ("Bearer",), ("Bearer ",), ("Basic good",), ("good",), ("Bearer good",) * 2])
def test_a_request_has_to_have_one_token(values: tuple[str, ...]) -> None:
    door = Door()
    status, headers, body = door.knock(*values)
    assert (status, headers["www-authenticate"][:6], door.served) == (401, "Bearer", [])
    assert "Authorization: Bearer TOKEN" in body["error_description"]


def test_an_address_with_wrong_tokens_waits_but_not_those_whose_token_is_known() -> None:
    clock = [100.0]
    door = Door(attempts=Attempts(lambda: clock[0]))
    assert door.knock("Bearer good")[0] == 0
    for number in range(10):
        assert door.knock(f"Bearer wrong-{number}")[0] == 401
    status, headers, body = door.knock("Bearer wrong")
    assert (status, headers["retry-after"], "too many wrong tokens" in body["error_description"]) == (429, "61", True)
    assert "www-authenticate" not in headers
    assert door.knock("Bearer good")[0] == 0
    assert door.knock("Bearer wrong", address="10.0.0.2")[0] == 401
    clock[0] += 61
    assert door.knock("Bearer wrong")[0] == 401


def test_a_token_that_is_good_no_more_loses_its_privilege() -> None:
    known = {"good"}

    def changing(token: str) -> Caller:
        if token not in known:
            raise NotSignedInError("the token was revoked")
        return ANN

    door = Door(changing, Attempts(lambda: 5.0))
    assert door.knock("Bearer good")[0] == 0
    known.clear()
    assert [door.knock("Bearer good")[0] for _ in range(11)] == [401] * 10 + [429]


def test_what_is_kept_in_mind_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.access.attempts._ADDRESSES", 3)
    monkeypatch.setattr("assistant.access.attempts._TOKENS", 3)
    attempts = Attempts(lambda: 5.0)
    for number in range(20):
        attempts.note(f"10.0.0.{number}", f"t{number}", good=False)
        attempts.note("10.1.1.1", f"t{number}", good=True)
    assert (len(attempts._wrong), len(attempts._good)) == (3, 3)


def test_a_catalog_that_is_away_signs_nobody_in(caplog: pytest.LogCaptureFixture) -> None:
    def away(_: str) -> Caller:
        raise CatalogUnavailableError("the catalog sqlite:////secret/place is locked")

    door = Door(away)
    with caplog.at_level(logging.ERROR):
        status, _, body = door.knock("Bearer good")
    assert (status, door.served, "place" in str(body)) == (503, [], False)
    assert "/secret/place is locked" in caplog.text


def test_scopes() -> None:
    assert ANN.may("read") == Caller(ANN.user).may("ask") == ANN.user
    with pytest.raises(AccessDeniedError, match="not for 'ask', only for: read"):
        ANN.may("ask")
