"""Where documents come from: what a data source implements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from assistant.types import Change, RawDocument


@runtime_checkable
class DataSource(Protocol):
    """Where documents come from. Made by a plugin's factory from its validated configuration."""

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """List what is there, or what changed since `cursor`.

        Args:
            cursor: what the last `Checkpoint` carried, None at the first sync. It may be one from the middle of a
                listing that broke off: then what was listed before it need not be listed again.

        Yields:
            `Changed` and `Deleted` keys, and `Checkpoint`s; with `Checkpoint(complete=True)` last, every key that
            was not listed since the start counts as deleted.

        Raises:
            SourceError: the source cannot be read; nothing is deleted then.
        """
        ...

    def fetch(self, key: str) -> RawDocument:
        """Return the document's bytes, type and readers as they are now.

        Raises:
            NotFoundError: the key is gone.
            DocumentUnreadableError, DocumentChangedError, SourceUnreachableError: as their names say.
        """
        ...
