"""The UI's own HTTP client for the API: typed answers, and errors that can be shown to a person as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from ui import sse, texts
from ui.access_calls import AccessCalls
from ui.audit_calls import AuditCalls
from ui.calls import ApiError, ApiUnreachableError, failure, refusal
from ui.composing_calls import ComposingCalls
from ui.group_calls import GroupCalls
from ui.hook_calls import HookCalls
from ui.inventory_calls import InventoryCalls
from ui.measure_calls import MeasureCalls
from ui.models import (
    Citation,
    Json,
    ListedConversation,
    ListedDocument,
    Plan,
    Status,
    StoredConversation,
    StoredTurn,
    TextWindow,
    ToolUse,
)
from ui.overseeing_calls import OverseeingCalls
from ui.people_calls import PeopleCalls
from ui.search_calls import SearchCalls
from ui.source_calls import SourceCalls
from ui.talk_calls import TalkCalls
from ui.tool_calls import ToolCalls
from ui.upload_calls import UploadCalls

__all__ = [
    "AnswerEvent",
    "ApiClient",
    "ApiError",
    "ApiUnreachableError",
    "BrokenOffError",
    "CitationsEvent",
    "EndEvent",
    "PlanEvent",
    "TextEvent",
]

# A long context takes minutes to read before the first word; silence for longer than this is a failure.
ANSWER_SECONDS = 600.0


class BrokenOffError(ApiError):
    """The stream of an answer ended before its end; the answer itself goes on, and can be followed from there."""


@dataclass(frozen=True, slots=True)
class PlanEvent:
    """What will be read for the answer."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class TextEvent:
    """More of the answer's text."""

    delta: str


@dataclass(frozen=True, slots=True)
class CitationsEvent:
    """The citations of the text so far."""

    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class ToolEvent:
    """A call of a tool begins, has ended or waits: the last event of an id counts."""

    use: ToolUse


@dataclass(frozen=True, slots=True)
class EndEvent:
    """The end of an answer: the turn as it is stored."""

    turn: StoredTurn


AnswerEvent = PlanEvent | TextEvent | ToolEvent | CitationsEvent | EndEvent


