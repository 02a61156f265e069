"""The table that stands for some of a page's lines, written as Markdown with the place of each of its characters."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from assistant.parsing.pdf.file import Affine
from assistant.parsing.pdf.places import Places, Rectangle

ADDED = re.compile(r"\\(?=\|)|(?<!\\)\|")  # what a table's text holds beside its cells: pipes, and what escapes one
BROKEN = "\ufffe"  # stands between the parts of a word that a line's end broke, until the parser joins them
_UNSURE = re.compile(rf"[{BROKEN}\s\xad\u2010\u2011-]+")  # what joining a broken word may change
_MARK = re.compile(r"[\u00ae\u2122\u2120\u00a9*\u2020\u2021]|\(\d{1,2}\)|\[\d{1,2}\]")
_MARK_LINE = re.compile(rf"[ \t]*(?:(?:{_MARK.pattern})+[ \t]*)+")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Written:
    """A table's row. `sources` tells for each character which of the page's it is, -1 where it was added."""

    text: str
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PdfTable:
    """A table in place of some lines of a page.

    `lines` are what it stands for, in the file's order without blank ones. `headed` tells whether its first row is its
    header; where not, `header` is the row that the table it goes on from has. One that is not `whole` stands for itself
    only after such a table. `edges` are where its columns begin and end, and `ruled` whether lines part them.
    """

    lines: tuple[str, ...]
    rows: tuple[Written, ...]
    headed: bool
    edges: tuple[tuple[float, float], ...]
    ruled: bool = False
    whole: bool = True
    header: str = ""

    @property
    def text(self) -> str:
        """The table in Markdown."""
        return "\n".join(row.text for row in self._all())

    @property
    def sources(self) -> tuple[int, ...]:
        """Which of the page's characters each of the text's is, -1 where it was added."""
        found: list[int] = []
        for row in self._all():
            found += [*([-1] if found else []), *row.sources]
        return tuple(found)

    def _all(self) -> Iterator[Written]:
        """Yield the rows with the header and what parts it from the rows below."""
        rows = iter(self.rows)
        if self.header or not self.headed:
            yield _added(self.header or f"|{'  |' * len(self.edges)}")
        else:
            yield next(rows)
        yield _added(f"|{' --- |' * len(self.edges)}")
        yield from rows

    def sources_of(self, text: str) -> tuple[int, ...] | None:
        """Return the sources of a text that the parser made of this table, None if it did not.

        Words that a line's end broke may have been joined since.
        """
        own = self.text
        if own == text:
            return self.sources
        if folded(own) != folded(text):
            return None
        found: list[int] = []
        there = 0
        for character in text:
            while own[there : there + 1] != character and _UNSURE.fullmatch(own, there, there + 1):
                there += 1
            same = own[there : there + 1] == character
            found.append(self.sources[there] if same else -1)
            there += same
        return tuple(found)

    def end(self, lines: Sequence[str], first: int) -> int:
        """Return the line behind its last, where it begins at `first` and blank lines do not count."""
        filled = (number for number in range(first, len(lines)) if lines[number].strip())
        return next(itertools.islice(filled, len(self.lines) - 1, None), len(lines) - 1) + 1

    def stands_at(self, lines: Sequence[str], first: int, others: Container[int]) -> bool:
        """Whether its lines are still there from `first` on, none of them among `others`."""
        last = self.end(lines, first)
        held = [folded(line) for line in lines[first:last] if line.strip()]
        return held == [folded(line) for line in self.lines] and not any(
            number in others for number in range(first, last)
        )


def folded(text: str) -> str:
    """Return a text without what joining its broken words may change."""
    return _UNSURE.sub("", text)


def _added(text: str) -> Written:
    return Written(text, (-1,) * len(text))


class CountedPlaces(Places):
    """Where a page's characters stand, by their place in a text that leaves control characters of the page out.

    Args:
        layer: the `pypdfium2.PdfTextPage`.
        affine: what brings its places to the page's top left.
        indices: the layer's number of each of the text's characters.
    """

    def __init__(self, layer: Any, affine: Affine, indices: Sequence[int]) -> None:
        super().__init__(layer, affine)
        self._indices = indices

    def place(self, index: int) -> Rectangle:
        """Return where a character stands."""
        return super().place(self._indices[index])


def counted(layer: Any, text: str) -> Sequence[int] | None:
    """Return the layer's number of each of its text's characters, None if that cannot be told."""
    count = layer.count_chars()
    if count == len(text):
        return range(count)
    from pypdfium2 import raw

    found: list[int] = []
    for index in range(count):
        if len(found) < len(text) and raw.FPDFText_GetUnicode(layer, index) == ord(text[len(found)]):
            found.append(index)
    return found if len(found) == len(text) else None


@dataclass(slots=True)
class Marks:
    """Where `with_marks` puts marks: characters by the offset that they stand before, and what it leaves out.

    `indices` are the layer's numbers of the text's characters.
    """

    indices: Sequence[int] = ()
    moved: dict[int, list[int]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    blanks: set[int] = field(default_factory=set)

    def line(self, text: str, start: int, end: int) -> str:
        """Return a line as it is shown."""
        if not self.moved:
            return text[start:end]
        parts: list[str] = []
        for offset in range(start, end + 1):
            parts += [text[index] for index in self.moved.get(offset, ()) if offset > start]
            if offset < end and offset not in self.blanks:
                parts.append(text[offset])
        return "".join(parts)

    def row(self, text: str, cells: Iterable[Iterable[tuple[int, int, bool]]]) -> Written:
        """Return a table's row.

        Args:
            text: the page's.
            cells: the words of each cell: where they begin and end in `text`, and whether a blank goes before.
        """
        written: list[str] = []
        sources: list[int] = []
        for cell in cells:
            before = "| "
            for start, end, apart in cell:
                if before or apart:
                    written.append(before or " ")
                    sources += (-1,) * len(before or " ")
                before = ""
                word = text[start:end]
                if self.moved or "|" in word:
                    for index in self._shown(start, end):
                        if text[index] == "|":
                            written.append("\\")
                            sources.append(-1)
                        written.append(text[index])
                        sources.append(self.indices[index])
                else:  # nearly all of them
                    written.append(word)
                    sources += self.indices[start:end]
            written.append(before + " ")
            sources += (-1,) * len(before + " ")
        written.append("|")
        sources.append(-1)
        return Written("".join(written), tuple(sources))

    def _shown(self, start: int, end: int) -> Iterator[int]:
        """Yield the offsets of a word's characters with those of its marks."""
        for offset in range(start, end):
            yield offset
            yield from self.moved.get(offset + 1, ())


