"""The election of a leader, on a real Postgres whose sessions end, hang and go away."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, make_url, text

from assistant.catalog import election
from assistant.catalog.election import Election
from assistant.errors import ConfigurationError
from tests.fakes.databases import new_database, running_postgres

_SESSIONS = "FROM pg_stat_activity WHERE application_name = 'assistant election' AND datname = current_database()"
_ANSWER, _LEASE = election._ANSWER_SECONDS, election._LEASE_SECONDS
_HOLDERS = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
_LEADER = f"SELECT pid {_SESSIONS} AND pid IN ({_HOLDERS})"


@pytest.fixture(autouse=True)
def _looks_often_and_waits_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a machine that has other work decides nothing; who tests one of these times sets it again."""
    monkeypatch.setattr(election, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(election, "_ANSWER_SECONDS", 60.0)
    monkeypatch.setattr(election, "_LEASE_SECONDS", 300.0)


@pytest.fixture
def url(postgres: str) -> str:
    return new_database(postgres)


@pytest.fixture
def stand(url: str) -> Iterator[Callable[[], Election]]:
    """Makes candidates of one catalog, who resign after the test."""
    made: list[Election] = []

    def one_more() -> Election:
        made.append(Election(url))
        return made[-1]

    yield one_more
    for one in made:
        one.resign()


def asked(url: str, sql: str) -> int:
    engine = create_engine(url)
    with engine.connect() as connection:
        answer = connection.execute(text(sql)).scalar_one()
    engine.dispose()
    return int(answer)


def wait_until_leads(one: Election, seconds: float = 30.0) -> float:
    """Return when it was asked that it first said so."""
    end = time.monotonic() + seconds
    while True:
        asked_at = time.monotonic()
        if one.leads():
            return asked_at
        assert asked_at < end, "nobody took over"
        time.sleep(0.02)


def test_one_leads_until_it_resigns(stand: Callable[[], Election]) -> None:
    first, second, third = stand(), stand(), stand()
    for _ in range(3):
        assert [one.leads() for one in (first, second, third)] == [True, False, False]
    first.resign()
    wait_until_leads(third)
    assert [one.leads() for one in (first, second, third)] == [False, False, True]


def test_each_catalog_has_a_leader_of_its_own(postgres: str, stand: Callable[[], Election]) -> None:
    other = Election(new_database(postgres))
    assert (stand().leads(), other.leads()) == (True, True)
    other.resign()


def test_a_leader_whose_session_is_ended_learns_it_and_another_takes_over(
    url: str, stand: Callable[[], Election], caplog: pytest.LogCaptureFixture
) -> None:
    first, second = stand(), stand()
    assert (first.leads(), second.leads()) == (True, False)
    assert asked(url, f"SELECT pg_terminate_backend(({_LEADER}))::int") == 1
    wait_until_leads(second)
    assert [first.leads() for _ in range(3)] == [False] * 3  # it connects again, and finds the lock taken
    assert second.leads()
    assert "does not answer, so nobody is elected" in caplog.text
    assert asked(url, f"SELECT count(*) {_SESSIONS}") == 2


def test_a_leader_that_no_longer_looks_is_taken_for_dead(
    url: str, stand: Callable[[], Election], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(election, "_LEASE_SECONDS", 3.0)
    first, second = stand(), stand()
    began = wait_until_leads(first)  # at once, unless it pauses for so long meanwhile
    wait_until_leads(second)
    assert time.monotonic() - began > 2.5
    assert not first.leads()


def test_a_leader_that_gets_no_answer_gives_up(
    url: str, stand: Callable[[], Election], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(election, "_ANSWER_SECONDS", 2.0)
    first = stand()
    wait_until_leads(first)
    session = asked(url, _LEADER)
    os.kill(session, signal.SIGSTOP)  # as if the network lost all that is said
    try:
        began = time.monotonic()
        assert not first.leads()
        assert 1.5 < time.monotonic() - began < 60
    finally:
        os.kill(session, signal.SIGCONT)
    wait_until_leads(first)


def test_a_leader_gives_up_before_its_lock_is_given_away() -> None:
    tick = 1.0
    assert 2 * _ANSWER + tick < _LEASE


def test_without_the_catalog_nobody_leads_and_that_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    with running_postgres() as server:
        url = new_database(server.url)
        first, second = Election(url), Election(url)
        assert (first.leads(), second.leads()) == (True, False)
        server.stop("immediate")
        for _ in range(3):
            assert (first.leads(), second.leads()) == (False, False)
        assert caplog.text.count("nobody is elected") == 2
        server.start()
        wait_until_leads(second)
        assert not first.leads()
        first.resign()
        second.resign()


def test_postgres_is_asked_once_a_second(stand: Callable[[], Election], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(election, "LOOK_SECONDS", 30.0)
    one = stand()
    questions: list[str] = []
    query = one._query

    def counted(sql: str) -> bool:
        questions.append(sql)
        return query(sql)

    monkeypatch.setattr(one, "_query", counted)
    assert [one.leads() for _ in range(5)] == [True] * 5
    assert len([sql for sql in questions if "lock" in sql or "true" in sql]) == 1


def test_on_sqlite_everybody_leads() -> None:
    assert Election("sqlite:///nowhere/catalog.sqlite3").leads()


@pytest.mark.parametrize("url", ["no url", "postgresql+nothing://host/db"])
def test_a_wrong_url_is_an_error_of_the_settings(url: str) -> None:
    with pytest.raises(ConfigurationError, match="catalog_url"):
        Election(url)


def test_no_password_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    url = make_url("postgresql+pg8000://me@127.0.0.1:1/db").set(password="hunter2")
    assert not Election(url.render_as_string(hide_password=False)).leads()
    said = " ".join(caplog.messages)  # as it is logged: what a handler writes may be redacted
    assert "me:***@127.0.0.1" in said
    assert "hunter2" not in said
