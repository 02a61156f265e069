"""Has a model write the answer to a prompt: lets its text through as it comes, and tells how it ended."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from assistant.answer.streams import Stopping
from assistant.citations import ClaimReader, Claims, Reader, Source
from assistant.errors import ModelInterruptedError
from assistant.interfaces import ChatModel
from assistant.prompts import NOT_IN_DOCUMENTS, Numbered, Prompt
from assistant.types import AnswerState, ChatUsage, Document, DocumentRef, User


@dataclass(slots=True)
class Spoken:
    """What was said, filled while it is.

    `refused` is what the model says where the documents do not hold the answer, perhaps nothing; None where it answers.
    `claims` are what it says and cites; `first` is the seconds until the first piece.
    """

    claims: Claims = field(default_factory=lambda: Claims((), 0, ""))
    refused: str | None = None
    state: AnswerState = "complete"
    usage: ChatUsage | None = None
    first: float = 0.0
    _head: str = field(default="", repr=False)
    _begun: bool = field(default=False, repr=False)

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
    claims = ClaimReader(_sources(prompt.sources), user, reader)
    started = time.perf_counter()
    stream = model.stream(prompt.messages, max_tokens=answer_tokens, cache_salt=prompt.cache_salt)
    finish = None
    try:
        with stopping.watched(stream) as pieces:
            for piece in pieces:
                spoken.first = spoken.first or time.perf_counter() - started
                finish = piece.finish or finish
                spoken.usage = piece.usage or spoken.usage
                if shown := claims.feed(spoken.take(piece.text)).text:
                    yield shown
    except ModelInterruptedError:
        if not claims.claims.text:
            raise
        spoken.state = "interrupted"
    else:
        spoken.state = _state(finish, stopping)
    shown = claims.feed(spoken.rest()).text + claims.finish().text
    spoken.claims = claims.claims
    if shown:
        yield shown


def _sources(sources: Mapping[int, Numbered]) -> dict[int, Source]:
    """Return what the numbers stand for, a document without its text: it is read when something cites it."""
    return {n: Document(s, "") if isinstance(s, DocumentRef) else s for n, s in sources.items()}


def _state(finish: str | None, stopping: Stopping) -> AnswerState:
    if stopping.stopped and finish is None:
        return "stopped"
    return "complete" if finish in {"stop", "tool_calls"} else "cut"