def marks_between(places: Places, text: str, shown: str, indices: Sequence[int]) -> Marks:
    """Return what was moved between a page's text and what is shown of it; nothing where that cannot be told."""
    found = Marks(indices)
    inserted: list[tuple[int, str]] = []
    tokens: list[tuple[int, int]] = []
    at = there = 0
    while text is not shown and at < len(text):
        if at == 0 or text[at - 1] == "\n":
            line, other = (one[place:].split("\n", 1)[0].rstrip() for one, place in ((text, at), (shown, there)))
            if line != other and _MARK_LINE.fullmatch(line):
                tokens += [(at + match.start(), at + match.end()) for match in _WORD.finditer(line)]
                found.gone.add(tokens[-len(line.split())][0])
                at = min(at + len(text[at:].split("\n", 1)[0]) + 1, len(text))
                continue
        if text[at : at + 1] == shown[there : there + 1]:
            at, there = at + 1, there + 1
        elif match := _MARK.match(shown, there):
            inserted.append((at, match[0]))
            there = match.end()
            if text[at] == " " and shown[there : there + 1] != " ":
                found.blanks.add(at)
                at += 1
        else:
            return Marks(indices)
    for offset, mark in inserted:
        near = [token for token in tokens if text[token[0] : token[1]] == mark]
        if not near:
            return Marks(indices)
        left, top, _, _ = places.place(offset - 1)
        spot = {token: places.place(token[0]) for token in near}
        token = min(near, key=lambda one: abs(spot[one][0] - left) + abs(spot[one][1] - top))
        tokens.remove(token)
        found.moved[offset] = list(range(*token))
    return found
