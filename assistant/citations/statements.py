"""Parts an answer into statements, each with the sources that it is said to rest on, while the answer still grows."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.citations.markers import Marker
from assistant.citations.plain import said
from assistant.citations.sentences import sentences

_HEADING = re.compile(r"[ ]{0,3}#{1,6}\s")
_ITEM = re.compile(r"\s*(?:[-*+\u2022]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+")
_ROW = re.compile(r"\s*\|.*\|(?:\s*\[\d[\d, ;]*\])*\s*$")
_RULE = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$")
_CLOSED = re.compile(r"[.!?:;|\u3002\uff01\uff1f\u2026\]*)\"]\s*$")
_CLAUSE = 4  # words that say something by themselves


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, a list item or a table's row of an answer; it stands at `start` to `end` of its text.

    Attributes:
        start, end: where it stands, in code points, with its markers.
        text: what it says, without markers and markup; of a row, the cells.
        header: what the columns of a row are called, as one text; empty elsewhere.
        numbers: the sources that its markers point to, in order, once each; none where it cites nothing.
    """

    start: int
    end: int
    text: str
    header: str = ""
    numbers: tuple[int, ...] = ()


class StatementReader:
    """Gives the statements of a growing text as soon as what follows cannot change them."""

    def __init__(self) -> None:
        self._done = 0  # up to here all statements were given
        self._header = ""
        self._lead: tuple[int, ...] = ()  # what a line that opens a list cites

    def read(
        self, text: str, markers: Sequence[Marker], code: Sequence[tuple[int, int]], *, last: bool = False
    ) -> list[Statement]:
        """Return the statements that were finished since the last call.

        Args:
            text: all of the text so far; it only grows from call to call.
            markers, code: of the text, in order.
            last: nothing follows.
        """
        found: list[Statement] = []
        while self._done < len(text):
            end = self._block_end(text, last=last)
            if end is None:
                if not last and "\n" not in text[self._done :]:
                    found += self._sentences_so_far(text, markers, code)
                break
            found += self._block(text, self._done, end, markers, code)
            self._done = end
        return found

    def _block_end(self, text: str, *, last: bool) -> int | None:
        """Return where the line that begins here ends, with those that carry it on; None if that is not known yet."""
        end = self._done
        while True:
            at = text.find("\n", end)
            if at < 0:
                return len(text) if last else None
            line, end = text[end:at], at + 1
            if not line.strip() or _ROW.match(line) or _HEADING.match(line) or _CLOSED.search(line):
                return end
            following = text[end : end + 1]
            if not following:
                return end if last else None
            if not (following.islower() or following.isdigit() or following == "["):
                return end

    def _sentences_so_far(
        self, text: str, markers: Sequence[Marker], code: Sequence[tuple[int, int]]
    ) -> list[Statement]:
        """Return the sentences of an unfinished line of prose that others follow already."""
        line = text[self._done :]
        if _ITEM.match(line) or line.lstrip()[:1] in {"|", "#", "`", "-", "*", "+"} or len(line.strip()) < 2:
            return []
        spans = _spans(text, self._done, len(text), markers)
        found: list[Statement] = []
        for (start, end), (following, stop) in pairwise(spans):
            if stop - following < 2:
                break  # a marker may follow still
            found += _made(text, [(start, end)], markers, code)
            self._done = end
        if found:
            self._lead = ()
        return found

    def _block(
        self, text: str, start: int, end: int, markers: Sequence[Marker], code: Sequence[tuple[int, int]]
    ) -> list[Statement]:
        line = text[start:end]
        if not line.strip():
            return []
        if start and text[start - 1] != "\n":  # its first sentences were given
            return _made(text, _spans(text, start, end, markers), markers, code)
        if any(low <= start and end - 1 <= high for low, high in code) or _HEADING.match(line):
            self._header, self._lead = "", ()
            return []
        if _ROW.match(line):
            return self._row(text, start, end, markers)
        self._header = ""
        item = _ITEM.match(line)
        begin = start + (item.end() if item else 0)
        made = _made(text, _spans(text, begin, end, markers), markers, code)
        if item:
            return _inheriting(made, made[-1].numbers if made and made[-1].numbers else self._lead)
        opens = bool(made) and made[-1].text.endswith((":", "\uff1a"))
        self._lead = made[-1].numbers if opens else ()
        return made

    def _row(self, text: str, start: int, end: int, markers: Sequence[Marker]) -> list[Statement]:
        line = text[start:end]
        if _RULE.match(line):
            return []
        row = _unmarked(text, start, end, markers).strip().strip("|")
        cells = " | ".join(filter(None, (said(cell) for cell in row.split("|"))))
        if not self._header:
            self._header = cells or "|"
            return []
        low, high = start + len(line) - len(line.lstrip()), start + len(line.rstrip())
        return [Statement(low, high, cells, self._header, _numbers(markers, low, high))] if cells else []


