"""Erasing leaves the id and nothing else, wherever it is killed, and however often it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import String, Text, cast, select

from assistant.catalog.models import Base
from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError, SourceBusyError, StorageError
from assistant.personal import PersonalDesk
from assistant.types import User
from tests.personal.conftest import ANN, BOB, ROOT, Office


def everything(office: Office) -> str:
    """All that tables, blobs and the log hold, as text."""
    keys = list(office.blobs.keys())
    said = [repr(office.log.entries), *keys, *(office.blobs.get(key).decode() for key in keys)]
    with office.catalog.database.read() as session:
        for table in Base.metadata.tables.values():
            columns = [cast(column, Text().with_variant(String, "sqlite")) for column in table.columns]
            said += [repr(row) for row in session.execute(select(*columns))]
    return "\n".join(said)


def assert_erased(office: Office) -> None:
    left = everything(office)
    assert "wombat" not in left
    assert left.count("gecko") > 10, "others keep theirs"
    record = office.catalog.people.get("ann")
    assert (record.name, record.email, record.groups, record.disabled, record.origin) == ("", "", (), True, "erased")
    assert office.catalog.people.tokens("ann") == []


def test_nothing_is_left_but_the_id(office: Office) -> None:
    assert "wombat" in everything(office)
    erased = office.desk.erase("ann", ROOT)
    assert (erased.conversations, erased.uploads, erased.records, erased.done) == (2, 1, 1, True)
    assert_erased(office)
    again = office.desk.erase("ann", ROOT)
    assert (again.conversations, again.done) == (0, True)


def test_the_id_is_given_to_nobody_again_and_comes_not_back(office: Office) -> None:
    office.desk.erase("ann", ROOT)
    for taken in ("ann", "ANN"):
        with pytest.raises(ConfigurationError):
            office.catalog.people.add(taken, "", [], "employee")
    changes: list[Callable[[], Any]] = [
        lambda: office.catalog.people.disable("ann", disabled=False),
        lambda: office.catalog.people.change("ann", password="x"),
        lambda: office.catalog.people.regroup("ann", lambda _: ["hr"]),
        lambda: office.catalog.people.add_token("ann", "", ["read"], "0" * 64, 1e12),
    ]
    for change in changes:
        with pytest.raises(NotFoundError, match="erased"):
            change()


def test_only_admins_erase(office: Office) -> None:
    for by in (ANN, BOB):
        with pytest.raises(AccessDeniedError):
            office.desk.erase("ann", by)
    with pytest.raises(NotFoundError):
        office.desk.erase("nobody", ROOT)


STEPS = (
    "personal.sign_out",
    "conversations.condemn",
    "conversations.remove",
    "uploads.remove",
    "sources.remove",
    "forget",
    "personal.end_erasing",
)


def test_killed_at_any_step_it_is_finished_later(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step is stopped once: before it has done anything, or when it has and nothing behind it."""
    desk = PersonalDesk(office.catalog, office.blobs, office.uploads, office.remove, office.log)
    for number, step in enumerate(STEPS):
        for after in (False, True):
            person, word = f"p{number}{after}", f"wombat{number}{after}"
            office.fill(User(person, frozenset({"everyone"})), word)
            with monkeypatch.context() as patched:
                stop_once(office, patched, step, after=after)
                with pytest.raises(StorageError):
                    desk.erase(person, ROOT)
                assert office.catalog.people.get(person).disabled, "nobody signs in from the first step on"
                ended = step == "personal.end_erasing" and after
                assert office.catalog.personal.erasing() == ([] if ended else [person])
                assert desk.go_on() == (0 if ended else 1)
            assert word not in everything(office), (step, after)
            assert office.catalog.people.get(person).origin == "erased"
            assert desk.go_on() == 0


def stop_once(office: Office, patched: pytest.MonkeyPatch, step: str, *, after: bool) -> None:
    owner, _, name = step.rpartition(".")
    target = office.log if not owner else getattr(office.catalog, owner)
    real = getattr(target, name)
    stopped = []

    def stop(*given: Any, **named: Any) -> Any:
        if stopped:
            return real(*given, **named)
        stopped.append(real(*given, **named) if after else None)
        raise StorageError("the process was killed")

    patched.setattr(target, name, stop)


def test_while_uploads_are_at_work_the_rest_waits(office: Office) -> None:
    busy = True

    def remove(source: str) -> None:
        if busy:
            raise SourceBusyError("it is being synced")
        office.remove(source)

    desk = PersonalDesk(office.catalog, office.blobs, office.uploads, remove, office.log)
    assert not desk.erase("ann", ROOT).done
    assert desk.go_on() == 0
    assert "wombat!" not in everything(office), "conversations do not wait"
    busy = False
    assert desk.go_on() == 1
    assert_erased(office)