class ApiClient(
    TalkCalls,
    ToolCalls,
    HookCalls,
    AuditCalls,
    AccessCalls,
    PeopleCalls,
    GroupCalls,
    ComposingCalls,
    SearchCalls,
    SourceCalls,
    UploadCalls,
    OverseeingCalls,
    InventoryCalls,
    MeasureCalls,
):
    """Calls one API; see `HttpCalls`."""

    def status(self) -> Status:
        """Return what the assistant holds and runs on."""
        return self._read(Status.read, "GET", "/api/status")

    def conversations(
        self, query: str = "", limit: int = 50, offset: int = 0
    ) -> tuple[tuple[ListedConversation, ...], int]:
        """Return a stretch of the user's conversations, the pinned first, and how many there are in all."""
        return self._read(
            lambda data: (tuple(map(ListedConversation.read, data["conversations"])), int(data["total"])),
            "GET",
            "/api/conversations",
            params={"query": query, "limit": limit, "offset": offset},
        )

    def conversation(self, conversation: str) -> StoredConversation:
        """Return a conversation with the turns that are shown."""
        return self._read(StoredConversation.read, "GET", _path(conversation))

    def begin(self, question: Json) -> tuple[ListedConversation, StoredTurn]:
        """Begin a conversation with a question: `question`, `mode`, `sources` and `model`."""
        return self._read(
            lambda data: (ListedConversation.read(data["conversation"]), StoredTurn.read(data["turn"])),
            "POST",
            "/api/conversations",
            json=question,
            timeout=self._asking(question),
        )

    def go_on(self, conversation: str, question: Json, follows: str) -> StoredTurn:
        """Ask the next question, after the turn `follows`."""
        body = {**question, "follows": follows}
        path, timeout = f"{_path(conversation)}/turns", self._asking(question)
        return self._read(StoredTurn.read, "POST", path, json=body, timeout=timeout)

    def regenerate(self, conversation: str, turn: str, mode: str, model: str) -> StoredTurn:
        """Answer a question again, by this model or, if it is empty, by any."""
        body = {"mode": mode, "model": model}
        return self._read(StoredTurn.read, "POST", f"{_path(conversation, turn)}/regenerate", json=body)

    def edit(self, conversation: str, turn: str, question: Json) -> StoredTurn:
        """Ask another question in the place of one."""
        return self._read(StoredTurn.read, "POST", f"{_path(conversation, turn)}/edit", json=question)

    def stop(self, conversation: str, turn: str) -> StoredTurn:
        """End an answer that is under way."""
        return self._read(StoredTurn.read, "POST", f"{_path(conversation, turn)}/stop")

    def decide(self, conversation: str, turn: str, call: str, decision: Json) -> StoredTurn:
        """Say whether a call that waits is made; the answer goes on once all of its step are decided."""
        path = f"{_path(conversation, turn)}/calls/{quote(call, safe='')}/decision"
        return self._read(StoredTurn.read, "POST", path, json=decision)

    def show_version(self, conversation: str, turn: str) -> StoredConversation:
        """Show the branch of a conversation that goes through this turn."""
        return self._read(StoredConversation.read, "PATCH", _path(conversation), json={"shown": turn})

    def rename(self, conversation: str, title: str) -> None:
        """Give a conversation another title."""
        self._call("PATCH", _path(conversation), json={"title": title})

    def delete(self, conversation: str) -> None:
        """Delete a conversation; `restore` brings it back for a while."""
        self._call("DELETE", _path(conversation))

    def restore(self, conversation: str) -> None:
        """Bring a deleted conversation back."""
        self._call("POST", f"{_path(conversation)}/restore")

    def export(self, conversation: str, form: str) -> bytes:
        """Return a conversation as a file: `markdown`, `pdf` or `json`."""
        timeout = httpx.Timeout(ANSWER_SECONDS)  # a long one takes a moment to be set
        path = f"{_path(conversation)}/export"
        return self._call("GET", path, params={"format": form}, timeout=timeout).content

    def follow(self, conversation: str, turn: str, known: int = 0) -> Iterator[AnswerEvent]:
        """Yield the events of an answer as they come; the last one is an EndEvent.

        Args:
            conversation, turn: which.
            known: how many characters of its text are known already.

        Raises:
            ApiError: the API reported an error, or the stream broke off.
        """
        timeout = httpx.Timeout(self._timeout, read=ANSWER_SECONDS)
        path = f"{_path(conversation, turn)}/events"
        try:
            with self._http.stream("GET", path, params={"after": known}, timeout=timeout) as response:
                if response.is_error:
                    response.read()
                    raise refusal(response)
                for event in sse.events(response.iter_bytes()):
                    parsed = _answer_event(event)
                    if parsed is None:
                        continue
                    yield parsed
                    if isinstance(parsed, EndEvent):
                        return
        except httpx.ConnectError as error:
            raise self._unreachable() from error
        except httpx.HTTPError as error:
            raise BrokenOffError(texts.ANSWER_BROKE_OFF, texts.ANSWER_BROKE_OFF_HINT) from error
        raise BrokenOffError(texts.ANSWER_BROKE_OFF, texts.ANSWER_BROKE_OFF_HINT)

    def documents(
        self,
        *,
        source: str | None = None,
        query: str = "",
        media_types: Sequence[str] = (),
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[tuple[ListedDocument, ...], int]:
        """Return a stretch of the documents that the user may read, by name and type, and how many there are in all."""
        params: dict[str, Any] = {"source": source, "limit": limit, "offset": offset}
        params |= {"query": query or None, "media_type": list(media_types) or None}
        return self._read(
            lambda data: (tuple(map(ListedDocument.read, data["documents"])), int(data["total"])),
            "GET",
            "/api/documents",
            params=params,
        )

    def text(self, source: str, key: str, start: int, end: int) -> TextWindow:
        """Return the characters `start` to `end` (exclusive) of a document's text, clipped to what there is."""
        params = {"source": source, "key": key, "start": max(0, start), "end": end}
        return self._read(TextWindow.read, "GET", "/api/documents/text", params=params)

    def page(self, source: str, key: str, page: int) -> TextWindow:
        """Return the text of one page, counted from 1."""
        return self._read(
            TextWindow.read, "GET", "/api/documents/page", params={"source": source, "key": key, "page": page}
        )

    def page_image(
        self, source: str, key: str, start: int | None = None, end: int | None = None, page: int | None = None
    ) -> bytes:
        """Return the page with the characters `start` to `end` (exclusive) as a PNG, with them marked; or any page."""
        place = {"source": source, "key": key, "start": start, "end": end, "page": page, "width": 1200}
        timeout = httpx.Timeout(self._timeout, read=ANSWER_SECONDS)  # an Office file is printed when it is first shown
        return self._call("GET", "/api/documents/page-image", params=place, timeout=timeout).content

    def picture(self, source: str, key: str, number: int) -> bytes:
        """Return a picture that a document shows, as an image file."""
        place = {"source": source, "key": key, "number": number}
        return self._call("GET", "/api/documents/picture", params=place).content

    def attachment(self, conversation: str, turn: str, number: int) -> bytes:
        """Return a picture that was attached to a question, as an image file."""
        return self._call("GET", f"{_path(conversation, turn)}/attachments/{number}").content

    def _asking(self, question: Json) -> httpx.Timeout:
        """Return how long it may take that a question is accepted: words are recognised in its pictures first."""
        return httpx.Timeout(ANSWER_SECONDS if question.get("attachments") else self._timeout)


def _path(conversation: str, turn: str = "") -> str:
    path = f"/api/conversations/{quote(conversation, safe='')}"
    return f"{path}/turns/{quote(turn, safe='')}" if turn else path


def _answer_event(event: sse.ServerEvent) -> AnswerEvent | None:
    """Return the event, None if its name is not known here (a newer API may send more kinds).

    Raises:
        ApiError: it is an `error` event, or it cannot be read.
    """
    try:
        data = json.loads(event.data)
        match event.name:
            case "plan":
                return PlanEvent(Plan.read(data.get("plan", data)))
            case "text":
                return TextEvent(str(data["delta"]))
            case "tool_started" | "tool_finished" | "approval_wanted":
                return ToolEvent(ToolUse.read(data))
            case "citations":
                return CitationsEvent(tuple(map(Citation.read, data["citations"])))
            case "turn":
                return EndEvent(StoredTurn.read(data))
            case "error":
                broken = failure(data)
            case _:
                return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ApiError(texts.not_understood("/events"), texts.NOT_UNDERSTOOD_HINT, "BadResponse") from error
    raise broken
