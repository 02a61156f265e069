"""Pictures that are attached in conversations: kept, shown again, asked with again, and gone with them."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from assistant.conversations import markdown
from assistant.errors import ConversationBusyError, NotFoundError
from assistant.types import Attachment, Question
from assistant.wire.conversations import TurnJson
from tests.conversations.conftest import ANN, BOB, Office

SHOT = Attachment("shot.png", b"shot", "image/png", "Error E-17")
PLAN = Attachment("plan.png", b"plan", "image/png")


def ask(office: Office, *attached: Attachment) -> tuple[str, str]:
    record, turn = office.desk.begin(ANN, Question("What is this?", attachments=attached))
    office.answered(record.id, turn.id)
    return record.id, turn.id


def told(office: Office) -> list[Attachment]:
    return list(office.answerer.asked[-1].attachments)


def files(office: Office) -> list[str]:
    return list(office.system.blobs.keys("attachment"))


def test_what_is_attached_is_answered_with_and_kept(office: Office) -> None:
    conversation, turn = ask(office, SHOT, PLAN)
    assert told(office) == [SHOT, PLAN]
    assert office.desk.attachment(ANN, conversation, turn, 2) == PLAN
    shown = TurnJson.of(office.desk.turn(ANN, conversation, turn))
    assert [(one.number, one.name, one.carried) for one in shown.attachments] == [
        (1, "shot.png", False),
        (2, "plan.png", False),
    ]
    assert "*Attached: shot.png, plan.png*" in markdown(office.desk.get(ANN, conversation))


def test_only_its_owner_looks_at_it(office: Office) -> None:
    conversation, turn = ask(office, SHOT)
    for user, number in ((BOB, 1), (ANN, 2), (ANN, 0)):
        with pytest.raises(NotFoundError):
            office.desk.attachment(user, conversation, turn, number)
    office.desk.delete(ANN, conversation)
    with pytest.raises(NotFoundError):
        office.desk.attachment(ANN, conversation, turn, 1)


def test_asked_again_or_otherwise_it_is_there_still(office: Office) -> None:
    conversation, turn = ask(office, SHOT)
    again = office.desk.regenerate(ANN, conversation, turn)
    office.answered(conversation, again.id)
    assert told(office) == [SHOT]
    edited = office.desk.edit(ANN, conversation, turn, Question("And that?", attachments=(PLAN,)))
    office.answered(conversation, edited.id)
    assert told(office) == [SHOT, PLAN]
    without = office.desk.edit(ANN, conversation, turn, Question("And?"), keep_attachments=False)
    office.answered(conversation, without.id)
    assert told(office) == []
    assert len(files(office)) == 2


def test_a_follow_up_is_asked_with_it_for_three_questions(office: Office) -> None:
    conversation, _ = ask(office, SHOT)
    for _ in range(3):
        turn = office.go_on(conversation, "And?")
        assert told(office) == [replace(SHOT, carried=True)]
    assert [one.carried for one in TurnJson.of(turn).attachments] == [True]
    office.go_on(conversation, "And?")
    assert told(office) == []
    record = office.desk.go_on(ANN, conversation, Question("And this?", attachments=(PLAN,)))
    office.answered(conversation, record.id)
    office.go_on(conversation, "And?")
    assert told(office) == [replace(PLAN, carried=True)]


def test_it_is_deleted_with_its_conversation(office: Office) -> None:
    for_good, _ = ask(office, SHOT)
    kept, turn = ask(office, PLAN)
    office.desk.delete(ANN, for_good, for_good=True)
    assert [key.split("/")[1] for key in files(office)] == [kept]
    office.desk.delete(ANN, kept)
    assert office.desk.prune(time.time() - 60) == 0
    office.desk.restore(ANN, kept)
    assert office.desk.attachment(ANN, kept, turn, 1) == PLAN
    office.desk.delete(ANN, kept)
    assert office.desk.prune(time.time() + 1) == 1
    assert files(office) == []


def test_of_a_question_that_is_not_taken_nothing_is_kept(office: Office) -> None:
    conversation, _ = ask(office)
    office.answerer.gate.clear()
    busy = office.desk.go_on(ANN, conversation, Question("Slow?"))
    with pytest.raises(ConversationBusyError):
        office.desk.go_on(ANN, conversation, Question("Now?", attachments=(SHOT,)))
    assert files(office) == []
    office.answerer.gate.set()
    office.answered(conversation, busy.id)


def test_a_file_that_is_lost_is_left_out(office: Office) -> None:
    conversation, turn = ask(office, SHOT, PLAN)
    office.system.blobs.delete(files(office)[0])
    again = office.desk.regenerate(ANN, conversation, turn)
    office.answered(conversation, again.id)
    assert len(told(office)) == 1
