"""Turns a chat request into a question, and an answer's events into a completion or its chunks."""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from assistant.api.openai.schemas import ChatMessage, ChatRequest, Choice, Chunk, Completion, Told, Usage, Written
from assistant.conversations.attached import CARRIED
from assistant.errors import ConfigurationError, NotFoundError
from assistant.injection import unmarked
from assistant.types import Answer, AnswerDone, AnswerEvent, Attachment, Citation, Message, Mode, Question, TextDelta
from assistant.wire import AnswerJson, CitationJson, PlanJson

NAME = "assistant"
MODES: tuple[Mode, ...] = ("chunks", "documents", "corpus")
NOT_FOUND = "Not found in the documents."
UNTOLD = "the system message was not told to the model: the assistant's own instructions stand"
_HEADING = "\n\nSources:\n"  # of the list that ends an answer
_LISTED = re.compile(r"- \[\d+\] ")
Take = Callable[[Sequence[tuple[str, bytes]]], tuple[Attachment, ...]]
_DATA = re.compile(r"data:image/[\w.+-]+;base64,", re.IGNORECASE)


def model_ids(choices: Sequence[str]) -> list[str]:
    """Return the names that `/v1/models` lists: the assistant, its modes, and the models that one may choose."""
    return [NAME, *(f"{NAME}:{mode}" for mode in MODES), *(f"{NAME}/{one}" for one in choices if len(choices) > 1)]


def question_of(
    body: ChatRequest, choices: Sequence[str], configured: Mode, attachments: tuple[Attachment, ...]
) -> Question:
    """Return the question that a request asks.

    Args:
        body: the request.
        choices: keys of the models that its user may choose.
        configured: the mode where the request names none.
        attachments: the last message's pictures.

    Raises:
        NotFoundError: `model` is none of those that are listed.
    """
    if body.model not in model_ids(choices):
        raise no_model(body.model)
    named = next((mode for mode in MODES if body.model == f"{NAME}:{mode}"), None)
    extension = body.assistant
    return Question(
        body.messages[-1].words(),
        mode=extension.mode or named or configured,
        budget=extension.budget,
        filters=extension.filters(),
        model=body.model.partition("/")[2],
        attachments=attachments,
        history=list(_history(body.messages[:-1])),
    )


def _history(messages: Iterable[ChatMessage]) -> Iterator[Message]:
    for message in messages:
        if message.role == "user" and message.words().strip():
            yield Message("user", message.words())
        elif message.role == "assistant" and (said := _said(message.words())) not in ("", NOT_FOUND):
            yield Message("assistant", said)


def _said(text: str) -> str:
    """Return what was answered, without the list of sources: its names would be taken for what one talks of."""
    answered, heading, listed = text.rstrip().rpartition(_HEADING)
    ours = heading and all(_LISTED.match(line) for line in listed.split("\n"))
    return (answered if ours else text).strip()


def no_model(name: str) -> NotFoundError:
    """Return the error of a name that `model_ids` does not list."""
    return NotFoundError(f"there is no model {name[:80]!r}", f"take {NAME!r}; GET /v1/models lists all")


def pictures_of(message: ChatMessage) -> list[tuple[str, bytes]]:
    """Return the names and bytes of a message's pictures.

    Raises:
        ConfigurationError: one lies elsewhere, from where nothing is fetched, or is no base64.
    """
    found = []
    for number, url in enumerate(message.pictures(), 1):
        start = _DATA.match(url)
        if start is None:
            raise ConfigurationError(f"picture {number} is no data: address", "send the picture itself, as base64")
        try:
            found.append((f"picture {number}", base64.b64decode(url[start.end() :], validate=True)))
        except binascii.Error as error:
            raise ConfigurationError(f"picture {number} is no base64: {error}", "encode the file's bytes") from error
    return found


def carried(before: Sequence[ChatMessage], take: Take) -> tuple[Attachment, ...]:
    """Return the pictures that a follow-up is asked with: those of the user's last message that had some.

    Where they cannot be taken there are none: only the question that they came with is refused for them.

    Args:
        before: the messages before the question.
        take: makes pictures of names and bytes.
    """
    asked = [message for message in before if message.role == "user"]
    for message in reversed(asked[-CARRIED:]):
        if message.pictures():
            try:
                return tuple(replace(one, carried=True) for one in take(pictures_of(message)))
            except ConfigurationError:
                return ()
    return ()


