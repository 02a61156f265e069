"""What a chat request is as a question: its history is what was said, and not what was listed beneath it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import pytest

from assistant.api.openai.completing import NOT_FOUND, Completing, carried, question_of
from assistant.api.openai.schemas import ChatRequest
from assistant.errors import ConfigurationError
from assistant.types import (
    Answer,
    AnswerDone,
    Attachment,
    Citation,
    ContextPlan,
    DocumentRef,
    Passage,
    Question,
    Usage,
)

PLAN = ContextPlan("chunks", "by script", 1000, 5, ())
ASKED = {"role": "user", "content": "And for Berlin?"}


def _request(*messages: dict[str, Any]) -> ChatRequest:
    return ChatRequest.model_validate({"model": "assistant", "messages": list(messages)})


def _question(*messages: dict[str, Any]) -> Question:
    return question_of(_request(*messages), (), "auto", ())


def _written(quotes: list[str]) -> str:
    """Return an answer's text as a client is given it, with the list of its sources."""
    cited = [
        Citation(number, Passage(DocumentRef("s", f"{number}.txt", "", "Rome Plan", "", ""), 0, 3, "x"), one, True)
        for number, one in enumerate(quotes, 1)
    ]
    answer = Answer("21 days [1].", True, tuple(cited), PLAN, "script", Usage(5, 7), {})
    return str(Completing(_request(ASKED), 0, holds_back=False).whole([AnswerDone(answer)]).choices[0].message.content)


@pytest.mark.parametrize("quotes", [["One."], ["One.\n\nSources:\n- two", "Three\u2028four."]])
@pytest.mark.parametrize("end", ["", "\n", "  \n\n"])
def test_the_list_of_sources_is_no_part_of_what_was_said(quotes: list[str], end: str) -> None:
    text = _written(quotes)
    assert "Rome" in text
    [said] = _question({"role": "assistant", "content": text + end}, ASKED).history
    assert (said.role, said.content) == ("assistant", "21 days [1].")


@pytest.mark.parametrize(
    "text",
    [
        "Read them.\n\nSources:\n- the handbook",
        "Sources:\n- [1] x",
        "- [1] x\n- [2] y",
        "One [1].\n\nSources:\n- [1] x\nTwo.",
    ],
)
def test_a_list_that_is_not_the_assistants_stays(text: str) -> None:
    [said] = _question({"role": "assistant", "content": text}, ASKED).history
    assert said.content == text


def test_what_a_person_quotes_stays() -> None:
    text = _written(["One."])
    [said] = _question({"role": "user", "content": text}, ASKED).history
    assert said.content == text


@pytest.mark.parametrize("text", [NOT_FOUND, f" {NOT_FOUND}\n"])
def test_that_nothing_was_found_is_not_told_as_an_answer(text: str) -> None:
    history = _question({"role": "user", "content": "x"}, {"role": "assistant", "content": text}, ASKED).history
    assert [one.role for one in history] == ["user"]


def _shown(data: bytes | str) -> dict[str, Any]:
    url = data if isinstance(data, str) else f"data:image/png;base64,{base64.b64encode(data).decode()}"
    return {
        "role": "user",
        "content": [{"type": "text", "text": "x"}, {"type": "image_url", "image_url": {"url": url}}],
    }


def _taken(files: Sequence[tuple[str, bytes]]) -> tuple[Attachment, ...]:
    if any(data == b"broken" for _, data in files):
        raise ConfigurationError("it is no picture")
    return tuple(Attachment(name, data, "image/png") for name, data in files)


SAID, WORDS = {"role": "assistant", "content": "Seen."}, {"role": "user", "content": "Again?"}


@pytest.mark.parametrize(
    ("before", "again"),
    [
        ([_shown(b"1"), SAID, _shown(b"2"), SAID, WORDS, SAID], [b"2"]),
        ([_shown(b"1"), SAID, WORDS, SAID, WORDS, SAID], [b"1"]),
        ([_shown(b"1"), SAID, WORDS, SAID, WORDS, SAID, WORDS, SAID], []),
        ([_shown(b"1"), SAID, _shown(b"broken")], []),
        ([_shown(b"1"), SAID, _shown("http://127.0.0.1/x.png")], []),
        ([], []),
    ],
    ids=["the newest ones", "three questions back", "too far back", "broken", "elsewhere", "none"],
)
def test_a_follow_up_is_asked_with_the_pictures_before_it(before: list[dict[str, Any]], again: list[bytes]) -> None:
    found = carried(_request(*before, ASKED).messages[:-1], _taken)
    assert [(one.data, one.carried) for one in found] == [(data, True) for data in again]


@pytest.mark.parametrize(
    ("shown", "notes"), [(2, []), (1, ["pictures of earlier messages that were not shown to the model: 1"])]
)
def test_pictures_that_are_not_shown_are_told_of(shown: int, notes: list[str]) -> None:
    answer = Answer("x", True, (), PLAN, "script", Usage(5, 7), {})
    whole = Completing(_request(_shown(b"1"), SAID, _shown(b"2")), shown, holds_back=False).whole([AnswerDone(answer)])
    assert whole.assistant.notes == notes
