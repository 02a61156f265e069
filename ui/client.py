"""The UI's own HTTP client for the API: typed answers, and errors that can be shown to a person as they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlsplit

import httpx

from ui import sse, texts
from ui.models import Citation, Json, ListedDocument, Plan, Run, Source, Status, TextWindow

T = TypeVar("T")

# A long context takes minutes to read before the first word; silence for longer than this is a failure.
ANSWER_SECONDS = 600.0
CALL_SECONDS = 20.0


class ApiError(Exception):
    """The API refused or could not do something.

    Args:
        message: one line that names the thing and the cause.
        hint: the next step, empty if there is none.
        code: the API's stable word for the kind of error.
    """

    def __init__(self, message: str, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint, code)
        self.message = message
        self.hint = hint
        self.code = code


class ApiUnreachableError(ApiError):
    """The API does not answer at all."""


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
class UsageEvent:
    """The end of an answer: its whole text and what it took; timings in seconds by phase.

    `notes` are what the reader has to know of how the answer came to be.
    """

    answer: str
    found: bool
    model: str
    usage: Mapping[str, int] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


AskEvent = PlanEvent | TextEvent | CitationsEvent | UsageEvent


class ApiClient:
    """Calls one API. Safe to share between threads.

    Args:
        base_url: scheme, host and port of the API.
        timeout: seconds to wait for an ordinary call.

    Every method raises ApiUnreachableError if nothing answers and ApiError if the API says no.
    """

    def __init__(self, base_url: str, timeout: float = CALL_SECONDS) -> None:
        self.base_url = base_url.rstrip("/")
        self._timeout = timeout
        # A proxy from the environment must not swallow calls to this machine.
        loopback = urlsplit(self.base_url).hostname in {"127.0.0.1", "localhost", "::1"}
        self._http = httpx.Client(base_url=self.base_url, timeout=timeout, trust_env=not loopback)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def status(self) -> Status:
        """Return what the assistant holds and runs on."""
        return self._read(Status.read, "GET", "/api/status")

    def ask(
        self, question: str, *, mode: str = "auto", history: Sequence[Json] = (), sources: Sequence[str] | None = None
    ) -> Iterator[AskEvent]:
        """Ask and yield the answer's events as they come; the last one is a UsageEvent.

        Args:
            question: what the user wrote.
            mode: `auto`, `chunks`, `documents` or `corpus`.
            history: earlier turns as `{"role", "content"}`, oldest first.
            sources: names of the sources to answer from, None for all.

        Raises:
            ApiError: the API reported an error, or the answer broke off.
        """
        body = {"question": question, "mode": mode, "history": list(history), "sources": sources}
        timeout = httpx.Timeout(self._timeout, read=ANSWER_SECONDS)
        try:
            with self._http.stream("POST", "/api/ask", json=body, timeout=timeout) as response:
                if response.is_error:
                    response.read()
                    raise _refusal(response)
                for event in sse.events(response.iter_bytes()):
                    parsed = _ask_event(event)
                    if parsed is None:
                        continue
                    yield parsed
                    if isinstance(parsed, UsageEvent):
                        return
        except httpx.ConnectError as error:
            raise self._unreachable() from error
        except httpx.HTTPError as error:
            raise ApiError(texts.ANSWER_BROKE_OFF, texts.ANSWER_BROKE_OFF_HINT) from error
        raise ApiError(texts.ANSWER_BROKE_OFF, texts.ANSWER_BROKE_OFF_HINT)

    def documents(
        self, *, source: str | None = None, limit: int = 50, offset: int = 0
    ) -> tuple[tuple[ListedDocument, ...], int]:
        """Return a stretch of the documents that the user may read, and how many there are in all."""
        params = {"source": source, "limit": limit, "offset": offset}
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

    def page_image(self, source: str, key: str, start: int, end: int, width: int = 1200) -> bytes:
        """Return the page with the characters `start` to `end` (exclusive) of the text as a PNG, with them marked."""
        place = {"source": source, "key": key, "start": start, "end": end, "width": width}
        timeout = httpx.Timeout(self._timeout, read=ANSWER_SECONDS)  # an Office file is printed when it is first shown
        return self._call("GET", "/api/documents/page-image", params=place, timeout=timeout).content

    def picture(self, source: str, key: str, number: int) -> bytes:
        """Return a picture that a document shows, as an image file."""
        place = {"source": source, "key": key, "number": number}
        return self._call("GET", "/api/documents/picture", params=place).content

    def sources(self) -> tuple[Source, ...]:
        """Return all registered sources."""
        return self._read(lambda data: tuple(map(Source.read, data["sources"])), "GET", "/api/sources")

    def add_source(
        self, name: str, kind: str, config: Json, *, schedule: str | None = None, readers: Sequence[str] = ()
    ) -> None:
        """Register a source, which starts its first sync.

        Args:
            name: letters, digits, spaces and `. @ - _`.
            kind: the kind of source, e.g. `folder`.
            config: what that kind asks for.
            schedule: `every 15m` or a cron line, None for none.
            readers: names of the groups that may read its documents, none for everyone.
        """
        body: dict[str, Any] = {"name": name, "kind": kind, "config": dict(config), "schedule": schedule}
        if readers:
            body["readers"] = {"default": list(readers)}
        self._call("POST", "/api/sources", json=body)

    def sync(self, name: str) -> None:
        """Start a sync of the source."""
        self._call("POST", f"/api/sources/{quote(name, safe='')}/sync")

    def pause(self, name: str) -> None:
        """Hold the source's schedule."""
        self._call("POST", f"/api/sources/{quote(name, safe='')}/pause")

    def resume(self, name: str) -> None:
        """Take the source's schedule up again."""
        self._call("POST", f"/api/sources/{quote(name, safe='')}/resume")

    def remove(self, name: str) -> None:
        """Ask for the removal of the source and everything that was indexed from it."""
        self._call("DELETE", f"/api/sources/{quote(name, safe='')}")

    def runs(self, source: str | None = None) -> tuple[Run, ...]:
        """Return the runs, newest first, of one source or of all."""
        return self._read(
            lambda data: tuple(map(Run.read, data["runs"])), "GET", "/api/runs", params={"source": source}
        )

    def run(self, run_id: str) -> Run:
        """Return one run with its failures."""
        return self._read(
            lambda data: Run.read(data.get("run", data)),
            "GET",
            f"/api/runs/{quote(run_id, safe='')}",
        )

    def _unreachable(self) -> ApiUnreachableError:
        return ApiUnreachableError(texts.unreachable(self.base_url), texts.UNREACHABLE_HINT, "Unreachable")

    def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Json | None = None,
        timeout: httpx.Timeout | None = None,
    ) -> httpx.Response:
        known = {name: value for name, value in (params or {}).items() if value is not None}
        try:
            response = self._http.request(method, path, params=known, json=json, timeout=timeout or self._timeout)
        except httpx.TimeoutException as error:
            raise ApiUnreachableError(texts.slow(self.base_url), texts.SLOW_HINT, "Timeout") from error
        except httpx.HTTPError as error:
            raise self._unreachable() from error
        if response.is_error:
            raise _refusal(response)
        return response

    def _read(self, reader: Callable[[Any], T], method: str, path: str, **options: Any) -> T:
        response = self._call(method, path, **options)
        try:
            return reader(response.json())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ApiError(texts.not_understood(path), texts.NOT_UNDERSTOOD_HINT, "BadResponse") from error


def _refusal(response: httpx.Response) -> ApiError:
    """Return the error that an HTTP 4xx or 5xx answer stands for, whoever wrote it (a proxy may have)."""
    try:
        body = response.json()
    except ValueError:
        body = None
    if isinstance(body, Mapping) and body.get("error"):
        return ApiError(str(body["error"]), str(body.get("hint") or ""), str(body.get("code") or ""))
    return ApiError(texts.refused(response.status_code), texts.NOT_UNDERSTOOD_HINT, str(response.status_code))


def _ask_event(event: sse.ServerEvent) -> AskEvent | None:
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
            case "citations":
                return CitationsEvent(tuple(map(Citation.read, data["citations"])))
            case "usage":
                return UsageEvent(
                    str(data["answer"]),
                    bool(data["found"]),
                    str(data.get("model") or ""),
                    dict(data.get("usage") or {}),
                    dict(data.get("timings") or {}),
                    tuple(str(note) for note in data.get("notes") or ()),
                )
            case "error":
                failure = ApiError(str(data["error"]), str(data.get("hint") or ""), str(data.get("code") or ""))
            case _:
                return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ApiError(texts.not_understood("/api/ask"), texts.NOT_UNDERSTOOD_HINT, "BadResponse") from error
    raise failure
