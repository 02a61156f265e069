"""Follow-ups are made standalone, other questions are left alone."""

import pytest

from assistant.answer import rewrite
from assistant.answer.rewrite import follows_up
from assistant.types import Message

TRAIN = (
    Message("user", "How do I book a train ticket?"),
    Message("assistant", "Train tickets are booked in Concur. [1]"),
)


def test_a_follow_up_carries_the_words_of_the_question_before():
    found = rewrite("And how many days before the trip?", TRAIN)
    assert found.text == "And how many days before the trip? book train ticket"
    assert found.carried == ("book", "train", "ticket")
    assert found.question == "And how many days before the trip?"


def test_pointing_back_also_carries_names_of_the_answer():
    assert "Concur" in rewrite("How do I log in to it?", TRAIN).carried


def test_a_chain_of_follow_ups_reaches_its_subject():
    history = (*TRAIN, Message("user", "And for contractors?"), Message("assistant", "The same."))
    found = rewrite("Who pays for it?", history)
    assert {"contractors", "train", "ticket"} <= set(found.carried)


def test_words_said_again_are_not_carried():
    assert rewrite("And which ticket is cheapest?", TRAIN).carried == ("book", "train")


@pytest.mark.parametrize(
    "question",
    [
        "What is the name of the VPN gateway?",
        "How many hours of sick leave do I accrue per pay period?",
        "Who approves travel that costs more than planned?",
        "Is there a dress code in the Berlin office?",
        "What is Tock?",
    ],
)
def test_a_question_of_its_own_is_left_alone(question):
    found = rewrite(question, TRAIN)
    assert (found.text, found.carried) == (question, ())


@pytest.mark.parametrize(
    "question",
    ["Why?", "What about contractors?", "For interns?", "Does that apply to them?", "Who approves this?", "How long?"],
)
def test_follow_ups(question):
    assert follows_up(question)


def test_without_history_nothing_is_carried():
    assert rewrite("And  how many\ndays?", ()).text == "And how many days?"


def test_answers_alone_are_no_subject():
    assert rewrite("Why?", (Message("assistant", "Hello."),)).carried == ()


def test_no_more_than_a_dozen_words_are_carried():
    long = Message("user", " ".join(f"subject{i}" for i in range(40)))
    assert len(rewrite("Why is that?", (long,)).carried) == 12
