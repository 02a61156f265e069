"""Feedback and kept questions: who may give, see and keep what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import AccessDeniedError, ConfigurationError, NotFoundError
from assistant.evaluation import AnswerCase, Quote
from assistant.evaluation.desk import QuestionDesk
from assistant.types import LOCAL_OPERATOR, User
from tests.fakes.system import System

ANN = User("ann", frozenset({"everyone", "hr"}))
BOB = User("bob", frozenset({"everyone"}))
ADMIN = User("root", frozenset({"everyone"}), "admin")
HR_ADMIN = User("chief", frozenset({"everyone", "hr"}), "admin")
SALARY = ("s", "hr/salary.txt")


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path, readers={"rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.source.texts = {"travel.txt": "Book 21 days before.\n", "hr/salary.txt": "K7 is paid 4,310 euros.\n"}
    system.ingestor.sync("s", "cli")
    yield system
    system.close()


@pytest.fixture
def desk(system: System) -> QuestionDesk:
    return system.question_desk


def test_only_what_one_may_read_can_be_said_to_be_cited(desk: QuestionDesk) -> None:
    desk.give(ANN, "What is K7 paid?", "4,310 euros", "up", cited=[SALARY, SALARY])
    with pytest.raises(NotFoundError):
        desk.give(BOB, "What is K7 paid?", "?", "down", cited=[SALARY])
    (shown,) = desk.feedback(LOCAL_OPERATOR)
    assert (shown.record.user, shown.record.groups, shown.record.cited) == ("ann", ("everyone", "hr"), (SALARY,))


def test_an_admin_sees_answers_only_where_all_that_they_cite_may_be_read(system: System, desk: QuestionDesk) -> None:
    desk.give(ANN, "What is K7 paid?", "4,310 euros", "down", "it is 4,400", [SALARY, ("s", "travel.txt")])
    (hidden,) = desk.feedback(ADMIN)
    assert hidden.withheld
    assert hidden.record.question == "What is K7 paid?"
    assert (hidden.record.answer, hidden.record.reason, hidden.record.cited) == ("", "", ())
    assert desk.feedback(HR_ADMIN)[0].record.answer == "4,310 euros"
    del system.source.texts["hr/salary.txt"]
    system.ingestor.sync("s", "cli")
    assert desk.feedback(HR_ADMIN)[0].withheld  # a document that is gone is read by nobody
    assert not desk.feedback(LOCAL_OPERATOR)[0].withheld


def test_an_answer_that_names_no_documents_is_seen_by_who_gave_it_and_who_reads_everything(desk: QuestionDesk) -> None:
    desk.give(HR_ADMIN, "What is K7 paid?", "4,310 euros", "down", "it is 4,400")
    (hidden,) = desk.feedback(ADMIN)
    assert hidden.withheld
    assert (hidden.record.question, hidden.record.verdict) == ("What is K7 paid?", "down")
    assert (hidden.record.answer, hidden.record.reason) == ("", "")
    for user in (HR_ADMIN, LOCAL_OPERATOR):
        (shown,) = desk.feedback(user)
        assert (shown.record.answer, shown.record.reason, shown.withheld) == ("4,310 euros", "it is 4,400", False)


def test_others_see_nothing_and_keep_nothing(desk: QuestionDesk) -> None:
    given = desk.give(ANN, "q", "a", "up")
    for forbidden in (
        lambda: desk.feedback(ANN),
        lambda: desk.questions(ANN),
        lambda: desk.keep(ANN, [AnswerCase("q")]),
        lambda: desk.keep_feedback(ANN, given.id),
        lambda: desk.remove(ANN, "x"),
        lambda: desk.forget(BOB, given.id),
    ):
        with pytest.raises(AccessDeniedError):
            forbidden()
    assert desk.questions(LOCAL_OPERATOR) == []
    desk.forget(ANN, given.id)
    assert desk.feedback(LOCAL_OPERATOR) == []
    with pytest.raises(NotFoundError):
        desk.forget(ANN, given.id)


def test_feedback_becomes_a_question_that_is_asked_as_its_asker(desk: QuestionDesk) -> None:
    good = desk.give(ANN, "What is K7 paid?", "4,310 euros", "up", cited=[SALARY])
    bad = desk.give(BOB, "What do we pay?", "Nothing.", "down", cited=[("s", "travel.txt")])
    kept = desk.keep_feedback(LOCAL_OPERATOR, good.id)
    assert kept.case == AnswerCase("What is K7 paid?", ("s:hr/salary.txt",), reader=ANN)
    assert (kept.record.origin, kept.record.feedback_id, kept.record.added_by) == ("feedback", good.id, "operator")
    assert desk.keep_feedback(LOCAL_OPERATOR, bad.id).case == AnswerCase("What do we pay?", reader=BOB)
    with pytest.raises(ConfigurationError, match="kept already"):
        desk.keep_feedback(LOCAL_OPERATOR, bad.id)
    more = desk.give(BOB, "When?", "21 days.", "up", cited=[("s", "travel.txt")])
    with_facts = desk.keep_feedback(LOCAL_OPERATOR, more.id, AnswerCase("", facts=("21 days",))).case
    assert (with_facts.documents, with_facts.facts) == (("s:travel.txt",), ("21 days",))
    refused = desk.give(BOB, "Tungsten?", "Not there.", "up")
    unanswerable = desk.keep_feedback(ADMIN, refused.id, AnswerCase("", answerable=False))
    assert unanswerable.case == AnswerCase("Tungsten?", answerable=False, reader=BOB)
    own = desk.give(LOCAL_OPERATOR, "Mine?", "Yes.", "up")
    assert desk.keep_feedback(LOCAL_OPERATOR, own.id).case.reader is None
    desk.forget(LOCAL_OPERATOR, good.id)
    assert len(desk.questions(LOCAL_OPERATOR)) == 5


def test_what_a_question_expects_is_shown_to_admins_who_may_read_it(system: System, desk: QuestionDesk) -> None:
    given = desk.give(ANN, "What is K7 paid?", "4,310 euros", "up", cited=[SALARY])
    assert desk.keep_feedback(ADMIN, given.id).withheld  # not to the one who kept it either
    desk.keep(
        HR_ADMIN,
        [
            AnswerCase("By quote?", ("travel",), quotes=(Quote("4,310 euros", "salary"),)),
            AnswerCase("By fact?", facts=("4,310 euros",)),
            AnswerCase("Open?", ("travel",), facts=("21 days",)),
            AnswerCase("Bare?"),
        ],
    )

    system.source.texts |= {"a/pay.txt": "Nothing.\n", "hr/pay.txt": "K8 is paid 5,000 euros.\n"}
    system.ingestor.sync("s", "cli")
    desk.keep(LOCAL_OPERATOR, [AnswerCase("Which?", ("pay",), facts=("5,000",)), AnswerCase("Gone?", ("no-such",))])

    def withheld(user: User) -> dict[str, bool]:
        return {each.case.question: each.withheld for each in desk.questions(user)}

    expected = {"What is K7 paid?": True, "By quote?": True, "By fact?": True, "Open?": False, "Bare?": False}
    expected |= {"Which?": True, "Gone?": True}
    assert withheld(ADMIN) == expected
    assert withheld(HR_ADMIN) == {**dict.fromkeys(expected, False), "Gone?": True}
    assert not any(withheld(LOCAL_OPERATOR).values())
    assert "4,310" not in repr([each.case for each in desk.questions(ADMIN)])


def test_what_no_file_could_say_is_not_stored(desk: QuestionDesk) -> None:
    given = desk.give(ANN, "a\x00b\ud800", "\x00", "up", "\ud800")
    assert (given.question, given.answer, given.reason) == ("a\ufffdb?", "\ufffd", "?")
    kept = desk.keep(LOCAL_OPERATOR, [AnswerCase("q\x00", facts=("", "f"), quotes=(Quote("w"),))])[0]
    assert kept.case == AnswerCase("q\ufffd", facts=("f",), quotes=(Quote("w"),))
    for wrong in (AnswerCase(" "), AnswerCase("x", quotes=(Quote(" "),))):
        with pytest.raises(ConfigurationError, match="what is to be kept"):
            desk.keep(LOCAL_OPERATOR, [wrong])
    assert len(desk.questions(LOCAL_OPERATOR)) == 1


def test_questions_are_kept_all_or_none(desk: QuestionDesk) -> None:
    desk.keep(LOCAL_OPERATOR, [AnswerCase("a"), AnswerCase("a", id="2")], "import")
    for cases in ([AnswerCase("b"), AnswerCase("a")], [AnswerCase("c"), AnswerCase("c")]):
        with pytest.raises(ConfigurationError):
            desk.keep(LOCAL_OPERATOR, cases)
    kept = desk.questions(LOCAL_OPERATOR)
    assert [each.case.name for each in kept if each.case.id] == ["2"]
    desk.remove(LOCAL_OPERATOR, kept[0].record.id)
    assert len(desk.questions(LOCAL_OPERATOR)) == 1
