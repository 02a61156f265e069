"""Answers that are being written: each in a thread of its own, stored while it comes, for any number of clients.

A keeper stores them all, once a second in one transaction, and learns of what is to stop: that may have been asked of
another process. A client that leaves ends nothing.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from assistant.catalog import Conversations, Progress, TurnRecord
from assistant.catalog.records import TurnState
from assistant.conversations.shown import read_for
from assistant.conversations.stored import (
    announced_row,
    answer_row,
    citation_rows,
    clean,
    plan_of,
    plan_row,
    use_row,
    uses_of,
)
from assistant.errors import AssistantError, ModelInterruptedError
from assistant.types import (
    AnswerDone,
    AnswerEvent,
    ApprovalWanted,
    CitationsReady,
    PlanReady,
    SoFar,
    TextDelta,
    ToolFinished,
    ToolStarted,
)

log = logging.getLogger(__name__)

STORE_SECONDS = 1.0
LEASE_SECONDS = 30.0


@dataclass(slots=True)
class Live:
    """One answer under way. All methods may be called by several threads.

    Args:
        turn: its turn's id.
        give_back: is called when its end is stored: it gives its place in the room back.
    """

    turn: str
    give_back: Callable[[], None] = field(default=lambda: None)

    @classmethod
    def going_on(cls, turn: TurnRecord, before: SoFar, give_back: Callable[[], None]) -> Live:
        """Return an answer that waited and goes on behind what there is of it."""
        is_whole = before.text == turn.text and before.tools == uses_of(turn.answer)  # else nothing of it is left
        read = sorted(read_for(turn, plan_of(turn.plan))) if is_whole else []
        answer = {**turn.answer, "tools": [use_row(use) for use in before.tools], "read_before": read}
        live = cls(turn.id, give_back, _text=before.text, _plan=dict(turn.plan), _answer=answer)
        live._stored_plan = live._plan
        if before.text:
            live._events.append(TextDelta(before.text))
        return live

    _events: list[AnswerEvent] = field(default_factory=list)
    _text: str = ""
    _plan: dict[str, Any] = field(default_factory=dict)
    _stored_plan: Mapping[str, Any] | None = None
    _answer: dict[str, Any] = field(default_factory=dict)
    _error: dict[str, Any] = field(default_factory=dict)
    _state: TurnState = "answering"
    _stop: Callable[[], None] | None = None
    _listeners: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)
    stored: threading.Event = field(default_factory=threading.Event)

    def take(self, event: AnswerEvent) -> None:
        """Take the answer's next event; nothing is taken after its end."""
        with self._lock:
            if self.ended.is_set():
                return
            match event:
                case PlanReady(plan):
                    self._plan = plan_row(plan)
                    kept: dict[str, Any] = {
                        name: self._answer[name] for name in ("tools", "read_before") if name in self._answer
                    }
                    self._answer = {**announced_row(event), **kept}
                case ToolStarted(use) | ToolFinished(use) | ApprovalWanted(use):
                    self._answer = {**self._answer, "tools": _with(self._answer.get("tools", []), use_row(use))}
                case TextDelta(text):
                    event = TextDelta(clean(text))
                    self._text += event.text
                case CitationsReady(citations):
                    self._answer = {**self._answer, "citations": citation_rows(citations)}
                case AnswerDone(answer):
                    self._text = clean(answer.text)
                    planned = plan_row(answer.plan)
                    if planned != self._plan:
                        self._plan = planned
                    self._answer = {**self._answer, **answer_row(answer)}
            if not isinstance(event, AnswerDone):
                self._events.append(event)
        self._tell()

    def end(self, state: TurnState, error: AssistantError | None = None) -> None:
        """End it so; what comes after is not part of it. Where it has ended, it stays as it is."""
        with self._lock:
            if self.ended.is_set():
                return
            self._state = _state_of(self._answer) if state == "complete" else state
            if error is not None:
                self._error = {"error": error.message, "hint": error.hint, "code": error.code}
                if isinstance(error, ModelInterruptedError) and len(error.text) > len(self._text):
                    self._text = clean(error.text)
            self.ended.set()
        self._tell()

    def may_be_stopped_by(self, stop: Callable[[], None]) -> None:
        """Say how its answerer is told to end it: it then comes to its end soon, with what the text so far rests on."""
        with self._lock:
            self._stop = stop

    def stop(self, seconds: float) -> None:
        """Let its answerer end it within so many seconds; else it ends with the text that there is."""
        if self._tell_to_stop():
            self.ended.wait(seconds)
        self.end("stopped")

    def stop_soon(self) -> None:
        """Let its answerer end it; where that was told before, or cannot be, it ends with the text that there is."""
        if not self._tell_to_stop():
            self.end("stopped")

    def _tell_to_stop(self) -> bool:
        with self._lock:
            stop, self._stop = self._stop, None
        if stop is not None:
            stop()
        return stop is not None

    def since(self, seen: int) -> list[AnswerEvent]:
        """Return the events after the first `seen` ones."""
        with self._lock:
            return self._events[seen:]

    def progress(self) -> Progress:
        """Return how far it has come, to be stored."""
        with self._lock:
            plan = None if self._plan is self._stored_plan else self._plan
            return Progress(self.turn, self._state, self._text, plan, self._answer, self._error)

    def mark_stored(self, progress: Progress) -> None:
        """Say that this much of it is stored; where that is its end, nobody waits for it any more."""
        if progress.plan is not None:
            self._stored_plan = progress.plan
        if progress.state != "answering":
            self.give_back()
            self.stored.set()
            self._tell()

    @contextmanager
    def listening(self, tell: Callable[[], None]) -> Iterator[None]:
        """Call `tell` whenever there is more; it must return at once."""
        with self._lock:
            self._listeners.append(tell)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(tell)

    def _tell(self) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for tell in listeners:
            tell()


