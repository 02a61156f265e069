"""What is withdrawn of an earlier answer, and where its citations point after a change."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from assistant.conversations import markdown
from assistant.conversations.shown import withdraw
from assistant.types import Box, DocumentRef, Passage, PlannedPicture, Question, User
from tests.conversations.conftest import ANN, Office

TICKETS = "Tickets are booked 21 days before the trip."
SALARY = "Grade K7 is paid 4,310 euros."
MOVED_OUT = replace(ANN, groups=frozenset({"everyone"}))  # Ann, who is not in HR any more


def everything(office: Office, conversation: str, user: User) -> str:
    """Return all that a conversation shows, in every form."""
    kept = office.desk.get(user, conversation, whole=True)
    shown = [(t.record.text, t.plan, t.citations, t.standalone, t.record.context) for t in kept.turns]
    return f"{shown} {markdown(office.desk.get(user, conversation))}"


def test_a_right_that_is_taken_away_withdraws_quote_text_and_name_at_once(office: Office) -> None:
    office.answerer.keys, office.answerer.tail = ("travel.txt", "salary.txt"), "So K7 earns 4,310."
    conversation, turn = office.begin()
    assert turn.record.text == f"{TICKETS} [1] {SALARY} [2] So K7 earns 4,310."
    assert turn.withdrawn is False
    now = office.desk.turn(MOVED_OUT, conversation, turn.record.id)
    assert now.record.text == f"{TICKETS} [1] [withdrawn]"
    assert now.withdrawn is True
    assert [(one.number, one.withdrawn, one.document is None) for one in now.citations] == [
        (1, None, False),
        (2, "gone", True),
    ]
    assert now.plan is not None
    assert ([one.passage.ref.key for one in now.plan.passages], now.hidden) == (["travel.txt"], 1)
    shown = everything(office, conversation, MOVED_OUT)
    assert "salary" not in shown
    assert "4,310" not in shown
    assert "4,310" in everything(office, conversation, ANN)  # and back again
    office.change("salary.txt", readers=("board",))
    assert "4,310" not in everything(office, conversation, ANN)


def test_a_document_that_is_gone_looks_like_one_that_is_closed(office: Office) -> None:
    office.answerer.keys = ("travel.txt", "salary.txt")
    conversation, turn = office.begin()
    closed = office.desk.turn(MOVED_OUT, conversation, turn.record.id)
    office.change("salary.txt")
    gone = office.desk.turn(ANN, conversation, turn.record.id)
    assert gone == closed


def test_a_follow_up_is_not_told_what_is_withdrawn(office: Office) -> None:
    office.answerer.keys = ("travel.txt", "salary.txt")
    conversation, _ = office.begin()
    office.go_on(conversation, "And?", user=MOVED_OUT)
    assert [one.content for one in office.answerer.asked[-1].history] == ["When?", f"{TICKETS} [1]"]
    office.answerer.keys = ("salary.txt",)
    office.begin()
    alone, _ = office.begin()
    office.go_on(alone, "And?", user=replace(MOVED_OUT))
    assert office.answerer.asked[-1].history == ()


def test_a_citation_follows_its_quote_into_a_newer_version(office: Office) -> None:
    conversation, turn = office.begin()
    office.change("travel.txt", f"A new first line.\n{TICKETS}\n")
    now = office.desk.turn(ANN, conversation, turn.record.id)
    (cited,) = now.citations
    assert cited.citation is not None
    assert (cited.citation.passage.start, cited.citation.quote, cited.citation.verified) == (18, TICKETS, True)
    assert cited.citation.number == 1
    assert now.withdrawn is False


def test_a_quote_that_the_document_lost_is_withdrawn_and_its_document_named(office: Office) -> None:
    conversation, turn = office.begin()
    office.change("travel.txt", "Tickets are booked 14 days before the trip.\n")
    now = office.desk.turn(ANN, conversation, turn.record.id)
    (cited,) = now.citations
    assert (cited.withdrawn, cited.citation) == ("changed", None)
    assert cited.document is not None
    assert cited.document.key == "travel.txt"
    assert now.record.text == "[withdrawn]"
    assert "21 days" not in everything(office, conversation, ANN)


def test_text_whose_citations_are_not_known_rests_on_all_that_was_read(office: Office) -> None:
    office.answerer.keys = ("salary.txt",)
    office.answerer.error = ZeroDivisionError()
    conversation, turn = office.begin()
    assert turn.record.text == f"{SALARY} [1]"
    now = office.desk.turn(MOVED_OUT, conversation, turn.record.id)
    assert (now.record.text, now.withdrawn) == ("[withdrawn]", True)


def test_what_the_answerer_says_of_its_answer_is_kept(office: Office) -> None:
    answerer = office.answerer
    answerer.keys, answerer.said = ("salary.txt",), {"question": "And then? K7", "notes": ("It was quoted.",)}
    conversation, _ = office.begin()
    answerer.keys = ("travel.txt",)
    second = office.go_on(conversation, "And then?")
    assert second.standalone == "And then? K7"
    assert second.record.answer["notes"] == ["It was quoted."]
    now = office.desk.turn(MOVED_OUT, conversation, second.record.id)
    assert (now.standalone, now.withdrawn) == ("", False)  # its words were carried over from what is withdrawn
    answerer.said = {"state": "interrupted"}
    assert office.go_on(conversation, "And now?").record.state == "interrupted"


@pytest.mark.parametrize(
    ("text", "numbers", "uncited", "expected"),
    [
        ("A [1]. B [2]. C.", {1: True, 2: True}, True, "A [1]. B [2]. C."),
        ("A [1]. B [2]. C.", {1: True, 2: True}, False, "A [1]. B [2]. [withdrawn]"),
        ("A [1]. B [2]. C.", {1: False, 2: True}, True, "[withdrawn] B [2]. [withdrawn]"),
        ("A [1]. B [2].", {1: False, 2: False}, True, "[withdrawn]"),
        ("A [1][2] B [1, 3].", {1: True, 2: False, 3: True}, True, "[withdrawn] B [1, 3]."),
        ("In [1999] it was so [1].", {1: False}, True, "[withdrawn]"),
        ("In [1999] it was so.", {}, True, "In [1999] it was so."),
        ("No mark.", {1: False}, True, "[withdrawn]"),
        ("", {}, False, ""),
        ("- A [1]\n- B [2]\n", {1: False, 2: True}, True, "[withdrawn]\n- B [2]\n"),
    ],
)
def test_text_is_withdrawn_by_its_marks(text: str, numbers: dict[int, bool], uncited: bool, expected: str) -> None:
    assert withdraw(text, numbers, uncited) == expected


def test_a_turn_under_way_hides_what_is_closed_meanwhile(office: Office) -> None:
    office.answerer.keys = ("salary.txt",)
    office.answerer.gate = threading.Event()
    record, turn = office.desk.begin(ANN, Question("When?"))
    live = office.desk.live(ANN, record.id, turn.id)
    assert live is not None
    while "4,310" not in office.desk.turn(ANN, record.id, turn.id).record.text:
        live.stored.wait(0.05)
    assert office.desk.turn(MOVED_OUT, record.id, turn.id).record.text == "[withdrawn]"
    office.answerer.gate.set()
    assert live.stored.wait(60)


REGION = Box(1, 10.0, 20.0, 110.0, 220.0)


def looking(office: Office, key: str) -> None:
    """Let the answerer look at a picture of a document, and at one that was attached."""
    ref = office.system.library.info("s", key, ANN).ref
    attached = DocumentRef("", "1", "v", "shot.png", "", "image/png")
    office.answerer.keys = ()
    office.answerer.pictures = (
        PlannedPicture("page", Passage(ref, 0, 0, "", 1, (REGION,), pictures=(2,)), 40),
        PlannedPicture("attachment", Passage(attached, 0, 0, "", pictures=(1,)), 30),
    )


def test_pictures_that_were_looked_at_are_kept_with_their_places(office: Office) -> None:
    looking(office, "salary.txt")
    _, turn = office.begin()
    page, attached = (one.citation for one in turn.citations)
    assert page is not None
    assert attached is not None
    assert (page.kind, page.passage.page, page.passage.boxes, page.passage.pictures) == ("page", 1, (REGION,), (2,))
    assert (attached.kind, attached.passage.ref.title) == ("attachment", "shot.png")
    assert turn.plan is not None
    assert [(one.kind, one.tokens, one.place.pictures) for one in turn.plan.pictures] == [
        ("page", 40, (2,)),
        ("attachment", 30, (1,)),
    ]


def test_what_was_seen_in_a_document_that_is_closed_now_is_withdrawn(office: Office) -> None:
    looking(office, "salary.txt")
    office.answerer.tail = "All in all."
    conversation, turn = office.begin()
    assert turn.record.text == "Seen [1]. Seen [2]. All in all."
    now = office.desk.turn(MOVED_OUT, conversation, turn.record.id)
    assert now.record.text == "[withdrawn]"  # what is said of the picture that is open may be of the closed one
    assert [one.withdrawn for one in now.citations] == ["gone", None]
    assert now.plan is not None
    assert ([one.kind for one in now.plan.pictures], now.hidden) == (["attachment"], 1)
    assert "salary" not in everything(office, conversation, MOVED_OUT)


def test_a_picture_of_a_document_that_changed_is_withdrawn(office: Office) -> None:
    looking(office, "travel.txt")
    conversation, turn = office.begin()
    office.change("travel.txt", "Tickets are booked 30 days before the trip.")
    now = office.desk.turn(ANN, conversation, turn.record.id)
    assert [one.withdrawn for one in now.citations] == ["changed", None]


def test_what_a_follow_up_may_repeat_of_a_turn_before_is_withdrawn_with_it(office: Office) -> None:
    """It rests on documents that it was told of, though it read others itself."""
    office.answerer.keys = ("salary.txt",)
    conversation, _ = office.begin()
    office.answerer.keys, office.answerer.tail = ("travel.txt",), "As said: 4,310 euros."
    second = office.go_on(conversation, "And the tickets?")
    third = office.go_on(conversation, "And then?")
    for turn in (second, third):
        assert office.desk.turn(ANN, conversation, turn.record.id).record.text.endswith("4,310 euros.")
        now = office.desk.turn(MOVED_OUT, conversation, turn.record.id)
        assert now.record.text == f"{TICKETS} [1] [withdrawn]"
        assert now.citations[0].citation is not None
