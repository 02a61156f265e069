"""What the tools do: each call for the user who calls, on an assistant that is open only while calls are at work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager

from pydantic import BaseModel, Field

from assistant.access import Caller
from assistant.answer.answerer import finished
from assistant.answer.streams import AnswerStream
from assistant.app import App
from assistant.audit import origin_now
from assistant.catalog import NOBODY, Act, Outcome
from assistant.errors import ConfigurationError, NotFoundError, NotSignedInError
from assistant.types import Filters, Mode, Passage, Question, User, document_id
from assistant.wire import AnswerJson, DocumentJson


class FoundJson(BaseModel):
    """A passage that a search found."""

    document: DocumentJson
    page: int | None = Field(description="From 1; null where the document has no pages.")
    start: int = Field(description="First character in the document's text, in Unicode code points.")
    end: int = Field(description="One past the last character.")
    score: float
    text: str

    @classmethod
    def of(cls, passage: Passage) -> FoundJson:
        """Return the JSON for the passage, with the text that models are given."""
        return cls(
            document=DocumentJson.of(passage.ref),
            page=passage.page,
            start=passage.start,
            end=passage.end,
            score=round(passage.score, 6),
            text=passage.own_text,
        )


class FoundPassagesJson(BaseModel):
    """What a search found, best first."""

    passages: list[FoundJson]
    seconds: float


class WindowJson(BaseModel):
    """A part of a document's text."""

    document: DocumentJson
    start: int
    end: int
    characters: int = Field(description="Of the whole text.")
    next_start: int | None = Field(description="Where to read on; null at the end.")
    page: int | None = Field(description="The page at `start`, from 1; null where the document has no pages.")
    text: str


class Waiting:
    """Whether who asked still waits for the answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: AnswerStream | None = None
        self._over = False

    def for_the_end_of(self, events: AnswerStream) -> None:
        """Wait for these; they end at once where it is over already."""
        with self._lock:
            self._events = events
            over = self._over
        if over:
            events.stop()

    def end(self) -> None:
        """Wait no more; from any thread."""
        with self._lock:
            self._over = True
            events = self._events
        if events is not None:
            events.stop()


class Desk:
    """Searches, reads and answers for users, and signs them in.

    The assistant is closed between calls: an index in this process's hands would keep `assistant up` and
    `assistant ingest` from starting for as long as a desktop program is open. Calls at the same time share it.

    Args:
        opened: opens the assistant, for as long as it is entered.
    """

    def __init__(self, opened: Callable[[], AbstractContextManager[App]]) -> None:
        self._opened = opened
        self._lock = threading.Lock()
        self._users = 0
        self._app: App | None = None
        self._closing = ExitStack()

    @contextmanager
    def _shared(self) -> Iterator[App]:
        with self._lock:
            if self._app is None:
                self._app = self._closing.enter_context(self._opened())
            self._users += 1
            app = self._app
        try:
            yield app
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._app = None
                    self._closing.close()

    def sign_in(self, token: str) -> Caller:
        """Return who calls with the token, as that person is at this moment; who does not sign in is recorded.

        Raises:
            NotSignedInError, CatalogUnavailableError: as `PeopleDesk.sign_in`.
            AuditUnavailableError: it cannot be recorded.
        """
        with self._shared() as app:
            try:
                return app.people.sign_in(token)
            except NotSignedInError:
                _record(app, User(NOBODY, frozenset()), "signed in", (), "refused")
                raise

    def search(self, user: User, query: str, limit: int, sources: Sequence[str] | None) -> FoundPassagesJson:
        """Return the best passages that the user may read.

        Raises:
            ConfigurationError: the query is empty.
            IndexUnavailableError: the index does not answer.
        """
        if not query.strip():
            raise ConfigurationError("the query is empty", "say what to look for")
        filters = Filters(sources=None if sources is None else tuple(sources))
        with self._shared() as app:
            retriever = app.retriever  # loading the model is no part of the search's time
            started = time.perf_counter()
            passages = retriever.search(query, user, limit, filters)
            seconds = time.perf_counter() - started
            _record(app, user, "searched", [passage.ref.id for passage in passages], question=query)
        return FoundPassagesJson(passages=[FoundJson.of(each) for each in passages], seconds=round(seconds, 4))

    def read(self, user: User, source: str, key: str, start: int, length: int) -> WindowJson:
        """Return at most `length` characters of the document's current text from `start` on.

        Raises:
            NotFoundError: there is no such document that the user may read.
            ConfigurationError: `start` is behind the end of the text.
        """
        with self._shared() as app:
            try:
                document = app.library.read(source, key, user)
            except NotFoundError:
                _record(app, user, "document opened", [document_id(source, key)], "refused", source=source, key=key)
                raise
            _record(app, user, "document opened", [document.ref.id], source=source, key=key)
        text = document.own_text
        if start > len(text):
            raise ConfigurationError(
                f"start is {start}, but the text of {key!r} has {len(text)} characters", "read from an earlier place"
            )
        end = min(start + length, len(text))
        return WindowJson(
            document=DocumentJson.of(document.ref),
            start=start,
            end=end,
            characters=len(text),
            next_start=end if end < len(text) else None,
            page=document.page_at(start),
            text=text[start:end],
        )

    def ask(
        self,
        user: User,
        question: str,
        mode: Mode | None,
        sources: Sequence[str] | None,
        waiting: Waiting | None = None,
    ) -> AnswerJson:
        """Return the answer with its citations, from what the user may read; no call that writes is made for it.

        Args:
            user, question, mode, sources: as the tool has them.
            waiting: says when nobody waits for it any more: the model writes no further then.

        Raises:
            ConfigurationError: the question is empty.
            IndexUnavailableError, ModelServerError: the index or the model does not answer.
        """
        if not question.strip():
            raise ConfigurationError("the question is empty", "ask something")
        filters = Filters(sources=None if sources is None else tuple(sources))
        with self._shared() as app:
            _record(app, user, "asked", question=question)
            asked = Question(question, mode=mode or app.settings.answer_mode, filters=filters)
            events = app.answerer.stream(asked, user)
            if waiting is not None:
                waiting.for_the_end_of(events)
            return AnswerJson.of(finished(events))


def _record(
    app: App, user: User, action: str, documents: Sequence[str] = (), outcome: Outcome = "done", **details: str
) -> None:
    """Record a call before its caller sees what it found; what is searched for only where the policy wants it."""
    if not app.audit.keeps_questions:
        details.pop("question", None)
    act = Act(action, user.id, outcome, origin_now(), documents=tuple(documents), details=details)
    app.audit.record(act)
