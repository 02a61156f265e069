"""The sentences of a document, or of a stretch of it, with what stands above them: where a statement is looked for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.citations.plain import Plain, plain
from assistant.citations.quantities import Quantity, quantities, same
from assistant.citations.sentences import sentences
from assistant.citations.wording import Wording, read_wording
from assistant.types import Document

_WINDOW = 2000  # characters of a long stretch that are looked at as one
_WINDOWS = 8
_LONGEST = 600  # characters of a sentence
_LINE = re.compile(r"[^\n]*\n?")
_NUMBERED = re.compile(r"\s*\(?(?:\d{1,3}|[a-z])[.)]\s+(?=\S)")  # what stands before an item
_OWN_LINE = re.compile(r"\s*(?:[-*+\u2022\u25aa\u2013]\s|\(?\d{1,3}[.)]\s|\|.*\||#{1,6}\s|>|```|~~~)")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence, an item or a row of a document; it stands at `start` to `end` of its text."""

    start: int
    end: int
    wording: Wording
    above: str = ""  # the headings and the header row that it stands under, and the document's title
    columns: tuple[tuple[str, str], ...] = ()  # of a table's row: what each column is called, and what stands in it


class Stretch:
    """A stretch of a document's own text, in which statements are looked for.

    Args:
        document: as the user may read it now.
        start, end: the stretch.
        extra: more that is known of it, such as the headings of a passage.
    """

    def __init__(self, document: Document, start: int, end: int, extra: str = "") -> None:
        self.document, self.start, self.end = document, start, end
        self.language = document.metadata.language
        self._extra = extra
        self._text = document.own_text
        self._structure = _Structure(document)
        self._windows: dict[tuple[int, int], list[Unit]] = {}

    def units(self, words: Sequence[str]) -> list[list[Unit]]:
        """Return runs of neighbouring units: all of a short stretch, of a long one those that have most of the words.

        Args:
            words: in lower case; rare ones count for more.
        """
        short = self.end - self.start <= _WINDOW * _WINDOWS
        spans = [(self.start, self.end)] if short else self._promising(words)
        return [self._read(low, high) for low, high in spans]

    @cached_property
    def shown(self) -> Plain:
        """The stretch without markup, in lower case; every character keeps its place."""
        made = plain(self._text[self.start : self.end], self.start)
        return Plain(made.text.replace("\u0130", "i").lower(), made.places)

    @cached_property
    def _amounts(self) -> list[Quantity]:
        return quantities(f"{self.shown.text}\n{self._above(self.start)}")

    def has_amount(self, amount: Quantity) -> bool:
        """Whether the amount stands anywhere in the stretch or above it."""
        return any(same(amount, other) for other in self._amounts)

    def holds(self, word: str) -> bool:
        """Whether a lower-case word begins a word anywhere in the stretch or above it."""
        text = self.shown.text
        at = text.find(word)
        while at > 0 and text[at - 1].isalnum() and word.isascii():
            at = text.find(word, at + 1)
        return at >= 0 or word in self._above(self.start).lower()

    def _above(self, place: int) -> str:
        parts = (self.document.ref.title, self._extra, *self._structure.above(place))
        return "\n".join(part for part in parts if part)

    def _read(self, low: int, high: int) -> list[Unit]:
        if (low, high) not in self._windows:
            found: list[Unit] = []
            for start, end in self._structure.cut(self._text, low, high):
                shown = plain(self._text[start:end], start)
                numbered = _NUMBERED.match(shown.text)
                first = numbered.end() if numbered else 0
                signs = [at for at, sign in enumerate(shown.text) if at >= first and not sign.isspace()]
                if (
                    not any(shown.text[at].isalnum() for at in signs)
                    or self.document.text[start:end] != self._text[start:end]
                ):
                    continue  # the parser's word stands within it
                flat = " ".join(shown.text[first:].split())
                place = shown.origin(signs[0], signs[-1] + 1)
                columns = self._structure.columns(start, self._text[start:end])
                found.append(Unit(*place, read_wording(flat, self.language), self._above(start), columns))
            self._windows[low, high] = found
        return self._windows[low, high]

    def _promising(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """Return the windows with the rarest and the most different words, in the order of the text."""
        text = self.shown.text
        marks: dict[int, set[str]] = {}
        for word in dict.fromkeys(words):
            prefix = word[:-1] if len(word) > 4 else word
            at = text.find(prefix)
            while at >= 0:
                if not (at and prefix.isascii() and text[at - 1].isalnum()):
                    marks.setdefault((self.shown.places[at] - self.start) // _WINDOW, set()).add(word)
                at = text.find(prefix, at + max(1, len(prefix)))
        counts = Counter(word for found in marks.values() for word in found)
        best = sorted(marks, key=lambda n: -sum(1 / counts[word] for word in marks[n]) - 0.01 * len(marks[n]))[
            :_WINDOWS
        ]
        spans: list[tuple[int, int]] = []
        for number in sorted(best):
            low = self._sentence_start(max(self.start, self.start + number * _WINDOW - _WINDOW // 4))
            high = min(self.end, self.start + (number + 1) * _WINDOW + _WINDOW // 4)
            if spans and low <= spans[-1][1]:
                spans[-1] = (spans[-1][0], high)
            else:
                spans.append((low, high))
        return spans

    def _sentence_start(self, place: int) -> int:
        """Return where the sentence or the line begins that holds the place, if that is near."""
        floor = max(self.start, place - _WINDOW // 4)
        before = max(self._text.rfind(mark, floor, place) for mark in ("\n", ". "))
        return before + 1 if before >= 0 else place


class _Structure:
    """Where the blocks, headings and tables of a document stand."""

    def __init__(self, document: Document) -> None:
        blocks = sorted((b for b in document.blocks if b.kind != "notice"), key=lambda b: (b.start, b.end))
        self._bounds = [(b.start, b.end) for b in blocks]
        self._starts = [b.start for b in blocks]
        self._rows = {b.start for b in blocks if b.kind in {"table", "code"}}
        self._headings = [(b.start, b.level or 1, b.text) for b in blocks if b.kind == "heading"]
        if not self._headings:
            marks = re.finditer(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$", document.text, re.MULTILINE)
            self._headings = [(m.start(), len(m[1]), m[2]) for m in marks]
        self._heading_starts = [start for start, *_ in self._headings]
        self._tables = [(b.start, b.end, b.text.partition("\n")[0]) for b in blocks if b.kind == "table"]
        self._table_starts = [start for start, *_ in self._tables]

    def above(self, place: int) -> Iterator[str]:
        """Yield the headings that the place stands under, the nearest first, then its table's header row."""
        level = 99
        for _, depth, text in reversed(self._headings[: bisect_right(self._heading_starts, place)][-100:]):
            if depth < level:
                yield plain(text).text
                level = depth
        at = bisect_right(self._table_starts, place) - 1
        if at >= 0 and place < self._tables[at][1]:
            yield plain(self._tables[at][2]).text

    def columns(self, place: int, row: str) -> tuple[tuple[str, str], ...]:
        """Return the cells of a table's row, each under the name of its column; none where they do not fit together."""
        at = bisect_right(self._table_starts, place) - 1
        if at < 0 or place >= self._tables[at][1]:
            return ()
        names, cells = (
            [plain(c).text.strip() for c in line.strip().strip("|").split("|")] for line in (self._tables[at][2], row)
        )
        return tuple(zip(names, cells, strict=True)) if len(names) == len(cells) > 1 else ()

    def cut(self, text: str, low: int, high: int) -> Iterator[tuple[int, int]]:
        """Yield the units between the two."""
        for start, end, rows in self._pieces(low, high):
            for first, last in _paragraphs(text, start, end, rows=rows):
                for begin, stop in sentences(text, first, last):
                    yield from _shortened(text, begin, stop)

    def _pieces(self, low: int, high: int) -> Iterator[tuple[int, int, bool]]:
        position = low
        first = max(0, bisect_right(self._starts, low) - 1)
        for start, end in self._bounds[first:]:
            if start >= high:
                break
            if end <= position:
                continue
            if start > position:
                yield position, start, False
            yield max(start, position), min(end, high), start in self._rows
            position = end
        if position < high:
            yield position, high, False


def _shortened(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence, or its lines where it is so long that it is none: figures in columns, say."""
    if end - start <= _LONGEST or "\n" not in text[start:end]:
        yield start, end
        return
    for line in _LINE.finditer(text, start, end):
        if line.group().strip():
            yield line.start(), line.end()


def _paragraphs(text: str, start: int, end: int, *, rows: bool) -> Iterator[tuple[int, int]]:
    """Yield the paragraphs between the two; each line is one in a table, and where it begins with a mark of its own."""
    begin = start
    for match in _LINE.finditer(text, start, end):
        if match.start() == match.end():
            break
        line = match.group()
        if rows or not line.strip() or _OWN_LINE.match(line):
            if text[begin : match.start()].strip():
                yield begin, match.start()
            begin = match.start()
        if rows:
            yield match.start(), match.end()
            begin = match.end()
    if text[begin:end].strip():
        yield begin, end
