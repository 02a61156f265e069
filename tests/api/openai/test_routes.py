"""OpenAI's own client asks the assistant: answers whole and streamed, with citations; and what is refused."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.answer import Answerer
from assistant.api.openai.completing import NOT_FOUND
from assistant.api.signed_in import still_signed_in
from assistant.errors import ModelUnavailableError
from assistant.types import Filters, User
from tests.api.test_conversations import served
from tests.fakes.album import png
from tests.fakes.answering import ScriptedAnswerer, StoppableAnswerer
from tests.fakes.system import System

ASKED = [{"role": "user", "content": "How many days before the trip are train tickets booked?"}]


@pytest.fixture
def program(client: TestClient) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url="http://127.0.0.1:8090/v1", api_key="any", http_client=client, max_retries=0) as made:
        yield made


@pytest.fixture
def scripted(api: FastAPI, system: System) -> ScriptedAnswerer:
    answerer = ScriptedAnswerer(system.library)
    system.answerer = answerer  # type: ignore[assignment]
    return answerer


def test_the_list_of_models(program: openai.OpenAI) -> None:
    names = [one.id for one in program.models.list()]
    assert names[:4] == ["assistant", "assistant:chunks", "assistant:documents", "assistant:corpus"]
    assert [program.models.retrieve(name).id for name in names] == names
    with pytest.raises(openai.NotFoundError, match="there is no model 'gpt-5'"):
        program.models.retrieve("gpt-5")


def test_an_answer_with_its_citations(program: openai.OpenAI) -> None:
    done = program.chat.completions.create(model="assistant", messages=ASKED, temperature=0.3)
    text = done.choices[0].message.content
    assert text is not None
    assert "at least 21 days before the trip" in text
    assert "\n\nSources:\n- [1] travel" in text
    told = done.model_extra["assistant"]
    assert (told["found"], told["ignored"]) == (True, ["temperature"])
    [cited] = told["citations"]
    assert (cited["document"]["key"], cited["verified"]) == ("travel.txt", True)
    assert done.choices[0].finish_reason == "stop"


def test_a_streamed_answer_is_the_same(program: openai.OpenAI) -> None:
    whole = program.chat.completions.create(model="assistant", messages=ASKED)
    parts = list(
        program.chat.completions.create(
            model="assistant", messages=ASKED, stream=True, stream_options={"include_usage": True}
        )
    )
    texts = [part.choices[0].delta.content or "" for part in parts if part.choices]
    assert "".join(texts).strip() == whole.choices[0].message.content
    assert len({part.id for part in parts}) == 1
    *_, last, usage = parts
    assert last.choices[0].finish_reason == "stop"
    assert last.model_extra["assistant"]["citations"] == whole.model_extra["assistant"]["citations"]
    assert usage.usage is not None
    assert usage.usage.total_tokens == usage.usage.prompt_tokens + usage.usage.completion_tokens


class Hotel:
    """A post-processor that changes the answer."""

    name = "hotel"

    def process(self, question: str, text: str, user: User) -> str:
        del question, user
        return text.replace("Train tickets", "Hotels")


def test_a_streamed_answer_is_the_one_that_post_processors_leave(program: openai.OpenAI, system: System) -> None:
    system.registry.add_post_processor(Hotel())
    parts_of = system.retriever, system.library, system.embedder
    system.answerer = Answerer(*parts_of, processors=lambda: system.registry.post_processors)
    whole = program.chat.completions.create(model="assistant", messages=ASKED)
    parts = program.chat.completions.create(model="assistant", messages=ASKED, stream=True)
    texts = [part.choices[0].delta.content or "" for part in parts if part.choices]
    assert "".join(texts) == whole.choices[0].message.content
    assert "".join(texts).startswith("Hotels are booked")


def test_a_text_that_comes_with_the_end_alone_is_streamed(program: openai.OpenAI, scripted: ScriptedAnswerer) -> None:
    scripted.keys, scripted.said = (), {"text": "Only now."}
    parts = program.chat.completions.create(model="assistant", messages=ASKED, stream=True)
    assert "".join(part.choices[0].delta.content or "" for part in parts) == "Only now."


def test_history_mode_filters_and_pictures_are_asked_with(program: openai.OpenAI, scripted: ScriptedAnswerer) -> None:
    picture = f"data:image/png;base64,{base64.b64encode(png('red')).decode()}"
    parts = [{"type": "text", "text": "And this?"}, {"type": "image_url", "image_url": {"url": picture}}]
    messages: list[Any] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is that?"},
        {"role": "assistant", "content": "A ticket."},
        {"role": "user", "content": parts},
    ]
    more = {"assistant": {"sources": ["s"], "budget": 500, "list_sources": False}}
    done = program.chat.completions.create(model="assistant:documents", messages=messages, extra_body=more)
    [question] = scripted.asked
    assert (question.text, question.mode, question.budget) == ("And this?", "documents", 500)
    assert [(one.role, one.content) for one in question.history] == [
        ("user", "What is that?"),
        ("assistant", "A ticket."),
    ]
    assert len(question.attachments) == 1
    assert question.filters == Filters(sources=("s",))
    assert "Sources:" not in str(done.choices[0].message.content)
    assert "system message was not told" in done.model_extra["assistant"]["notes"][-1]


def test_a_follow_up_is_asked_with_the_picture_before_it(program: openai.OpenAI, scripted: ScriptedAnswerer) -> None:
    pictures = [f"data:image/png;base64,{base64.b64encode(png(one)).decode()}" for one in ("red", "blue")]
    parts = [
        {"type": "text", "text": "What is it?"},
        *({"type": "image_url", "image_url": {"url": p}} for p in pictures),
    ]
    first: Any = {"role": "user", "content": [{"type": "text", "text": "What is it?"}, *parts]}
    messages: list[Any] = [first, {"role": "assistant", "content": "A ticket."}, *ASKED]
    done = program.chat.completions.create(model="assistant", messages=messages)
    [question] = scripted.asked
    assert [(one.name, one.carried) for one in question.attachments] == [("picture 1", True), ("picture 2", True)]
    assert done.model_extra["assistant"]["notes"] == []


def test_where_nothing_is_found_that_is_said(program: openai.OpenAI, scripted: ScriptedAnswerer) -> None:
    scripted.keys, scripted.said = (), {"found": False}
    done = program.chat.completions.create(model="assistant", messages=ASKED)
    assert done.choices[0].message.content == NOT_FOUND
    parts = program.chat.completions.create(model="assistant", messages=ASKED, stream=True)
    assert "".join(part.choices[0].delta.content or "" for part in parts) == NOT_FOUND


def test_a_title_makes_no_link_in_other_clients(program: openai.OpenAI, system: System) -> None:
    key = "![x](http://evil.example/a) train.txt"
    system.source.texts = {key: "Train tickets are booked in Concur at least 21 days before the trip.\n"}
    system.ingestor.sync("s", "cli")
    text = str(program.chat.completions.create(model="assistant", messages=ASKED).choices[0].message.content)
    assert "[1]" in text
    assert "](" not in text
    assert "http://" not in text


@pytest.mark.parametrize(
    ("more", "kind", "said"),
    [
        ({"model": "gpt-9"}, openai.NotFoundError, "there is no model 'gpt-9'; take 'assistant'"),
        ({"n": 2}, openai.UnprocessableEntityError, "n is not supported"),
        (
            {"tools": [{"type": "function", "function": {"name": "f"}}]},
            openai.UnprocessableEntityError,
            "tools is not supported",
        ),
        (
            {"messages": [{"role": "user", "content": "x" * 100_001}]},
            openai.UnprocessableEntityError,
            "may have 100,000",
        ),
        ({"messages": [{"role": "assistant", "content": "x"}]}, openai.UnprocessableEntityError, "the last one has to"),
        ({"extra_body": {"assistant": {"moed": "x"}}}, openai.UnprocessableEntityError, "moed"),
        (
            {
                "messages": [
                    {
                        "role": "user",
                        "content": [
                            {"type": "text", "text": "x"},
                            {"type": "image_url", "image_url": {"url": "http://127.0.0.1/x.png"}},
                        ],
                    }
                ]
            },
            openai.UnprocessableEntityError,
            "picture 1 is no data: address",
        ),
    ],
)
def test_what_is_refused(program: openai.OpenAI, more: dict[str, Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said) as caught:
        program.chat.completions.create(**{"model": "assistant", "messages": ASKED, **more})
    error = caught.value
    assert isinstance(error, openai.APIStatusError)
    assert isinstance(error.body, dict)
    assert str(error.body["code"]).endswith("Error")


def test_whoever_lost_the_right_to_ask_meanwhile_gets_no_whole_answer(program: openai.OpenAI, api: FastAPI) -> None:
    api.dependency_overrides[still_signed_in] = lambda: lambda: False
    try:
        with pytest.raises(openai.PermissionDeniedError, match="has changed meanwhile"):
            program.chat.completions.create(model="assistant", messages=ASKED)
    finally:
        api.dependency_overrides.clear()


def test_whole_answers_take_none_of_the_threads_that_requests_share(api: FastAPI, scripted: ScriptedAnswerer) -> None:
    scripted.gate.clear()
    body = {"model": "assistant", "messages": ASKED}
    with served(api) as client, ThreadPoolExecutor(40) as pool:
        waiting = [pool.submit(client.post, "/v1/chat/completions", json=body) for _ in range(40)]
        try:
            while len(scripted.asked) < 40:
                time.sleep(0.01)
            assert client.get("/v1/models", timeout=120).status_code == 200
        finally:
            scripted.gate.set()
        assert {one.result(120).status_code for one in waiting} == {200}


def test_whoever_does_not_wait_for_a_whole_answer_stops_it(api: FastAPI, system: System) -> None:
    system.answerer = answerer = StoppableAnswerer(system.library)
    answerer.gate.clear()
    with served(api) as client:
        asked = client.build_request("POST", "/v1/chat/completions", json={"model": "assistant", "messages": ASKED})
        head = "".join(f"{name}: {value}\r\n" for name, value in asked.headers.items())
        with socket.create_connection((asked.url.host, asked.url.port or 80)) as connection:
            connection.sendall(f"POST {asked.url.path} HTTP/1.1\r\n{head}\r\n".encode() + asked.content)
            until = time.monotonic() + 120
            while not answerer.asked and time.monotonic() < until:
                time.sleep(0.01)
            assert answerer.asked  # before the client leaves
        assert answerer.gate.wait(120)  # which the stop opens
    assert len(answerer.asked) == 1


def test_no_client_finds_the_end_of_a_line_in_a_text(client: TestClient, scripted: ScriptedAnswerer) -> None:
    scripted.tail, scripted.error = "a\u2028b\x85c", ModelUnavailableError("it went\u2028away")
    answer = client.post("/v1/chat/completions", json={"model": "assistant", "messages": ASKED, "stream": True})
    assert "went\\u2028away" in answer.text
    scripted.error = None
    answer = client.post("/v1/chat/completions", json={"model": "assistant", "messages": ASKED, "stream": True})
    assert "a\\u2028b\\u0085c" in answer.text
    assert all(line.startswith("data: ") for line in answer.text.splitlines() if line)


def test_an_error_in_the_middle_ends_the_stream(program: openai.OpenAI, scripted: ScriptedAnswerer) -> None:
    scripted.error = ModelUnavailableError("the model went away", "start it again")
    with pytest.raises(openai.APIError, match="the model went away; start it again"):
        list(program.chat.completions.create(model="assistant", messages=ASKED, stream=True))
