"""A document's text with the places where its sections and blocks begin, for searches that show more around hits."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from assistant.chunking.headings import find_headings
from assistant.types import Document, DocumentRef

_CHARACTERS = 8_000_000  # kept in all
_LONGEST = 2_000_000  # characters of one document: a longer one is read anew each time


@dataclass(frozen=True, slots=True)
class Outline:
    """The text, and in order: where headings, and blocks of any kind, begin; tables from start to end; pages.

    `pages` are pairs of a page's first character and its number.
    """

    ref: DocumentRef
    text: str
    headings: tuple[int, ...] = ()
    blocks: tuple[int, ...] = ()
    tables: tuple[tuple[int, int], ...] = ()
    pages: tuple[tuple[int, int], ...] = ()

    @staticmethod
    def of(document: Document) -> Outline:
        """Return the outline of a document."""
        blocks = document.blocks
        headings = [heading.start for heading in find_headings(document)]  # of their lines, with what marks them
        return Outline(
            document.ref,
            document.text,
            tuple(sorted(headings)),
            tuple(sorted({*headings, *(block.start for block in blocks if block.kind != "heading")})),
            tuple(sorted((block.start, block.end) for block in blocks if block.kind == "table")),
            tuple((page.start, page.number) for page in document.pages),
        )

    def page_at(self, offset: int) -> int | None:
        """Return the number of the page that holds the character at `offset`, None where there are no pages."""
        at = bisect_right(self.pages, (offset, 1 << 62)) - 1
        return self.pages[at][1] if at >= 0 else None


class Outlines:
    """Keeps the outlines that were used last. It knows nothing of rights: callers check before each call.

    Args:
        load: reads a version's text.
    """

    def __init__(self, load: Callable[[DocumentRef], Document]) -> None:
        self._load = load
        self._kept: OrderedDict[tuple[str, str], Outline] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, ref: DocumentRef) -> Outline:
        """Return the version's outline. Raises NotFoundError, StorageError as the loader does."""
        key = ref.id, ref.version
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        made = Outline.of(self._load(ref))
        if len(made.text) <= _LONGEST:
            self._keep(key, made)
        return made

    def _keep(self, key: tuple[str, str], made: Outline) -> None:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._size += len(made.text)
            while self._size > _CHARACTERS:
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone.text)
