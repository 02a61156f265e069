"""Has a model write the answer to a prompt: lets its text through as it comes, and tells how it ended."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assistant.answer.streams import Stopping
from assistant.citations import ClaimReader, Claims, Reader, Source
from assistant.errors import ModelInterruptedError
from assistant.injection import LinkFilter
from assistant.interfaces import ChatModel
from assistant.prompts import NOT_IN_DOCUMENTS, Numbered, Prompt
from assistant.types import (
    AnswerState,
    ChatMessage,
    ChatUsage,
    Document,
    DocumentRef,
    TextDelta,
    ToolCall,
    ToolSpec,
    User,
)


@dataclass(slots=True)
class Spoken:
    """What was said, filled while it is.

    `refused` is what the model says where the documents do not hold the answer, perhaps nothing; None where it answers.
    `claims` are what it says and cites; `first` is the seconds until the first piece; `links_left_out` counts links.
    """

    claims: Claims = field(default_factory=lambda: Claims((), 0, ""))
    refused: str | None = None
    state: AnswerState = "complete"
    usage: ChatUsage | None = None
    first: float = 0.0
    links_left_out: int = 0
    begun_stretch: bool = field(default=False, repr=False)
    _head: str = field(default="", repr=False)
    _begun: bool = field(default=False, repr=False)

    def begin(self) -> None:
        """Begin another stretch: what was said of what the documents do not hold is over, as there may be more now."""
        self.refused, self._head, self._begun, self.begun_stretch = None, "", False, False

    def take(self, text: str) -> str:
        """Return what of the text is the answer's: nothing as long as it may be, or is, a refusal."""
        if self.refused is not None:
            self.refused += text
            return ""
        if self._begun:
            return text
        self._head += text
        begun = self._head.lstrip(" \n\t*_`\"'")
        if len(begun) < len(NOT_IN_DOCUMENTS) and NOT_IN_DOCUMENTS.startswith(begun):
            return ""
        if begun.startswith(NOT_IN_DOCUMENTS):
            self.refused, self._head = begun[len(NOT_IN_DOCUMENTS) :], ""
            return ""
        return self.rest()

    def rest(self) -> str:
        """Return what was held back."""
        self._begun, head, self._head = True, self._head.lstrip(), ""
        return head


def speak(
    model: ChatModel,
    prompt: Prompt,
    answer_tokens: int,
    stopping: Stopping,
    spoken: Spoken,
    user: User,
    reader: Reader,
) -> Iterator[str]:
    """Yield the answer's text as it comes, without marks that point to nothing, and fill `spoken`.

    Args:
        model: writes it.
        prompt: what the model is given.
        answer_tokens: of the longest answer.
        stopping: ends it.
        spoken: is filled.
        user: who reads it; what it cites is read as this user.
        reader: reads documents.

    Raises:
        ModelServerError: before anything came. What comes afterwards ends the answer and is told in `spoken.state`.
    """
    claims = ClaimReader(as_sources(prompt.sources), user, reader)
    speaker = Speaker(model, prompt, answer_tokens, stopping, spoken, claims)
    for piece in speaker.write(prompt.messages, ()):
        yield piece.text
    if rest := speaker.finish():
        yield rest


class Speaker:
    """Has a model write an answer in one stretch or in several; implements `interfaces.Writer`.

    Args:
        model: writes it.
        prompt: how the cache is salted.
        answer_tokens: of the longest stretch.
        stopping: ends it.
        spoken: is filled.
        claims: reads the answer.
        before: characters of the answer that were there before.
    """

    def __init__(
        self,
        model: ChatModel,
        prompt: Prompt,
        answer_tokens: int,
        stopping: Stopping,
        spoken: Spoken,
        claims: ClaimReader,
        before: int = 0,
    ) -> None:
        self._model, self._salt, self._tokens = model, prompt.cache_salt, answer_tokens
        self._stopping, self._spoken, self._claims, self._before = stopping, spoken, claims, before
        self._started = time.perf_counter()
        self._told: Sequence[ChatMessage] = ()
        self._links = LinkFilter(self._given)
        self.calls: tuple[ToolCall, ...] = ()
        self.said = ""

    @property
    def length(self) -> int:
        """See `interfaces.Writer`."""
        return self._before + len(self._claims.claims.text)

    @property
    def stopped(self) -> bool:
        """See `interfaces.Writer`."""
        return self._stopping.stopped

    def count(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> int:
        """See `interfaces.Writer`."""
        return self._model.count_tokens(messages, tools)

    def count_texts(self, texts: Sequence[str]) -> list[int]:
        """See `interfaces.Writer`."""
        return self._model.count_texts(texts)

    def write(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> Iterator[TextDelta]:
        """See `interfaces.Writer`. What goes wrong after something came ends the answer: `spoken.state` says so."""
        spoken, finish, usage = self._spoken, None, None
        spoken.begin()
        self.calls, self.said, self._told = (), "", messages
        stream = self._model.stream(messages, tools=tools, max_tokens=self._tokens, cache_salt=self._salt)
        try:
            with self._stopping.watched(stream) as pieces:
                for piece in pieces:
                    spoken.first = spoken.first or time.perf_counter() - self._started
                    finish, usage = piece.finish or finish, piece.usage or usage
                    self.calls = piece.tool_calls or self.calls
                    self.said += piece.text
                    yield from self._shown(spoken.take(piece.text))
        except ModelInterruptedError:
            self.calls = ()
            if not self._claims.claims.text:
                raise
            spoken.state = "interrupted"
        else:
            spoken.state = _state(finish, self._stopping)
        spoken.usage = _sum(spoken.usage, usage)
        yield from self._shown(spoken.rest())
        yield from self._inert(self._links.flush())

    def finish(self) -> str:
        """End the answer, and return what of its text was held back."""
        shown = self._claims.finish().text
        self._spoken.claims = self._claims.claims
        if self._spoken.refused:
            self._spoken.refused = self._links.feed(self._spoken.refused) + self._links.flush()
        self._spoken.links_left_out = self._links.left_out
        return shown

    def _given(self, address: str) -> bool:
        """Whether an address stands in what the model was given, and not only in what it wrote itself."""
        return any(address in message.text for message in self._told if message.role in {"user", "tool"})

    def _shown(self, text: str) -> Iterator[TextDelta]:
        yield from self._inert(self._links.feed(text))

    def _inert(self, text: str) -> Iterator[TextDelta]:
        if text and not self._spoken.begun_stretch and self.length:
            text = f"\n\n{text}"
        self._spoken.begun_stretch = self._spoken.begun_stretch or bool(text)
        if shown := self._claims.feed(text).text:
            yield TextDelta(shown)


def _sum(one: ChatUsage | None, other: ChatUsage | None) -> ChatUsage | None:
    if one is None or other is None:
        return one or other
    cached = None
    if one.cached_tokens is not None or other.cached_tokens is not None:
        cached = (one.cached_tokens or 0) + (other.cached_tokens or 0)
    return ChatUsage(one.prompt_tokens + other.prompt_tokens, one.completion_tokens + other.completion_tokens, cached)


def as_sources(sources: Mapping[int, Numbered]) -> dict[int, Source]:
    """Return what the numbers stand for, a document without its text: it is read when something cites it."""
    return {n: Document(s, "") if isinstance(s, DocumentRef) else s for n, s in sources.items()}


def _state(finish: str | None, stopping: Stopping) -> AnswerState:
    if stopping.stopped and finish is None:
        return "stopped"
    return "complete" if finish in {"stop", "tool_calls"} else "cut"
