"""Sharing a conversation shares no document: what readers see of it, and who sees it at all."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from sqlalchemy import event, update

from assistant.catalog.models_shares import ShareRow
from assistant.conversations import SharedConversation
from assistant.conversations.shown import WITHDRAWN
from assistant.errors import ConfigurationError, NotFoundError
from assistant.types import LOCAL_OPERATOR, ToolUse, User
from tests.conversations.conftest import ANN, BOB, Office
from tests.fakes.tools import ScriptedTool

CARL = User("carl", frozenset({"everyone", "hr"}))
SALARY = "Grade K7 is paid 4,310 euros."


def shared(office: Office, conversation: str, reader: User, *readers: str) -> SharedConversation:
    share = office.desk.shares.add(ANN, conversation, readers or ("everyone",))
    return office.desk.shares.read(reader, share.id)


def test_a_reader_sees_what_the_reader_may_read(office: Office) -> None:
    conversation, _ = office.begin("When do I book?")
    office.answerer.keys, office.answerer.tail = ("travel.txt", "salary.txt"), "So K7 earns 4,310."
    office.go_on(conversation, "And what am I paid?")
    carl = shared(office, conversation, CARL)
    assert [turn.record.question for turn in carl.turns] == ["When do I book?", "And what am I paid?"]
    assert SALARY in carl.turns[1].record.text
    bob = shared(office, conversation, BOB)
    first, second = bob.turns
    assert (first.record.text, first.withdrawn) == ("Tickets are booked 21 days before the trip. [1]", False)
    assert (second.record.text, second.withdrawn, second.plan, second.hidden) == (WITHDRAWN, True, None, 0)
    assert [(one.number, one.withdrawn) for one in second.citations] == [(1, None), (2, "gone")]
    assert "4,310" not in repr(bob)
    assert "salary" not in repr(bob)


def test_what_was_answered_with_hidden_turns_in_mind_is_hidden(office: Office) -> None:
    office.answerer.keys = ("salary.txt",)
    conversation, _ = office.begin("What am I paid?")
    office.answerer.keys = ("travel.txt",)
    office.go_on(conversation, "When do I book?")
    assert [turn.record.text for turn in shared(office, conversation, BOB).turns] == [WITHDRAWN, WITHDRAWN]
    assert WITHDRAWN not in [turn.record.text for turn in shared(office, conversation, CARL).turns]


def test_results_that_rest_on_no_document_are_nobodys_but_the_owners(office: Office) -> None:
    office.system.registry.add_tool(ScriptedTool("orders"))
    use = ToolUse("1", "orders", {"of": "Ann"}, state="done", text="Ann owes 90 euros")
    office.answerer.said = {"tools": (use,)}
    conversation, own = office.begin()
    assert own.tools[0].text == "Ann owes 90 euros"
    (turn,) = shared(office, conversation, CARL).turns
    assert (turn.record.text, turn.tools[0].name, turn.tools[0].text) == (WITHDRAWN, "orders", WITHDRAWN)
    assert dict(turn.tools[0].arguments) == {}
    salary = office.system.library.info("s", "salary.txt", ANN).ref.id
    office.answerer.said = {"tools": (replace(use, documents=(salary,), text="K7"),)}
    conversation, _ = office.begin()
    assert shared(office, conversation, CARL).turns[0].tools[0].text == "K7"
    assert shared(office, conversation, BOB).turns[0].tools[0].text == WITHDRAWN


def test_rights_that_are_taken_away_hold_at_once(office: Office) -> None:
    conversation, _ = office.begin()
    share = office.desk.shares.add(ANN, conversation, ["user:bob"])
    assert not office.desk.shares.read(BOB, share.id).turns[0].withdrawn
    office.change("travel.txt", readers=("hr",))
    assert office.desk.shares.read(BOB, share.id).turns[0].record.text == WITHDRAWN


def test_only_those_whom_it_is_shared_with_find_it(office: Office) -> None:
    conversation, _ = office.begin()
    share = office.desk.shares.add(ANN, conversation, ["hr", "user:dora"], days=1)
    for reader in (CARL, User("dora"), ANN):
        assert [one.id for one, _ in office.desk.shares.with_me(reader)] == [share.id]
        assert office.desk.shares.read(reader, share.id).title == "When?"
    for reader in (BOB, LOCAL_OPERATOR, User("hr")):
        assert office.desk.shares.with_me(reader) == []
        with pytest.raises(NotFoundError, match="nothing is shared with you"):
            office.desk.shares.read(reader, share.id)
    for act in (office.desk.shares.of, lambda user, it: office.desk.shares.end(user, it, share.id)):
        with pytest.raises(NotFoundError, match="you have no conversation"):
            act(CARL, conversation)
    with pytest.raises(NotFoundError, match="you have no conversation"):
        office.desk.shares.add(CARL, conversation, ["everyone"])


def test_a_conversation_is_shared_so_often_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.conversations.sharing._MOST_SHARES", 2)
    conversation, _ = office.begin()
    desk = office.desk.shares
    first, _ = (desk.add(ANN, conversation, ["hr"]).id for _ in range(2))
    with pytest.raises(ConfigurationError, match="shared 2 times already"):
        desk.add(ANN, conversation, ["hr"])
    desk.end(ANN, conversation, first)
    assert desk.add(ANN, conversation, ["hr"])


def test_it_ends(office: Office) -> None:
    conversation, _ = office.begin()
    desk = office.desk.shares

    def is_open(share: str) -> bool:
        return share in {one.id for one, _ in desk.with_me(CARL)}

    ended, expired, disabled, deleted = (desk.add(ANN, conversation, ["hr"]).id for _ in range(4))
    assert is_open(ended)
    assert desk.end(ANN, conversation, ended).ended_at is not None
    assert not is_open(ended)
    with office.system.catalog.database.write() as session:
        session.execute(update(ShareRow).where(ShareRow.id == expired).values(expires_at=time.time() - 1))
    assert not is_open(expired)
    office.system.people.add("ann", "", [], "employee", LOCAL_OPERATOR)
    office.system.people.disable("ann", LOCAL_OPERATOR, disabled=True)
    assert not is_open(disabled)
    office.system.people.disable("ann", LOCAL_OPERATOR, disabled=False)
    assert is_open(disabled)
    office.desk.delete(ANN, conversation)
    assert not is_open(deleted)


def test_only_what_was_there_is_shared_and_no_title_of_a_model(office: Office) -> None:
    conversation, _ = office.begin("What am I paid?")
    share = office.desk.shares.add(ANN, conversation, ["everyone"])
    office.go_on(conversation, "A private thought")
    office.system.catalog.conversations.rename(ANN, conversation, "Pay of K7: 4,310", by="model")
    found = office.desk.shares.read(BOB, share.id)
    assert [turn.record.question for turn in found.turns] == ["What am I paid?"]
    assert found.title == "What am I paid?"
    office.desk.rename(ANN, conversation, "Pay")
    assert office.desk.shares.read(BOB, share.id).title == "Pay"


WRONG = [([], 1), (["-hr"], 1), (["hr", "-user:bob"], 1), (["hr"], 0), (["hr"], 366)]


@pytest.mark.parametrize(("readers", "days"), WRONG)
def test_what_is_no_share(office: Office, readers: list[str], days: int) -> None:
    conversation, _ = office.begin()
    with pytest.raises(ConfigurationError):
        office.desk.shares.add(ANN, conversation, readers, days)
    assert office.desk.shares.of(ANN, conversation) == []


def test_what_is_shared_with_somebody_is_listed_in_as_many_readings_however_much_it_is(office: Office) -> None:
    def readings() -> tuple[int, list[str]]:
        counted: list[str] = []
        engine = office.system.catalog.database.engine

        def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            counted.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        titles = [title for _, title in office.desk.shares.with_me(BOB)]
        event.remove(engine, "before_cursor_execute", count)
        return sum(one.startswith("SELECT") for one in counted), titles

    office.desk.shares.add(ANN, office.begin("One")[0], ["everyone"])
    alone, _ = readings()
    for question in ("Two", "Three"):
        office.desk.shares.add(ANN, office.begin(question)[0], ["everyone"])
    assert readings() == (alone, ["Three", "Two", "One"])
