"""How much of the turns before a question is told."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.catalog import TurnRecord
from assistant.conversations import ShownTurn
from assistant.conversations.history import within


def turn(question: str, text: str) -> ShownTurn:
    record = TurnRecord("t", "c", None, 1, "asked", question, {}, {}, "complete", text, {}, {}, {}, 0.0, None)
    return ShownTurn(record, ("t",), None, 0, (), "", withdrawn=False)


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def test_the_last_turns_that_fit_are_told() -> None:
    turns = [turn("one two", "three"), turn("four", "five six"), turn("seven", "eight")]
    told = within(turns, 5, words)
    assert [message.content for message in told.messages] == ["four", "five six", "seven", "eight"]
    assert [message.role for message in told.messages] == ["user", "assistant"] * 2
    assert (told.turns, told.left_out, told.shortened, told.tokens, told.budget) == (2, 1, False, 5, 5)
    assert within(turns, 8, words).left_out == 0
    assert within(turns, 7, words).left_out == 1


def test_of_a_last_answer_that_is_too_long_the_beginning_is_told() -> None:
    told = within([turn("a", "b"), turn("one", "two three four")], 3, words)
    assert [message.content.strip() for message in told.messages] == ["one", "two three"]
    assert (told.turns, told.left_out, told.shortened, told.tokens) == (1, 1, True, 3)
    nothing = within([turn("one two", "three")], 2, words)
    assert (nothing.messages, nothing.turns, nothing.left_out) == ((), 0, 1)
    assert within([turn("one", "two")], 0, words).messages == ()


def test_turns_without_text_and_what_is_withdrawn_are_left_out() -> None:
    turns = [turn("a", ""), turn("b", "[withdrawn]"), turn("c", "kept [1] [withdrawn]")]
    told = within(turns, 100, words)
    assert [message.content for message in told.messages] == ["c", "kept [1]"]
    assert (told.turns, told.left_out) == (1, 0)
    assert within([], 10, words).messages == ()
