"""Sends an answer to a client while it is written, from any place on, and whichever process writes it.

An event's id is how many characters of text a client has that got it; with that number a client that lost the
connection goes on where it was. Plans and citations come again: the last ones count. The end is the turn as it is
stored, with the whole text; a client takes that for the answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Collection

from starlette.concurrency import run_in_threadpool

from assistant.access.standing import SECONDS
from assistant.api.answer_events import sent
from assistant.api.events import ALIVE_SECONDS, STILL_AT_WORK
from assistant.api.events import event as sse
from assistant.conversations import ConversationDesk, Live, ShownTurn
from assistant.errors import AssistantError
from assistant.types import (
    AnswerEvent,
    ApprovalWanted,
    ContextPlan,
    PlanReady,
    TextDelta,
    ToolFinished,
    ToolStarted,
    ToolUse,
    User,
)
from assistant.wire.conversations import TurnJson

LOOK_SECONDS = 0.5  # how often the catalog is asked of an answer that another process writes


async def follow(
    desk: ConversationDesk, now: Callable[[], User], conversation: str, turn: str, known: int
) -> AsyncIterator[str]:
    """Yield the events of a turn, of whose text the client has the first `known` characters.

    `now` says who follows as the person is at a moment: groups may go meanwhile, and accounts be disabled.
    An `error` is the last event where the turn cannot be read any more, such as after its conversation was deleted. It
    breaks off where that may be over in a moment, such as a catalog that is away: a client that comes again reads on.
    """
    try:
        user = await run_in_threadpool(now)
        live = await run_in_threadpool(desk.live, user, conversation, turn)
        if live is not None:
            before = await run_in_threadpool(desk.made_from, user, conversation, turn)
            async for text in _live(desk, now, live, known, before):
                yield text
        else:
            async for text in _stored(desk, now, conversation, turn, known):
                yield text
        shown = await run_in_threadpool(lambda: desk.turn(now(), conversation, turn))
        yield sse("turn", TurnJson.of(shown).model_dump())
    except AssistantError as error:
        if not error.retryable:
            yield sse("error", {"error": error.message, "hint": error.hint, "code": error.code})


async def _live(
    desk: ConversationDesk, now: Callable[[], User], live: Live, known: int, before: Collection[str]
) -> AsyncIterator[str]:
    """Yield what this process writes; nothing but its end to somebody who may not read all that it is made from.

    `before`: the ids of what it rests on beside the events that come, such as what its history may repeat.
    """
    loop, more = asyncio.get_running_loop(), asyncio.Event()

    def tell() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and its clients with it
            loop.call_soon_threadsafe(more.set)

    position = _Position(known)
    reading = _Reading(desk, now, before)
    seen = 0
    with live.listening(tell):
        while True:
            more.clear()
            done = live.stored.is_set()
            fresh = live.since(seen)
            seen += len(fresh)
            for event in fresh:
                text = position.send(event) if await reading.may_see(event) else ""
                if text:
                    yield text
            if done:
                return
            try:
                await asyncio.wait_for(more.wait(), ALIVE_SECONDS)
            except TimeoutError:
                yield STILL_AT_WORK


async def _stored(
    desk: ConversationDesk, now: Callable[[], User], conversation: str, turn: str, known: int
) -> AsyncIterator[str]:
    """Yield what another process writes, as it stores it; of a finished turn nothing, as its end has all."""
    waited = 0.0
    planned = False
    told: dict[str, ToolUse] = {}
    while True:
        shown = await run_in_threadpool(lambda: desk.turn(now(), conversation, turn))
        if shown.record.state != "answering":
            return
        if shown.plan is not None and not planned:
            planned = True
            yield _with_id(known, sent(_announced(shown, shown.plan)))
        for use in shown.tools:
            if told.get(use.id) != use:
                told[use.id] = use
                yield _with_id(known, sent(_told(use)))
        text = shown.record.text
        if len(text) > known and not shown.withdrawn:
            yield _with_id(len(text), sent(TextDelta(text[known:])))
            known, waited = len(text), 0.0
        await asyncio.sleep(LOOK_SECONDS)
        waited += LOOK_SECONDS
        if waited > ALIVE_SECONDS:
            waited = 0.0
            yield STILL_AT_WORK


def _announced(shown: ShownTurn, plan: ContextPlan) -> PlanReady:
    said = shown.record.answer
    texts = {name: str(said.get(name, "")) for name in ("model", "why")}
    notes = tuple(said.get("notes", ()))
    return PlanReady(plan, **texts, question=shown.standalone, notes=notes, fallback=bool(said.get("fallback")))


def _told(use: ToolUse) -> AnswerEvent:
    if use.state == "waiting":
        return ApprovalWanted(use)
    return ToolStarted(use) if use.state in {"running", "approved"} else ToolFinished(use)


class _Reading:
    """Whether a follower may read what the answer is made from; while text comes, it is looked again and again."""

    def __init__(self, desk: ConversationDesk, now: Callable[[], User], before: Collection[str]) -> None:
        self._desk, self._now, self._before = desk, now, before
        self._plan: ContextPlan | None = None
        self._uses: list[ToolUse] = []
        self._may, self._due = True, 0.0

    async def may_see(self, event: AnswerEvent) -> bool:
        """Return whether the event may be sent."""
        if isinstance(event, PlanReady):
            self._plan = event.plan
        elif isinstance(event, ToolFinished) and event.use.rests_on:
            self._uses.append(event.use)
        if not isinstance(event, TextDelta) or time.monotonic() >= self._due:
            self._may = await run_in_threadpool(self._reads_all)
            self._due = time.monotonic() + SECONDS
        return self._may

    def _reads_all(self) -> bool:
        user = self._now()
        reads_plan = self._plan is None or self._desk.reads_all(user, self._plan)
        reads_plan = reads_plan and self._desk.reads(user, self._before)
        return reads_plan and all(self._desk.reads_use(user, use) for use in self._uses)


class _Position:
    """How much of the text a client has."""

    def __init__(self, known: int) -> None:
        self._known = known
        self._length = 0

    def send(self, event: AnswerEvent) -> str:
        """Return the event as it is sent, or nothing where the client has it."""
        if not isinstance(event, TextDelta):
            return _with_id(max(self._known, self._length), sent(event))
        before = self._length
        self._length += len(event.text)
        if self._length <= self._known:
            return ""
        rest = event.text[max(0, self._known - before) :]
        return _with_id(self._length, sent(TextDelta(rest)))


def _with_id(characters: int, text: str) -> str:
    return f"id: {characters}\n{text}"
