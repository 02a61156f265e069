"""What both adapters share: one user's searches, and what a found passage carries."""

from __future__ import annotations

from typing import Any, Protocol

from assistant.errors import ConfigurationError
from assistant.retrieval import Retriever
from assistant.types import Filters, Passage, User


class Finder(Protocol):
    """What has a retriever, which may become another one while it is used: an `App`."""

    @property
    def retriever(self) -> Retriever:
        """Finds passages."""
        ...


class Finding:
    """Searches for one user: always with the retriever that the app has now, and with the rights that hold now."""

    def __init__(self, app: Finder, user: User, limit: int, filters: Filters) -> None:
        if limit < 1:
            raise ConfigurationError(f"limit is {limit}", "ask for one passage at least")
        self._app = app
        self._user = user
        self._limit = limit
        self._filters = filters

    def __call__(self, query: str) -> list[Passage]:
        """Return the best passages, best first. Raises IndexUnavailableError."""
        return self._app.retriever.search(query, self._user, self._limit, self._filters)


def metadata(passage: Passage) -> dict[str, Any]:
    """Return where the passage stands, as JSON values.

    `source`, `key`, `title` and `uri` name the document; `page` counts from 1 or is None; `start` and `end` count code
    points of the document's text, end exclusive; `score` is the search's own, higher is better.
    """
    ref = passage.ref
    return {
        "source": ref.source,
        "key": ref.key,
        "title": ref.title,
        "uri": ref.uri,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "score": passage.score,
    }


def passage_id(passage: Passage) -> str:
    """Return the same id for the same stretch of the same version of a document."""
    return f"{passage.ref.id}:{passage.ref.version}:{passage.start}-{passage.end}"