def _spans(text: str, start: int, end: int, markers: Sequence[Marker]) -> list[tuple[int, int]]:
    """Return the sentences between the two, each with the markers that stand behind it."""
    first = bisect_right(markers, start, key=lambda m: m.end)
    found: list[tuple[int, int]] = []
    for low, high in sentences(text, start, end):
        for marker in markers[first:]:
            if marker.start <= low < marker.end or (low == marker.start):
                low = marker.end  # noqa: PLW2901 (the marker belongs to the sentence before it)
                if found:
                    found[-1] = (found[-1][0], marker.end)
                while low < high and text[low].isspace():
                    low += 1  # noqa: PLW2901
        if low < high and not (found and not any(c.isalnum() for c in text[low:high])):
            found.append((low, high))
        elif found:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
    return found


def _made(
    text: str, spans: Sequence[tuple[int, int]], markers: Sequence[Marker], code: Sequence[tuple[int, int]]
) -> list[Statement]:
    found: list[Statement] = []
    for start, end in spans:
        for low, high, numbers in _parts(text, start, end, markers):
            if any(first <= low and high <= last for first, last in code):
                continue
            words = said(_unmarked(text, low, high, markers))
            if any(c.isalnum() for c in words):
                found.append(Statement(low, high, words, "", numbers))
    return found


def _parts(text: str, start: int, end: int, markers: Sequence[Marker]) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Yield the clauses of a sentence that markers within it end, each with its numbers.

    They are one statement, with all numbers, where a clause is too short to say something by itself.
    """
    first, stop = (bisect_right(markers, place, key=lambda m: m.end) for place in (start, end))
    clauses: list[tuple[int, int, tuple[int, ...]]] = []
    low = start
    for marker in markers[first:stop]:
        if clauses and not text[low : marker.start].strip():
            begun, _, held = clauses.pop()
            clauses.append((begun, marker.end, tuple(dict.fromkeys(held + marker.numbers))))
        else:
            clauses.append((low, marker.end, marker.numbers))
        low = marker.end
    rest = any(c.isalnum() for c in text[low:end])
    if not clauses or (len(clauses) == 1 and not rest):
        yield start, end, clauses[0][2] if clauses else ()
    elif rest or any(_short(_unmarked(text, low, high, markers)) for low, high, _ in clauses):
        yield start, end, tuple(dict.fromkeys(number for *_, numbers in clauses for number in numbers))
    else:
        yield from clauses


def _unmarked(text: str, start: int, end: int, markers: Sequence[Marker]) -> str:
    """Return the text between the two without its markers."""
    parts: list[str] = []
    for marker in markers[bisect_right(markers, start, key=lambda m: m.end) :]:
        if marker.start >= end:
            break
        parts.append(text[start : marker.start])
        start = marker.end
    return " ".join([*parts, text[start:end]])


def _short(clause: str) -> bool:
    words = said(clause)
    return len(words.split()) < _CLAUSE and len(words) < 2 * _CLAUSE + words.isascii() * 100


def _numbers(markers: Sequence[Marker], start: int, end: int) -> tuple[int, ...]:
    inside = (m.numbers for m in markers if m.start >= start and m.end <= end)
    return tuple(dict.fromkeys(number for numbers in inside for number in numbers))


def _inheriting(statements: list[Statement], numbers: tuple[int, ...]) -> list[Statement]:
    """Return the statements of one list item: what ends it, or opens the list, is said of those that cite nothing."""
    return [s if s.numbers else Statement(s.start, s.end, s.text, s.header, numbers) for s in statements]
