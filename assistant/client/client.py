"""Calls the API over HTTP and returns what it says in its own shapes; its errors are raised as the house's."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import quote

import httpx

from assistant import errors
from assistant.adapters.server_events import lines
from assistant.errors import AssistantError, ConfigurationError, ServiceError
from assistant.wire import AnswerJson, ListedDocumentJson, RunJson, SearchJson, SourceJson

Read = TypeVar("Read")
Mode = Literal["auto", "chunks", "documents", "corpus"]
_NONE: Mapping[str, Any] = {}
_PAGE = 1000  # documents that one request lists
_ANSWER_SECONDS = 600.0  # a long context is read for minutes before the first word


@dataclass(frozen=True, slots=True)
class Event:
    """What comes of an answer while it is made: `plan`, `text`, `tool_started`, `tool_finished`, `citations`, `usage`.

    Attributes:
        name: what came.
        data: as the API has it; of `text` its `delta`.
    """

    name: str
    data: dict[str, Any]


class Client:
    """The API at an address, as one person. Safe to share between threads; close it, or use it in a `with`.

    Args:
        url: where the API is.
        token: `ast_…` of the person; empty where nobody signs in.
        timeout: seconds without a byte after which a request is given up; for a question they are 600 at least.
        http: sends the requests; None: an own one.

    Every method raises the `AssistantError` that the API names, such as `NotFoundError`, `AccessDeniedError` and
    `NotSignedInError`; and `ServiceError` where nothing, or something else, answers at the address.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8090",
        token: str = "",
        *,
        timeout: float = 60.0,
        http: httpx.Client | None = None,
    ) -> None:
        self._http = http or httpx.Client(timeout=timeout, trust_env=False)
        self._patience = httpx.Timeout(timeout, read=max(timeout, _ANSWER_SECONDS))
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def search(self, query: str, *, limit: int | None = None, filters: Mapping[str, Any] = _NONE) -> SearchJson:
        """Return the best passages, best first.

        Args:
            query: in words.
            limit: how many; None: as configured.
            filters: `sources`, `types`, `paths`, `languages`, `after`, `before`, as the API has them.
        """
        body = {"query": query, "limit": limit, **filters}
        return self._call(SearchJson.model_validate, "POST", "/api/search", json=body)

    def stream(
        self,
        question: str,
        *,
        mode: Mode | None = None,
        budget: int | None = None,
        history: Sequence[tuple[Literal["user", "assistant"], str]] = (),
        filters: Mapping[str, Any] = _NONE,
    ) -> Iterator[Event]:
        """Yield the events of an answer as they come; leaving the loop stops it.

        Args:
            question: in words.
            mode: how much is read; None: as configured.
            budget: tokens of documents; None: as configured.
            history: turns before it, oldest first: who said it, and what.
            filters: as of `search`.
        """
        turns = [{"role": role, "content": text} for role, text in history]
        body = {"question": question, "mode": mode, "budget": budget, "history": turns, **filters}
        with self._sent("POST", "/api/ask", json=body, timeout=self._patience) as response, _understood(response.url):
            kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "text/event-stream":
                raise ValueError(f"{kind or 'nothing'} in the place of events")
            for event in _events(lines(response.iter_bytes())):
                if event.name == "error":
                    raise _raised(event.data)
                yield event

    def ask(
        self,
        question: str,
        *,
        mode: Mode | None = None,
        budget: int | None = None,
        history: Sequence[tuple[Literal["user", "assistant"], str]] = (),
        filters: Mapping[str, Any] = _NONE,
    ) -> AnswerJson:
        """Return the whole answer, with its citations and its plan. Arguments: as of `stream`."""
        told: dict[str, dict[str, Any]] = {}
        for event in self.stream(question, mode=mode, budget=budget, history=history, filters=filters):
            told[event.name] = event.data
        if "usage" not in told:
            raise ServiceError("the answer broke off before it was complete", "ask again")
        with _understood(self._url):
            return AnswerJson.model_validate({**told["usage"], **told["citations"], "plan": told["plan"]})

    def documents(self, *, source: str = "") -> Iterator[ListedDocumentJson]:
        """Yield all documents that the person may read, of one source or of all, by source and key."""
        of = {"source": source} if source else {}
        offset = 0
        while True:
            window = {**of, "limit": _PAGE, "offset": offset}
            page, total = self._call(_page, "GET", "/api/documents", params=window)
            yield from page
            offset += len(page)
            if not page or offset >= total:
                return

    def text(self, source: str, key: str, *, start: int = 0, end: int | None = None) -> str:
        """Return a document's text, or the characters (code points) from `start` to before `end`."""
        window = {"source": source, "key": key, "start": start, **({} if end is None else {"end": end})}
        return self._call(lambda said: str(said["text"]), "GET", "/api/documents/text", params=window)

    def upload(self, files: Mapping[str, bytes], *, readers: Sequence[str] | None = None) -> list[str]:
        """Upload files; return the keys that they got.

        Args:
            files: bytes by name; an earlier upload of the same name gives way.
            readers: groups, or `user:ID`, that may read them beside the person; empty: nobody else. None: those who
                may read an earlier upload of that name, and nobody else where there is none.

        Raises:
            ConfigurationError: a reader's name has a comma, which parts names here.
            AssistantError: the first one that was refused says why; the others were taken.
        """
        for reader in readers or ():
            if "," in reader:
                raise ConfigurationError(f"the reader {reader!r} has a comma", "share by PATCH /api/uploads/{key}")
        sent = [("files", (name, data)) for name, data in files.items()]
        shared = {} if readers is None else {"readers": ",".join(readers)}
        return self._call(_taken, "POST", "/api/uploads", files=sent, data=shared)

    def sources(self) -> list[SourceJson]:
        """Return the sources that the person sees."""
        return self._call(
            lambda said: [SourceJson.model_validate(one) for one in said["sources"]], "GET", "/api/sources"
        )

    def sync(self, source: str) -> None:
        """Ask for a sync of a source; `runs` tells how it goes."""
        self._call(lambda said: said, "POST", f"/api/sources/{quote(source, safe='')}/sync")

    def runs(self, *, source: str = "", limit: int = 20) -> list[RunJson]:
        """Return the newest syncs."""
        wanted = {"limit": limit, **({"source": source} if source else {})}
        return self._call(
            lambda said: [RunJson.model_validate(one) for one in said["runs"]], "GET", "/api/runs", params=wanted
        )

    def _call(self, read: Callable[[Any], Read], method: str, path: str, **more: Any) -> Read:
        """Return what `read` makes of the JSON that is answered."""
        with self._sent(method, path, **more) as response, _understood(response.url):
            return read(json.loads(response.read()))

    @contextmanager
    def _sent(self, method: str, path: str, **more: Any) -> Iterator[httpx.Response]:
        try:
            with self._http.stream(method, self._url + path, headers=self._headers, **more) as response:
                if not response.is_success:
                    raise _refused(response)
                yield response
        except httpx.HTTPError as error:
            raise ServiceError(
                f"the assistant does not answer at {self._url}: {error or type(error).__name__}", "start it, try again"
            ) from error


