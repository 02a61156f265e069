"""How the models of the herd are: whether they answer, what they can do, how busy they are, how quickly they write."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from assistant.errors import AssistantError
from assistant.herd.herd import Herd, Member
from assistant.interfaces import Overseen
from assistant.types import ChatMessage, ModelInfo, ServerLoad

log = logging.getLogger(__name__)
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Standing:
    """How a model is.

    Attributes:
        member: the model.
        info: what it can do; None where it does not answer.
        load: how busy its server is; None where that cannot be told.
        error: why it does not answer; None where it does.
        seconds: that the answer took; of one that was known already, next to nothing.
    """

    member: Member
    info: ModelInfo | None
    load: ServerLoad | None
    error: AssistantError | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Written:
    """A piece of what a model writes in a trial; `thought` is what it thinks aloud."""

    text: str
    thought: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """The end of a trial.

    Attributes:
        model: the model's name on its server.
        first_seconds: from the request to the first piece; None where nothing came.
        seconds: of all.
        prompt_tokens, answer_tokens: as the server counts; None where it does not.
        cached_tokens: of the prompt, from the server's cache; None likewise.
        tokens_per_second: from the first piece to the last; None where that cannot be told.
        finish: why it ended: `stop`, or `length` where it had no more tokens.
    """

    model: str
    first_seconds: float | None
    seconds: float
    prompt_tokens: int | None
    answer_tokens: int | None
    cached_tokens: int | None
    tokens_per_second: float | None
    finish: str


def standings(herd: Herd, *, fresh: bool = False) -> list[Standing]:
    """Return how the models are, in the herd's order; they are asked side by side.

    Args:
        herd: the models.
        fresh: whether servers are asked that answered a moment ago.
    """
    if not herd.members:
        return []
    with ThreadPoolExecutor(min(_AT_ONCE, len(herd.members)), thread_name_prefix="oversee") as threads:
        return list(threads.map(lambda member: _standing(member, fresh), herd.members))


def _standing(member: Member, fresh: bool) -> Standing:
    overseen = member.model if isinstance(member.model, Overseen) else None
    if fresh and overseen is not None:
        overseen.forget()
    started = time.monotonic()
    try:
        info = member.model.describe()
        load = overseen.load() if overseen is not None else None
    except AssistantError as error:
        return Standing(member, None, None, error, time.monotonic() - started)
    return Standing(member, info, load, None, time.monotonic() - started)


def tried(member: Member, messages: Sequence[ChatMessage], max_tokens: int) -> Iterator[Written | Trial]:
    """Have a model answer, and yield what it writes as it comes; the last is the trial's end.

    Args:
        member: the model.
        messages: what it is asked.
        max_tokens: the longest answer.

    Raises:
        ModelServerError: as `interfaces.ChatStream`.
    """
    started = time.monotonic()
    first = last = None
    usage, finish = None, ""
    with member.model.stream(messages, max_tokens=max_tokens) as stream:
        for delta in stream:
            usage, finish = delta.usage or usage, delta.finish or finish
            for text, thought in ((delta.reasoning, True), (delta.text, False)):
                if text:
                    last = time.monotonic()
                    first = first or last
                    yield Written(text, thought)
    ended = time.monotonic()
    tokens = usage.completion_tokens if usage else None
    writing = (last - first) if first and last else 0.0
    yield Trial(
        model=member.model.name,
        first_seconds=None if first is None else first - started,
        seconds=ended - started,
        prompt_tokens=usage.prompt_tokens if usage else None,
        answer_tokens=tokens,
        cached_tokens=usage.cached_tokens if usage else None,
        tokens_per_second=(tokens - 1) / writing if tokens and tokens > 1 and writing > 0 else None,
        finish=finish,
    )
