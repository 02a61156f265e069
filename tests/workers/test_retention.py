"""What is too old goes, each kind by itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import select

from assistant.app import App
from assistant.catalog import NewTurn, Progress
from assistant.catalog.models_people import SessionRow
from assistant.errors import IndexUnavailableError, NotFoundError, StorageError
from assistant.types import LOCAL_OPERATOR
from tests.fakes.system import System
from workers.retention import prune
from workers.tasks import Tasks

_WEEK = 7 * 86400


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    yield system
    system.close()


@pytest.fixture
def tasks(system: System) -> Tasks:
    return Tasks(cast(Any, None), lambda: cast(App, system))


def test_conversations_that_were_deleted_long_ago_are_forgotten(
    tasks: Tasks, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = system.catalog.conversations
    record, _ = table.begin(LOCAL_OPERATOR, None, NewTurn(None, "asked", "q", {}, {}), 60, "q")
    table.delete(LOCAL_OPERATOR, record.id)
    tasks.prune()
    table.restore(LOCAL_OPERATOR, record.id)
    table.delete(LOCAL_OPERATOR, record.id)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + (system.settings.undo_hours + 1) * 3600)
    tasks.prune()
    with pytest.raises(NotFoundError):
        table.restore(LOCAL_OPERATOR, record.id)


def test_what_is_older_than_the_settings_keep_is_forgotten(
    tasks: Tasks, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, feedback = system.catalog.conversations, system.catalog.feedback
    record, turn = table.begin(LOCAL_OPERATOR, None, NewTurn(None, "asked", "q", {}, {}), 60, "q")
    table.write([Progress(turn.id, "complete", "a")], 60)
    feedback.add(LOCAL_OPERATOR, "q", "a", "up", "", [])
    now, hours = time.time(), system.settings.undo_hours
    monkeypatch.setattr(time, "time", lambda: now + 11 * 86400)
    tasks.prune()
    assert (table.page(LOCAL_OPERATOR)[1], len(feedback.newest(9))) == (1, 1), "by default, both are kept"
    limits = {"conversation_days": 10, "feedback_days": 12}
    monkeypatch.setattr(system, "settings", system.settings.model_copy(update=limits))
    tasks.prune()
    assert (table.page(LOCAL_OPERATOR)[1], len(feedback.newest(9))) == (0, 1)
    assert table.restore(LOCAL_OPERATOR, record.id).id == record.id, "it can be brought back, and goes again"
    tasks.prune()
    monkeypatch.setattr(time, "time", lambda: now + 12.1 * 86400 + hours * 3600)
    tasks.prune()
    assert feedback.newest(9) == []
    with pytest.raises(NotFoundError):
        table.restore(LOCAL_OPERATOR, record.id)


def test_one_kind_that_fails_leaves_the_others_be(
    system: System, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pruned: list[str] = []

    def fail(*_: object) -> int:
        raise StorageError("the disk is full")

    def break_down(*_: object) -> int:
        raise ValueError("a surprise")

    def note(name: str, *_: object) -> int:
        pruned.append(name)
        return 1

    catalog = system.catalog
    monkeypatch.setattr(catalog.runs, "prune", fail)
    monkeypatch.setattr(system.conversations, "prune", break_down)
    for name in ("deliveries", "sessions", "audit"):
        monkeypatch.setattr(getattr(catalog, name), "prune", partial(note, name))
    with caplog.at_level(logging.ERROR), pytest.raises(StorageError, match="the disk is full"):
        prune(cast(App, system))
    assert pruned == ["deliveries", "sessions", "audit"]
    assert [record.message for record in caplog.records] == [
        "records of runs that are too old stay until the next try: the disk is full",
        "deleted conversations that are too old stay until the next try: ValueError: a surprise",
    ]


def test_an_index_that_took_over_keeps_nothing(tasks: Tasks, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_yet() -> bool:
        raise IndexUnavailableError("the index took over", "it is tried again")

    def note(before: float) -> int:
        pruned.append(before)
        return 0

    pruned: list[float] = []
    monkeypatch.setattr(system, "follow", not_yet)
    monkeypatch.setattr(system.catalog.audit, "prune", note)
    tasks.prune()
    assert len(pruned) == 1


def test_ended_sessions_of_who_never_signs_in_again_go(
    tasks: Tasks, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.catalog.people.add("ann", "", [], "employee")
    sessions, now = system.catalog.sessions, time.time()

    def left() -> set[str]:
        with system.catalog.database.read() as session:
            return set(session.scalars(select(SessionRow.digest)))

    for digest, days in (("open", 30), ("ran out", 1), ("ended", 30)):
        record = sessions.add("ann", digest, "password", "127.0.0.1", "browser", days * 86400.0, 10)
        assert record is not None
        if digest == "ended":
            sessions.end([record.id])
    monkeypatch.setattr(time, "time", lambda: now + _WEEK - 60)
    tasks.prune()
    assert left() == {"open", "ran out", "ended"}
    monkeypatch.setattr(time, "time", lambda: now + _WEEK + 60)
    tasks.prune()
    assert left() == {"open", "ran out"}
    monkeypatch.setattr(time, "time", lambda: now + _WEEK + 86400 + 60)
    tasks.prune()
    assert left() == {"open"}