class Keeper:
    """Stores the answers under way; see the module.

    Args:
        conversations: where.
        store_seconds: how often.
    """

    def __init__(self, conversations: Conversations, store_seconds: float = STORE_SECONDS) -> None:
        self._conversations = conversations
        self._store_seconds = store_seconds
        self._live: dict[str, Live] = {}
        self._lock = threading.Lock()
        self._storing = threading.Lock()
        self._begun = self._done = 0  # how many times all were stored: which began last, and which is done
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def get(self, turn: str) -> Live | None:
        """Return the answer to this turn, if this process is writing it."""
        with self._lock:
            return self._live.get(turn)

    def count(self) -> int:
        """Return how many there are."""
        with self._lock:
            return len(self._live)

    def add(self, live: Live) -> None:
        """Keep an answer from now on, until its end is stored."""
        with self._lock:
            self._live[live.turn] = live
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="answers-keeper", daemon=True)
                self._thread.start()

    def store(self) -> None:
        """Store all of them now; what waits meanwhile is stored together, by the first of those who wait.

        Raises:
            StorageError: the catalog does not take them; they are kept, and stored when it does.
        """
        with self._lock:
            seen = self._begun
        with self._storing:
            if self._done > seen:
                return  # it began after this call, and so it had all
            with self._lock:
                self._begun += 1
                begun, held = self._begun, list(self._live.values())
            progress = [live.progress() for live in held]
            stopping = self._conversations.write(progress, LEASE_SECONDS) if held else set()
            for live, told in zip(held, progress, strict=True):
                live.mark_stored(told)
                if told.state != "answering":
                    with self._lock:
                        self._live.pop(live.turn, None)
                elif live.turn in stopping:
                    live.stop_soon()
                    self._wake.set()
            self._done = begun

    def try_to_store(self) -> None:
        """Store all of them now; where that cannot be done, it is tried again in a moment."""
        try:
            self.store()
        except AssistantError as error:
            log.warning("an answer cannot be stored yet: %s", error)

    def close(self, seconds: float = 5.0) -> None:
        """End all answers as interrupted, and store that."""
        with self._lock:
            held = list(self._live.values())
        for live in held:
            live.end("interrupted")
            live.stop_soon()  # a model writes no further
        deadline = time.monotonic() + seconds
        while self.count() and time.monotonic() < deadline:
            try:
                self.store()
            except AssistantError as error:
                log.warning("answers cannot be stored at the end of the process: %s", error)
                return

    def _run(self) -> None:
        while True:
            self._wake.wait(self._store_seconds)
            self._wake.clear()
            with self._lock:
                if not self._live:
                    self._thread = None
                    return
            try:
                self.store()
            except AssistantError as error:
                log.warning("answers cannot be stored yet: %s", error)
            except Exception:
                log.exception("answers cannot be stored; it is tried again")


def _with(rows: Sequence[dict[str, Any]], row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the calls with this one, in the place of what was known of it."""
    if any(one["id"] == row["id"] for one in rows):
        return [row if one["id"] == row["id"] else one for one in rows]
    return [*rows, row]


def _state_of(answer: dict[str, Any]) -> TurnState:
    """Return how an answer ended that its answerer brought to an end itself."""
    said = answer.get("state")
    return said if said in {"interrupted", "stopped", "waiting"} else "complete"
