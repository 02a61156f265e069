"""Streams end soon after their reader's sign-in has ended, or the reader's rights are others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from assistant.access import Where
from assistant.api.events import event_stream
from assistant.api.following import follow
from assistant.api.watched import watched
from assistant.conversations import ConversationDesk
from assistant.errors import AssistantError, CatalogUnavailableError, NotFoundError, NotSignedInError
from assistant.types import LOCAL_OPERATOR
from tests.api.conftest import ListQueue
from tests.fakes.apis import api_over
from tests.fakes.listening import listening
from tests.fakes.system import System


def collected(texts: AsyncIterator[str], still: Any, every: float = 0.02) -> list[str | None]:
    async def collect() -> list[str | None]:
        return [text async for text in watched(texts, still, every)]

    return asyncio.run(collect())


async def quick(closed: list[bool]) -> AsyncIterator[str]:
    try:
        for number in range(3):
            yield str(number)
    finally:
        closed.append(True)


async def endless(closed: list[bool], pause: float) -> AsyncIterator[str]:
    try:
        while True:
            yield "more"
            await asyncio.sleep(pause)
    finally:
        closed.append(True)


def test_a_stream_whose_reader_stays_comes_whole() -> None:
    closed: list[bool] = []
    assert collected(quick(closed), lambda: True) == ["0", "1", "2"]
    assert closed == [True]


@pytest.mark.parametrize("pause", [0.0, 3600.0])
def test_a_stream_ends_whether_texts_come_or_not(pause: float) -> None:
    closed: list[bool] = []
    answers = iter([True, True, False])
    assert collected(endless(closed, pause), lambda: next(answers))[-1] is None
    assert closed == [True]


def test_what_is_wrong_with_the_sign_in_is_raised() -> None:
    def ended() -> bool:
        raise NotSignedInError("the session was ended", "sign in again")

    closed: list[bool] = []
    with pytest.raises(NotSignedInError):
        collected(endless(closed, 3600), ended)
    assert closed == [True]


def test_an_error_of_the_stream_goes_through() -> None:
    async def broken() -> AsyncIterator[str]:
        yield "one"
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        collected(broken(), lambda: True)


@pytest.mark.parametrize("resumes", [False, True])
def test_whoever_does_not_come_back_by_itself_is_told_and_the_model_stops(resumes: bool) -> None:
    closed, left = list[bool](), list[bool]()
    response = event_stream(endless(closed, 3600), lambda: left.append(True), still=lambda: False, resumes=resumes)

    async def collect() -> list[object]:
        return [text async for text in response.body_iterator]

    said = asyncio.run(collect())
    assert ("your rights have changed" in str(said[-1])) is not resumes
    assert closed == left == [True]


@pytest.mark.parametrize("resumes", [False, True])
def test_of_what_may_be_over_in_a_moment_only_those_are_told_who_do_not_come_again(resumes: bool) -> None:
    def away() -> bool:
        raise CatalogUnavailableError("the catalog does not answer", "start Postgres")

    closed = list[bool]()
    response = event_stream(endless(closed, 3600), still=away, resumes=resumes)

    async def collect() -> list[object]:
        return [text async for text in response.body_iterator]

    said = asyncio.run(collect())
    assert any("event: error" in str(text) for text in said) is not resumes
    assert closed == [True]


def test_a_follower_is_told_of_what_stays_so_alone() -> None:
    def followed(error: AssistantError) -> list[str]:
        def live(*_: object) -> None:
            raise error

        desk = cast(ConversationDesk, SimpleNamespace(live=live))

        async def collect() -> list[str]:
            return [text async for text in follow(desk, lambda: LOCAL_OPERATOR, "c", "t", 0)]

        return asyncio.run(collect())

    assert followed(CatalogUnavailableError("the catalog does not answer", "start Postgres")) == []
    (said,) = followed(NotFoundError("there is no such turn", "look at the list"))
    assert "there is no such turn" in said


@pytest.fixture
def server(system: System) -> Iterator[str]:
    """The API on a port: the test client would wait for the end of a stream."""
    system.settings = system.settings.model_copy(update={"sign_in": "accounts"})
    with listening(api_over(system, ListQueue())) as url:
        yield url


@pytest.mark.parametrize("how", ["session ended", "person disabled", "token revoked", "source taken"])
def test_a_run_is_followed_no_longer_than_its_reader_may(system: System, server: str, how: str) -> None:
    system.people.add("cora", "", [], "curator", LOCAL_OPERATOR)
    system.catalog.people.change("cora", curates=["s"])
    new = system.sign_in.known(system.catalog.people.get("cora"), "oidc", Where())
    token, made = system.people.add_token("cora", LOCAL_OPERATOR, scopes=["manage"])
    run = system.catalog.runs.start("s", "cli", "test")
    ways = {
        "session ended": lambda: system.sign_in.end(new.session.id, LOCAL_OPERATOR),
        "person disabled": lambda: system.people.disable("cora", LOCAL_OPERATOR, disabled=True),
        "token revoked": lambda: system.people.revoke(made.id, LOCAL_OPERATOR),
        "source taken": lambda: system.catalog.people.change("cora", curates=[]),
    }
    secret = token if how == "token revoked" else new.secret
    headers = {"Authorization": f"Bearer {secret}"}
    url = f"{server}/api/runs/{run.id}/events"
    with httpx.stream("GET", url, headers=headers, timeout=60) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: run"
        ways[how]()
        rest = "\n".join(lines)  # comes to an end, though the run goes on
    assert ("NotSignedInError" in rest) == (how != "source taken")
    assert system.catalog.runs.get(run.id).state == "running"
    assert httpx.get(url, headers=headers, timeout=60).status_code == (401 if how != "source taken" else 404)
