"""The chunker: keeps sections and blocks whole where they fit, and lets semchunk cut the blocks that are too long.

A range over the limit is parted at its highest headings, in the end at its blocks (paragraphs, list items, tables,
code); neighbours that fit together are joined again. A block over the limit is cut by the package semchunk.

Measured against a search of our own for the cheapest cuts, in nearly twice the code. Recall at 128, 160 and 200 tokens
by `tests/benchmarks/chunking.py` (236 questions): 0.749, 0.724, 0.773 here, 0.742, 0.768, 0.788 there; in the mean of
the three no clear difference (-0.017, 95 % from -0.044 to +0.008). nDCG@10 on product documentation: 0.816 and 0.809.
Chunks that end in mid-sentence, of a hard-wrapped handbook's: 3.0 % and 1.3 %, and 7.2 % without parting at blocks.
semchunk alone has a recall of 0.787 at 200 tokens, LlamaIndex' sentence splitter 0.756.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from semchunk import chunkerify  # type: ignore[attr-defined]  # exported without saying so

from assistant.chunking.headings import Heading, Trail, find_headings
from assistant.types import Chunk, Document
from assistant.types.documents import clipped

METHOD = "sections-semchunk-3"
_CHARACTERS_PER_TOKEN = 16  # a "token" longer than this is no language: an embedder reads nothing out of it
_BLOCK = 10  # the rank of a block's begin; a heading's rank is its level
_MAX_ROW = 1000  # characters; a longer first row is no header that would help
_MEMORY = 1024  # how many texts' sizes are remembered while a document is cut

CountTokens = Callable[[Sequence[str]], list[int]]
Spans = list[tuple[int, int]]


class TokenChunker:
    """Cuts a document into chunks of at most `chunk_tokens` tokens. Safe to use from several threads.

    Args:
        count_tokens: the embedder's own: each text's length in tokens, special ones left out.
        chunk_tokens: the longest chunk, in those tokens.
        embedder_name: whose tokens they are; part of `version`.
    """

    def __init__(self, count_tokens: CountTokens, chunk_tokens: int, embedder_name: str) -> None:
        self._count = count_tokens
        self._limit = chunk_tokens
        self._version = f"{METHOD}/semchunk-{version('semchunk')}/{chunk_tokens}/{embedder_name}"

    @property
    def version(self) -> str:
        """See `interfaces.Chunker`."""
        return self._version

    def chunk(self, document: Document) -> list[Chunk]:
        """Return chunks that hold every character but white space at their ends. See `interfaces.Chunker`.

        Notices are cut like all other text, and each chunk says which of its characters are notices.
        """
        text = document.text
        headings = find_headings(document)
        paths = Trail(headings)
        tables, notices = _Tables(document), _Notices(document)
        chunks: list[Chunk] = []
        for first, last in _Cutter(document, headings, self._count, self._limit).cut(0, len(text)):
            content = text[first:last].strip()
            if content:
                start = text.index(content, first)
                end = start + len(content)
                page, path = document.page_at(start), paths.common(start, end)
                row = tables.header_at(start)
                own = notices.within(start, end)
                chunks.append(Chunk(document.ref.id, len(chunks), start, end, content, page, path, row, notices=own))
        return chunks


class _Tables:
    """A document's tables: which header row belongs to the rows at an offset."""

    def __init__(self, document: Document) -> None:
        self._tables = [block for block in document.blocks if block.kind == "table"]
        self._starts = [table.start for table in self._tables]

    def header_at(self, offset: int) -> str:
        """Return the first row of the table that the offset lies inside of, empty at its begin and outside."""
        at = bisect_left(self._starts, offset) - 1  # the last table that begins before the offset
        if at < 0 or offset >= self._tables[at].end:
            return ""
        row = self._tables[at].text.split("\n", 1)[0].rstrip("\r")
        return row if len(row) <= _MAX_ROW else ""


class _Notices:
    """A document's notices: which of them, or what of them, stands in a stretch of its text."""

    def __init__(self, document: Document) -> None:
        self._spans = document.notices
        self._starts = [start for start, _ in self._spans]

    def within(self, start: int, end: int) -> tuple[tuple[int, int], ...]:
        """Return their spans from `start` to `end`, in order."""
        first = max(bisect_right(self._starts, start) - 1, 0)  # the last one that begins before may reach in
        return clipped(self._spans[first : bisect_left(self._starts, end)], start, end)


class _Cutter:
    """Cuts one document; `bounds` are the places where it may be parted, with their ranks (the lowest goes first)."""

    def __init__(self, document: Document, headings: Sequence[Heading], count: CountTokens, limit: int) -> None:
        self._text, self._count, self._limit = document.text, count, limit
        self._size = lru_cache(_MEMORY)(self._measure)
        self._bounds = {block.start: _BLOCK for block in document.blocks if block.kind != "heading"}
        self._bodies: dict[int, int] = {}  # where the text under a section's headings begins, by the section's begin
        section = reach = -1
        for heading in headings:
            # A heading stays with what follows it, be it a table or another heading.
            if heading.start > reach:
                section = heading.start
                self._bounds[section] = heading.level
            reach = self._bodies[section] = heading.body
            self._bounds.pop(reach, None)
        self._places = sorted(self._bounds)

    def cut(self, start: int, end: int) -> Spans:
        """Return the spans of a range's chunks, in order; only white space is left out."""
        if self._size(self._text[start:end]) <= self._limit:
            return [(start, end)]
        inner = self._places[bisect_right(self._places, start) : bisect_left(self._places, end)]
        if not inner:
            return self._prose(start, end)
        rank = min(self._bounds[place] for place in inner)
        cuts = [start, *(place for place in inner if self._bounds[place] == rank), end]
        return self._joined([span for part in itertools.pairwise(cuts) for span in self.cut(*part)])

    def _joined(self, spans: Spans) -> Spans:
        """Join neighbours, from the first on, while they fit the limit together."""
        groups: list[Spans] = []
        total = 0
        for span in spans:
            size = self._size(self._text[slice(*span)])
            if groups and total + size <= self._limit:
                groups[-1].append(span)
                total += size
            else:
                groups.append([span])
                total = size
        joined: Spans = []
        for group in groups:
            whole = (group[0][0], group[-1][1])
            # Tokens need not add up.
            joined += [whole] if self._size(self._text[slice(*whole)]) <= self._limit else group
        return joined

    def _prose(self, start: int, end: int) -> Spans:
        """Cut a range without structure, but not right after its heading."""
        spans = self._semchunk(start, end, self._limit)
        body = self._bodies.get(start, start)
        if not spans or not spans[0][1] <= body < end:
            return spans
        room = self._limit - self._size(self._text[start:body])
        first = self._semchunk(body, end, room)[:1] if room > 0 else []
        if not first or self._size(self._text[start : first[0][1]]) > self._limit:
            return spans
        return [(start, first[0][1]), *self._semchunk(first[0][1], end, self._limit)]

    def _semchunk(self, start: int, end: int, limit: int) -> Spans:
        # Not memoized: semchunk would keep the texts and their sizes for as long as the process lives.
        cutter = chunkerify(self._size, limit, memoize=False)
        offsets: Any = cutter(self._text[start:end], offsets=True)[1]
        return [(start + first, start + last) for first, last in offsets]

    def _measure(self, text: str) -> int:
        """Return a text's tokens, or more if it has few for its length; a text far over the limit is not counted."""
        least = -(-len(text) // _CHARACTERS_PER_TOKEN)
        return least if least > self._limit else max(least, self._count([text])[0])
