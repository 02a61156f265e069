"""Puts a document's text together piece by piece and keeps where each block stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.types import Block, BlockKind, Document, DocumentRef, Page

# What a stored text must not hold: control characters (but tab and newline) and lone surrogates.
_UNWANTED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_GAP = "\n\n"
_MAX_TITLE = 300


def clean(text: str) -> str:
    """Return `text` with newlines as `\\n` and without control characters and lone surrogates."""
    return _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_title(title: str | None) -> str:
    """Return a title on one line, cut at a word to a length that a list can show, or an empty string."""
    line = " ".join(clean(title or "").split())
    return line if len(line) <= _MAX_TITLE else line[:_MAX_TITLE].rsplit(" ", 1)[0] + "…"


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each line, its line break (`\\n`, `\\r\\n` or `\\r`) included."""
    for match in _LINE.finditer(text):
        if match.end() > match.start():
            yield match.span()


def paragraphs(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each run of lines that are not blank, white space at both ends left out.

    Args:
        text: the whole text.
        start: where to begin; the offsets yielded count from the text's begin all the same.
    """
    first: int | None = None
    last = start
    for line_start, line_end in lines(text[start:]):
        line = text[start + line_start : start + line_end]
        stripped = line.strip()
        if not stripped:
            if first is not None:
                yield first, last
            first = None
            continue
        if first is None:
            first = start + line_start + line.index(stripped[0])
        last = start + line_start + len(line.rstrip())
    if first is not None:
        yield first, last


class TextBuilder:
    """Collects blocks of clean text; `length` is the text's so far, `last_start` where the last block begins."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self.length = 0
        self.last_start = 0

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def add(self, kind: BlockKind, text: str, *, gap: str = _GAP, level: int = 0, page: int | None = None) -> None:
        """Append a block.

        Args:
            kind: what it is.
            text: its text; nothing is added where that is empty.
            gap: what stands between it and the text before it.
            level: a heading's depth from 1, else 0.
            page: the page it stands on.
        """
        if not text:
            return
        if self._parts:
            self._parts.append(gap)
            self.length += len(gap)
        self._parts.append(text)
        self.last_start, self.length = self.length, self.length + len(text)
        self._blocks.append(Block(kind, text, self.last_start, self.length, page=page, level=level))

    def add_document(self, document: Document, *, page: int | None = None, deeper: int = 0) -> int | None:
        """Append another document's blocks, with what stands between them left as it is.

        Args:
            document: whose blocks are added.
            page: the page they stand on here.
            deeper: how many levels its headings go down, to six at most.

        Returns:
            Where the first block begins, None if there is none.
        """
        first: int | None = None
        end = 0
        for block in document.blocks:
            gap = _GAP if first is None else document.text[end : block.start]
            level = min(block.level + deeper, 6) if deeper and block.level else block.level
            self.add(block.kind, block.text, gap=gap, level=level, page=page)
            first = self.last_start if first is None else first
            end = block.end
        return first

    def page_since(self, before: int, number: int, name: str = "") -> Page:
        """Return the page that holds what was added since the text's length was `before`; it may be empty."""
        return Page(number, min(before + len(_GAP), self.length) if before else 0, self.length, name)

    def first_heading(self) -> str:
        """Return the text of the first heading, or an empty string."""
        return next((block.text for block in self._blocks if block.kind == "heading"), "")

    def build(self, ref: DocumentRef, title: str = "", pages: Sequence[Page] = ()) -> Document:
        """Return the document, with `title` in its reference where there is one."""
        title = clean_title(title)
        named = replace(ref, title=title) if title else ref
        return Document(named, "".join(self._parts), tuple(self._blocks), tuple(pages))
