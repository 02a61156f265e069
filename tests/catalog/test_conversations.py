"""The tables of conversations and their turns, on SQLite and Postgres."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from assistant.catalog import Catalog, ConversationRecord, Keyring, NewTurn, Progress, TurnRecord
from assistant.catalog.models import TurnRow
from assistant.errors import ConversationBusyError, NotFoundError
from assistant.types import LOCAL_OPERATOR, User

ANN = User("ann", frozenset({"everyone"}))
BOB = User("bob", frozenset({"everyone"}), "admin")


def begin(
    catalog: Catalog,
    question: str = "When?",
    conversation: str | None = None,
    parent: str | None = None,
    user: User = ANN,
    lease: float = 60,
) -> tuple[ConversationRecord, TurnRecord]:
    new = NewTurn(parent, "asked", question, {"mode": "auto"}, {"history": {}})
    return catalog.conversations.begin(user, conversation, new, lease, question)


def finish(catalog: Catalog, turn: TurnRecord, text: str = "Now.", **more: Any) -> None:
    assert catalog.conversations.write([Progress(turn.id, "complete", text, **more)], 60) == set()


def test_a_turn_is_stored_as_it_comes(catalog: Catalog) -> None:
    table = catalog.conversations
    record, turn = begin(catalog, "W\u00e4nn?")
    assert (record.title, record.titled_by, record.shown, record.turns) == ("W\u00e4nn?", "question", turn.id, 1)
    assert (turn.state, turn.text, turn.plan, turn.answer, turn.finished_at) == ("answering", "", {}, {}, None)
    assert table.write([Progress(turn.id, "answering", "So", {"mode": "chunks"})], 60) == set()
    (now,) = table.turns(ANN, record.id)
    assert (now.state, now.text, now.plan) == ("answering", "So", {"mode": "chunks"})
    finish(catalog, turn, "Soon.", answer={"found": True})
    (now,) = table.turns(ANN, record.id)
    assert (now.state, now.text, now.answer, now.options) == ("complete", "Soon.", {"found": True}, {"mode": "auto"})
    assert now.plan == {"mode": "chunks"}  # it was stored before, and not again
    assert now.finished_at is not None
    assert table.write([Progress(turn.id, "answering", "late"), Progress("none", "answering", "")], 60) == {
        turn.id,
        "none",
    }
    assert table.turns(ANN, record.id) == [now]


def test_several_answers_are_stored_together(catalog: Catalog) -> None:
    (one, first), (two, second), (three, third) = (begin(catalog) for _ in range(3))
    finish(catalog, third)
    told = [
        Progress(first.id, "answering", "a", {"mode": "chunks"}),
        Progress("none", "answering", "x"),
        Progress(second.id, "answering", "b"),
        Progress(third.id, "answering", "late"),
    ]
    assert catalog.conversations.write(told, 60) == {"none", third.id}
    stored = [catalog.conversations.turns(ANN, record.id)[0] for record in (one, two, three)]
    assert [(turn.text, turn.plan) for turn in stored] == [("a", {"mode": "chunks"}), ("b", {}), ("Now.", {})]


def test_one_question_at_a_time_and_versions_keep_their_place(catalog: Catalog) -> None:
    table = catalog.conversations
    record, first = begin(catalog)
    with pytest.raises(ConversationBusyError):
        begin(catalog, "And?", record.id, first.id)
    finish(catalog, first)
    _, second = begin(catalog, "And?", record.id, first.id)
    finish(catalog, second)
    _, other = begin(catalog, "Or?", record.id, first.id)
    assert [(turn.number, turn.parent) for turn in table.turns(ANN, record.id)] == [
        (1, None),
        (2, first.id),
        (3, first.id),
    ]
    assert [node.id for node in table.nodes(ANN, record.id)] == [first.id, second.id, other.id]
    assert [one.id for one in table.turns(ANN, record.id, [other.id, first.id])] == [first.id, other.id]
    assert table.get(ANN, record.id).shown == other.id
    table.show(ANN, record.id, second.id)
    assert table.get(ANN, record.id).shown == second.id
    finish(catalog, other)
    with pytest.raises(NotFoundError, match="no turn"):
        begin(catalog, "x", record.id, "none")
    elsewhere, _ = begin(catalog, "elsewhere")
    with pytest.raises(NotFoundError, match="no turn"):
        table.show(ANN, elsewhere.id, first.id)


def test_a_turn_whose_process_is_gone_is_interrupted(catalog: Catalog) -> None:
    table = catalog.conversations
    record, turn = begin(catalog, lease=0.05)
    table.write([Progress(turn.id, "answering", "half")], 0.05)
    time.sleep(0.1)
    (now,) = table.turns(ANN, record.id)
    assert (now.state, now.text) == ("interrupted", "half")
    _, following = begin(catalog, "And?", record.id, turn.id)
    assert [one.state for one in table.turns(ANN, record.id)] == ["interrupted", "answering"]
    table.ask_to_stop(ANN, record.id, following.id)
    assert table.write([Progress(following.id, "answering", "x")], 60) == {following.id}
    begin(catalog, "again", record.id, turn.id)
    assert [one.state for one in table.turns(ANN, record.id)] == ["interrupted", "stopped", "answering"]


def test_nobody_else_finds_a_conversation(catalog: Catalog) -> None:
    table = catalog.conversations
    record, turn = begin(catalog)
    finish(catalog, turn)
    for user in (BOB, LOCAL_OPERATOR):
        assert table.page(user) == ([], 0)
        for refused in (
            lambda user=user: table.get(user, record.id),
            lambda user=user: table.turns(user, record.id),
            lambda user=user: table.nodes(user, record.id),
            lambda user=user: begin(catalog, "x", record.id, None, user),
            lambda user=user: table.ask_to_stop(user, record.id, turn.id),
            lambda user=user: table.show(user, record.id, turn.id),
            lambda user=user: table.rename(user, record.id, "x"),
            lambda user=user: table.delete(user, record.id),
            lambda user=user: table.restore(user, record.id),
            lambda user=user: table.remove(user, record.id),
        ):
            with pytest.raises(NotFoundError) as caught:
                refused()
            with pytest.raises(NotFoundError) as unknown:
                table.get(user, "none")
            assert str(caught.value).replace(record.id, "none") == str(unknown.value)
    assert table.get(ANN, record.id).title == "When?"


def test_titles_are_searched_and_paged(catalog: Catalog) -> None:
    table = catalog.conversations
    ids = [begin(catalog, f"\u00dcber Urlaub 100%_{number}")[0].id for number in range(5)]
    begin(catalog, "other")
    found, total = table.page(ANN, "\u00fcber  URLAUB 100%_", limit=2, offset=1)
    assert ([one.id for one in found], total) == ([ids[3], ids[2]], 5)
    assert table.page(ANN, "100_")[1] == 0
    assert table.rename(ANN, ids[0], "Ferien", "model") is True
    assert table.rename(ANN, ids[0], "Meine Ferien") is True
    assert table.rename(ANN, ids[0], "Ferien", "model") is False
    assert [one.title for one in table.page(ANN, "FERIEN")[0]] == ["Meine Ferien"]


def test_a_deleted_conversation_can_be_restored_until_it_is_pruned(catalog: Catalog) -> None:
    table = catalog.conversations
    record, turn = begin(catalog)
    table.delete(ANN, record.id)
    assert table.page(ANN) == ([], 0)
    with pytest.raises(NotFoundError):
        table.turns(ANN, record.id)
    assert table.write([Progress(turn.id, "answering", "x")], 60) == {turn.id}
    assert table.prune(time.time() - 60) == []
    assert table.restore(ANN, record.id).deleted_at is None
    assert len(table.turns(ANN, record.id)) == 1
    table.delete(ANN, record.id)
    assert table.prune(time.time() + 1) == [record.id]
    with pytest.raises(NotFoundError):
        table.restore(ANN, record.id)
    kept, _ = begin(catalog)
    table.remove(ANN, kept.id)
    with catalog.database.read() as session:
        assert session.scalar(select(func.count()).select_from(TurnRow)) == 0


def test_what_nobody_goes_on_with_is_retired_and_what_is_answered_is_not(catalog: Catalog) -> None:
    table = catalog.conversations
    finished, turn = begin(catalog)
    table.write([Progress(turn.id, "complete", "x")], 60)
    at_work, _ = begin(catalog)
    assert table.retire(time.time() - 60) == 0
    assert table.retire(time.time() + 1) == 1
    assert [one.id for one in table.page(ANN)[0]] == [at_work.id]
    assert table.restore(ANN, finished.id).id == finished.id
    assert table.due(time.time() + 1) == []


def test_what_is_condemned_is_pruned_next_and_can_be_nobody_elses(catalog: Catalog) -> None:
    table = catalog.conversations
    record, turn = begin(catalog)
    with pytest.raises(NotFoundError):
        table.condemn(BOB, record.id)
    table.delete(ANN, record.id)
    table.condemn(ANN, record.id)
    assert table.write([Progress(turn.id, "answering", "x")], 60) == {turn.id}
    assert table.due(time.time() - 86400) == [record.id]
    assert table.prune(time.time() - 86400) == [record.id]


def test_nothing_of_a_pruned_conversation_is_left_in_the_files(tmp_path: Path, keyring: Keyring) -> None:
    catalog = Catalog(f"sqlite:///{tmp_path / 'c.sqlite3'}", keyring)
    try:
        for number in range(30):
            record, turn = begin(catalog, f"pangolin {number}")
            catalog.conversations.write([Progress(turn.id, "complete", "platypus " * 500)], 60)
            catalog.conversations.delete(ANN, record.id)
        feedback = catalog.feedback.add(ANN, "pangolin", "platypus", "up", "", [])
        assert any(b"platypus" in file.read_bytes() for file in tmp_path.iterdir())
        catalog.conversations.prune(time.time() + 1)
        catalog.feedback.prune(feedback.created_at + 1)
        held = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert b"platypus" not in held
        assert b"pangolin" not in held
    finally:
        catalog.close()


def test_of_two_tabs_that_ask_at_once_one_is_told_to_wait(catalog: Catalog) -> None:
    record, turn = begin(catalog)
    finish(catalog, turn)

    def ask(number: int) -> bool:
        try:
            begin(catalog, f"q{number}", record.id, turn.id)
        except ConversationBusyError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1
    assert [one.number for one in catalog.conversations.turns(ANN, record.id)] == [1, 2]
