"""What chat programs send is taken as far as it changes nothing, and what is refused is told by its cause."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from assistant.api.openai.schemas import ChatRequest

ASKED = {"role": "user", "content": "Why?"}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,eA=="}}
TOOL = {"type": "function", "function": {"name": "f"}}


def _request(*messages: dict[str, Any], **more: Any) -> ChatRequest:
    return ChatRequest.model_validate({"model": "assistant", "messages": list(messages or (ASKED,)), **more})


@pytest.mark.parametrize(
    ("more", "ignored"),
    [
        ({"stream": None}, []),
        ({"stream": True, "stream_options": {"include_usage": None}}, []),
        ({"tools": [TOOL], "tool_choice": "none"}, ["tools"]),
        ({"functions": [TOOL["function"]], "function_call": "none"}, ["functions"]),
        ({"tools": [], "n": 1, "max_tokens": 5, "stop": ["x"]}, ["max_tokens", "stop"]),
    ],
)
def test_what_changes_nothing_is_taken_and_told(more: dict[str, Any], ignored: list[str]) -> None:
    assert _request(**more).ignored() == ignored


@pytest.mark.parametrize("choice", [{}, {"tool_choice": "auto"}, {"function_call": "none"}])
def test_tools_that_may_be_called_are_refused(choice: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="tools is not supported"):
        _request(tools=[TOOL], **choice)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"role": "tool", "tool_call_id": "1", "content": "21"}, "21"),
        ({"role": "function", "name": "f", "content": None}, ""),
        ({"role": "assistant", "content": None, "tool_calls": [{"id": "1", **TOOL}]}, ""),
        ({"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]}, ""),
        ({"role": "user", "content": [{"type": "file", "file": {"file_data": "x"}, "text": []}]}, ""),
        ({"role": "user", "content": [{"type": "input_audio", "input_audio": {}}, {"type": "text", "text": "a"}]}, "a"),
        ({"role": "user", "content": [{"type": "text", "text": None}, {"type": "text", "text": "a"}]}, "\na"),
        ({"role": "user", "content": "cut \ud83d"}, "cut ?"),
        ({"role": "user", "content": [{"type": "text", "text": "cut \ud83d"}]}, "cut ?"),
    ],
)
def test_a_history_may_hold_what_other_assistants_know(message: dict[str, Any], words: str) -> None:
    first, last = _request(message, ASKED).messages
    assert (first.words(), last.words()) == (words, "Why?")


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"role": "system", "content": "x"}, "'system', which is not told to the model: end with the user's question"),
        ({"role": "tool", "content": "x"}, "has to be the user's question; its role is 'tool'"),
        ({"role": "user", "content": [PICTURE]}, "shows a picture and asks nothing"),
        ({"role": "user", "content": [{"type": "text", "text": " "}]}, "the last one is empty"),
        ({"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "file", "file": {}}]}, "a part 'file'"),
        ({"role": "user", "content": [{"type": "text", "text": "x"}, {"type": "image_url"}]}, "a part 'image_url'"),
    ],
)
def test_a_last_message_that_asks_nothing_is_refused_by_its_cause(message: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        _request(ASKED, message)


@pytest.mark.parametrize(
    ("content", "place", "said"),
    [
        ([{"type": "text", "text": 5}], "messages.0.content.parts.0.text", "a valid string"),
        ([{}], "messages.0.content.parts.0.type", "required"),
        ({"text": "x"}, "messages.0.content", "a text or a list of parts"),
    ],
)
def test_what_is_wrong_in_a_message_is_told_where_it_is(content: Any, place: str, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        _request({"role": "user", "content": content}, ASKED)
    [error] = caught.value.errors()
    assert ".".join(str(part) for part in error["loc"]) == place
    assert said in error["msg"]
