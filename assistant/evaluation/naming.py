"""Finds the documents that a question file names.

A name is, in this order: `SOURCE:KEY`, a key or a URI; a title; a file's name, which is the last part of a key, with or
without its suffix. The first of the three that any document has counts, and if several documents have it there, each of
them does. Upper and lower case are told apart only where that leaves a document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from assistant.types import DocumentRef

_LEVELS = 3


class Names:
    """The documents by their names.

    Args:
        refs: those that may be meant.
    """

    def __init__(self, refs: Iterable[DocumentRef]) -> None:
        self._exact: list[dict[str, set[str]]] = [{} for _ in range(_LEVELS)]
        self._folded: list[dict[str, set[str]]] = [{} for _ in range(_LEVELS)]
        self.refs: dict[str, DocumentRef] = {}
        for ref in refs:
            self.refs[ref.id] = ref
            for level, name in _names(ref):
                self._exact[level].setdefault(name, set()).add(ref.id)
                self._folded[level].setdefault(name.casefold(), set()).add(ref.id)

    def find(self, name: str) -> frozenset[str]:
        """Return the ids of the documents of that name; none where nothing is called so."""
        for level in range(_LEVELS):
            found = self._exact[level].get(name) or self._folded[level].get(name.casefold())
            if found:
                return frozenset(found)
        return frozenset()


def _names(ref: DocumentRef) -> Iterator[tuple[int, str]]:
    yield 0, f"{ref.source}:{ref.key}"
    yield 0, ref.key
    yield 0, ref.uri
    yield 1, ref.title
    last = PurePosixPath(ref.key.rpartition("!/")[2] or ref.key)
    yield 2, last.name
    yield 2, last.stem
