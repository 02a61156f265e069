"""The chunker: cuts a text where it hurts least, with chunks as full as the embedder's tokens allow.

Each way of cutting a text has a cost: what stands at each cut (the end of a sentence costs more than that of a
paragraph), how empty each chunk stays, and which headings lie inside a chunk instead of at its begin. The cheapest way
is found by dynamic programming over the text's pieces, as a line breaker does it for a paragraph (Knuth and Plass,
"Breaking Paragraphs into Lines", 1981).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.chunking.headings import plain, trail
from assistant.chunking.pieces import PARAGRAPH, WORD, Heading, cuts, headings, words
from assistant.types import Chunk, Document

METHOD = "cheapest-cuts-1"
_STRADDLE = {1: 0.5, 2: 0.5}  # what a heading inside a chunk costs by its level
_STRADDLE_DEEPER = 0.1
_CHARACTERS_PER_TOKEN = 16  # a "token" longer than this is no language: an embedder reads nothing out of it
_WORD_PIECES = 8  # words are taken together to pieces of this part of a chunk, which is fine enough

CountTokens = Callable[[Sequence[str]], list[int]]


@dataclass(slots=True)
class _Piece:
    start: int
    end: int
    tokens: int
    cost: float  # of a cut before it
    level: int = 0  # of the heading that it is or starts with


class TokenChunker:
    """Cuts a document into chunks of at most `chunk_tokens` tokens. Safe to use from several threads.

    Args:
        count_tokens: the embedder's own: each text's length in tokens, special ones left out.
        chunk_tokens: the longest chunk, in those tokens.
        embedder_name: whose tokens they are; part of `version`.
        overlap_tokens: how much of the chunk before a chunk repeats at most; part of `version` too.
    """

    def __init__(
        self, count_tokens: CountTokens, chunk_tokens: int, embedder_name: str, overlap_tokens: int = 0
    ) -> None:
        self._count = count_tokens
        self._limit = chunk_tokens
        self._overlap = overlap_tokens
        self._version = f"{METHOD}/{chunk_tokens}+{overlap_tokens}/{embedder_name}"

    @property
    def version(self) -> str:
        """See `interfaces.Chunker`."""
        return self._version

    def chunk(self, document: Document) -> list[Chunk]:
        """Return chunks that hold every character but white space at their ends. See `interfaces.Chunker`."""
        titles = headings(document)
        pieces = self._pieces(document, titles)
        spans = self._exact(document.text, pieces, self._limit - self._overlap)
        chunks: list[Chunk] = []
        paths = trail([(title.start, title.level, plain(title.text)) for title in titles])
        for start, end in self._repeat(document.text, pieces, spans):
            chunks.append(
                Chunk(
                    document_id=document.ref.id,
                    ordinal=len(chunks),
                    start=start,
                    end=end,
                    text=document.text[start:end],
                    page=document.page_at(start),
                    heading_path=paths.common(start, end),
                )
            )
        return chunks

    def _pieces(self, document: Document, titles: Sequence[Heading]) -> list[_Piece]:
        """Return the text's smallest pieces, each within the limit."""
        text = document.text
        candidates = [block for block in document.blocks if block.kind in {"table", "code"} and block.text]
        sizes = self._count([block.text for block in candidates]) if candidates else []
        limit = self._limit - self._overlap
        whole = [block for block, size in zip(candidates, sizes, strict=True) if size <= limit]
        costs = cuts(text, titles, whole)
        levels = {title.start: title.level for title in titles}
        bounds = [0, *sorted(costs), len(text)]
        spans = list(itertools.pairwise(bounds))
        counted = self._count([text[start:end] for start, end in spans])
        pieces: list[_Piece] = []
        for (start, end), tokens in zip(spans, counted, strict=True):
            # Counted as one token at least, so that text without tokens cannot make a chunk of endless pieces.
            piece = _Piece(start, end, max(tokens, 1), costs.get(start, PARAGRAPH), levels.get(start, 0))
            fits = tokens <= limit and end - start <= limit * _CHARACTERS_PER_TOKEN
            pieces += [piece] if fits else self._split(text, piece)
        return pieces

    def _split(self, text: str, piece: _Piece) -> list[_Piece]:
        """Return an over-long piece as runs of words, and over-long words as runs of characters."""
        limit = self._limit - self._overlap
        bounds = [piece.start, *words(text, piece.start, piece.end, limit), piece.end]
        spans = list(itertools.pairwise(bounds))
        counted = self._count([text[start:end] for start, end in spans])
        share = max(1, limit // _WORD_PIECES)
        parts: list[_Piece] = []
        for (start, end), tokens in zip(spans, counted, strict=True):
            last = parts[-1] if parts else None
            if tokens > limit and end - start > 1:
                middle = (start + end) // 2
                for half in (_Piece(start, middle, limit + 1, WORD), _Piece(middle, end, limit + 1, WORD)):
                    parts += self._split_run(text, half)
            elif (
                last is not None and last.tokens + tokens <= share and end - last.start <= share * _CHARACTERS_PER_TOKEN
            ):
                last.end, last.tokens = end, last.tokens + tokens
            else:
                parts.append(_Piece(start, end, tokens, WORD))
        parts[0].cost, parts[0].level = piece.cost, piece.level
        return parts

    def _split_run(self, text: str, run: _Piece) -> list[_Piece]:
        """Halve a run of characters without a space until each part is within the limit."""
        tokens = self._count([text[run.start : run.end]])[0]
        if tokens <= self._limit - self._overlap or run.end - run.start == 1:
            return [_Piece(run.start, run.end, tokens, WORD)]
        middle = (run.start + run.end) // 2
        halves = (_Piece(run.start, middle, 0, WORD), _Piece(middle, run.end, 0, WORD))
        return [part for half in halves for part in self._split_run(text, half)]

    def _exact(self, text: str, pieces: Sequence[_Piece], limit: int) -> list[tuple[int, int]]:
        """Return the ranges of pieces that make the chunks, counted as a whole: tokens do not always add up."""
        spans = _cheapest(pieces, limit)
        counted = self._count([text[pieces[first].start : pieces[last - 1].end] for first, last in spans])
        exact: list[tuple[int, int]] = []
        for (first, last), tokens in zip(spans, counted, strict=True):
            if tokens <= self._limit - self._overlap or last - first == 1:
                exact.append((first, last))
                continue
            stricter = min(limit, limit * limit // tokens) - 1
            inner = self._exact(text, pieces[first:last], max(1, stricter))
            exact += [(first + start, first + end) for start, end in inner]
        return exact

    def _repeat(self, text: str, pieces: Sequence[_Piece], spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """Return the chunks' offsets without white space at their ends, each begun earlier by the overlap."""
        found: list[tuple[int, int]] = []
        for first, last in spans:
            start, end = pieces[first].start, pieces[last - 1].end
            room = self._overlap
            before = first
            while before > 0 and not pieces[before].level and pieces[before - 1].tokens <= room:
                before -= 1
                room -= pieces[before].tokens
            start = pieces[before].start
            content = text[start:end]
            stripped = content.strip()
            if text[pieces[first].start : end].strip():
                start += len(content) - len(content.lstrip())
                found.append((start, start + len(stripped)))
        return found


def _cheapest(pieces: Sequence[_Piece], limit: int) -> list[tuple[int, int]]:
    """Return the ranges of pieces (end exclusive) whose cost is least in sum, none over `limit` tokens.

    A single piece over the limit is a chunk of its own.
    """
    count, longest = len(pieces), limit * _CHARACTERS_PER_TOKEN
    tokens_of = [piece.tokens for piece in pieces]
    starts = [piece.start for piece in pieces]
    # What it costs to have the piece inside a chunk, not at its begin: nothing but for a section's first heading.
    straddle = [
        _STRADDLE.get(piece.level, _STRADDLE_DEEPER) if piece.level and not before.level else 0.0
        for before, piece in itertools.pairwise(pieces)
    ]
    best = [0.0] * (count + 1)
    origin = [0] * (count + 1)
    for end in range(1, count + 1):
        cut = pieces[end].cost if end < count else 0.0
        tokens, inside, least = 0, 0.0, float("inf")
        farthest = pieces[end - 1].end - longest
        for start in range(end - 1, -1, -1):
            tokens += tokens_of[start]
            if (tokens > limit or starts[start] < farthest) and start < end - 1:
                break
            if start < end - 1:
                inside += straddle[start]
            empty = 1.0 - tokens / limit if tokens < limit else 0.0
            cost = best[start] + empty * empty + inside + cut
            if cost < least:
                least, origin[end] = cost, start
        best[end] = least
    spans: list[tuple[int, int]] = []
    end = count
    while end > 0:
        spans.append((origin[end], end))
        end = origin[end]
    return spans[::-1]