class Completing:
    """One completion: what its chunks have in common, and what the last one tells.

    Args:
        body: the request.
        shown: how many of its pictures the question is asked with.
        holds_back: whether the text may be another when it is finished, so that chunks begin with nothing else: what
            other programs have shown cannot be taken back.
    """

    def __init__(self, body: ChatRequest, shown: int, *, holds_back: bool) -> None:
        self._body, self._holds_back = body, holds_back
        self._unshown = sum(len(message.pictures()) for message in body.messages) - shown
        self._id, self._created = f"chatcmpl-{uuid.uuid4().hex}", int(time.time())

    def whole(self, events: Iterable[AnswerEvent]) -> Completion:
        """Return the completion, once all is written."""
        answer = _answer(events)
        text = _text(answer)
        return Completion(
            id=self._id,
            created=self._created,
            model=self._body.model,
            choices=[Choice(message=Written(content=text + self._sources(answer)), finish_reason=_reason(answer))],
            usage=_usage(answer),
            assistant=self._told(answer),
        )

    def chunks(self, events: Iterable[AnswerEvent]) -> Iterator[str]:
        """Yield the chunks as server-sent events, as the answer is written, and the mark of the end."""
        yield self._line([{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
        written = False
        for event in events:
            if isinstance(event, TextDelta):
                if self._holds_back:
                    continue
                written = written or bool(event.text.strip())
                yield self._line([{"index": 0, "delta": {"content": event.text}, "finish_reason": None}])
            elif isinstance(event, AnswerDone):
                answer = event.answer
                rest = ("" if written else _text(answer)) + self._sources(answer)
                if rest:
                    yield self._line([{"index": 0, "delta": {"content": rest}, "finish_reason": None}])
                told = self._told(answer).model_dump()
                last = [{"index": 0, "delta": {}, "finish_reason": _reason(answer)}]
                yield self._line(last, assistant=told)
                if self._body.stream_options is not None and self._body.stream_options.include_usage:
                    yield self._line([], usage=_usage(answer).model_dump())
        yield "data: [DONE]\n\n"

    def _line(self, choices: list[Chunk], **more: Chunk) -> str:
        chunk = {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._body.model,
            "choices": choices,
            **more,
        }
        return f"data: {json.dumps(chunk)}\n\n"

    def _told(self, answer: Answer) -> Told:
        untold = [UNTOLD] if any(one.role in ("system", "developer") for one in self._body.messages) else []
        if self._unshown:
            untold.append(f"pictures of earlier messages that were not shown to the model: {self._unshown}")
        return Told(
            found=answer.found,
            citations=[CitationJson.of(citation) for citation in answer.citations],
            plan=PlanJson.of(answer.plan),
            model=answer.model,
            notes=[*AnswerJson.of(answer).notes, *untold],
            ignored=self._body.ignored(),
        )

    def _sources(self, answer: Answer) -> str:
        if not self._body.assistant.list_sources or not answer.found or not answer.citations:
            return ""
        return _HEADING + "\n".join(f"- {line}" for line in dict.fromkeys(map(_cited, answer.citations)))


def _answer(events: Iterable[AnswerEvent]) -> Answer:
    done = [event.answer for event in events if isinstance(event, AnswerDone)]
    return done[-1]


def _text(answer: Answer) -> str:
    return answer.text.strip() or NOT_FOUND


def _reason(answer: Answer) -> Literal["stop", "length"]:
    return "stop" if answer.state == "complete" else "length"


def _usage(answer: Answer) -> Usage:
    read, written = answer.usage.prompt_tokens, answer.usage.completion_tokens
    return Usage(prompt_tokens=read, completion_tokens=written, total_tokens=read + written)


def _cited(citation: Citation) -> str:
    """Return a line of the list of sources, in which Markdown has nothing to read but text."""
    ref, page = citation.passage.ref, citation.passage.page
    where = f"{unmarked(ref.source)}: {unmarked(ref.key)}" + (f", page {page}" if page else "")
    place = f"{unmarked(ref.title or ref.key)} ({where})"
    if citation.kind != "text":
        return f"[{citation.number}] {place}: a picture, seen and not read"
    mark = "" if citation.verified else ", not verified"
    return f"[{citation.number}] {place}{mark}: \u201c{unmarked(citation.quote)}\u201d"
