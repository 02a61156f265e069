"""Questions that share words are put together."""

from __future__ import annotations

from assistant.evaluation.topics import topics

QUESTIONS = [
    "How many days of parental leave do fathers get?",
    "Is parental leave paid?",
    "Where do I book train tickets?",
    "Can I book a hotel?",
    "Who is the CEO?",
    "When does the parental leave begin?",
]


def test_a_topic_is_what_most_of_the_questions_share() -> None:
    found = topics(QUESTIONS)
    assert [one.members for one in found] == [(0, 1, 5), (2, 3)]
    assert set(found[0].words) == {"parental", "leave"}
    assert found[1].words == ("book",)


def test_words_are_compared_by_their_stems_and_shown_as_they_were_written() -> None:
    (found,) = topics(["Where are invoices kept?", "Who approves an invoice?", "Is the invoice paid?"])
    assert (found.words, found.members) == (("invoice",), (0, 1, 2))
    (german,) = topics(["Wie viele Urlaubstage habe ich?", "Verfallen Urlaubstage?"])
    assert german.words == ("urlaubstage",)


def test_what_shares_nothing_has_no_topic() -> None:
    assert topics([]) == []
    assert topics(["Who?", "?", "Where can I find the canteen?", "What is a K7?"]) == []
    assert len(topics([f"{word} {word}" for word in ("apple", "pear", "plum", "fig") for _ in range(2)], most=3)) == 3
