"""Feeds a test set through the same ingestion as a company's documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from assistant.errors import NotFoundError
from assistant.types import Change, Changed, Checkpoint, RawDocument

KIND = "evaluation"


class NoConfig(BaseModel):
    """The test set is in memory: there is nothing to configure."""


class TextsSource:
    """A `DataSource` over texts in memory.

    Args:
        texts: title and text by document id; an empty title is left out.
        media_type: of all texts.
    """

    def __init__(self, texts: Mapping[str, tuple[str, str]], media_type: str = "text/plain") -> None:
        self._texts = texts
        self._media_type = media_type

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`."""
        del cursor
        for key in self._texts:
            yield Changed(key)
        yield Checkpoint("", complete=True)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        if key not in self._texts:
            raise NotFoundError(f"{key!r} is not in the test set")
        title, text = self._texts[key]
        return RawDocument(key, text.encode(), self._media_type, title, f"evaluation:{key}")