@contextmanager
def _understood(where: object) -> Iterator[None]:
    """Raise ServiceError where what is answered is not of the API's form; pydantic's and json's are ValueErrors."""
    try:
        yield
    except (ValueError, KeyError, TypeError) as error:
        said = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        raise ServiceError(f"{where} answered what the API does not say: {said}", "see what answers there") from error


def _page(said: Any) -> tuple[list[ListedDocumentJson], int]:
    return [ListedDocumentJson.model_validate(one) for one in said["documents"]], int(said["total"])


def _taken(said: Any) -> list[str]:
    for refused in said["refused"]:
        raise _raised(refused)
    return [str(one["key"]) for one in said["uploads"]]


def _events(told: Iterable[str]) -> Iterator[Event]:
    name = "message"
    for line in told:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield Event(name, {**json.loads(line.removeprefix("data: "))})


def _refused(response: httpx.Response) -> AssistantError:
    try:
        return _raised(json.loads(response.read()))
    except (ValueError, KeyError, TypeError):  # it comes from something in between, such as a proxy
        return ServiceError(
            f"{response.url} answered with HTTP status {response.status_code}", "see what answers there"
        )


def _raised(said: Mapping[str, Any]) -> AssistantError:
    """Return the error that the API names; one that this version does not know is a `ServiceError`."""
    kind = getattr(errors, str(said["code"]), ServiceError)
    known = isinstance(kind, type) and issubclass(kind, AssistantError)
    return (kind if known else ServiceError)(str(said["error"]), str(said["hint"]))
