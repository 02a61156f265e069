"""Reads plain text and Markdown line by line, as far as quoting needs it: paragraphs, items, rows, code, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"^[ ]{0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"\s*(```|~~~)")
_ROW = re.compile(r"\s*\|.*\|\s*$")
_SEPARATOR = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$")
_ITEM = re.compile(r"\s*(?:[-*+•▪◦‣\u2013]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+(?=\S)")
_QUOTE = re.compile(r"\s*(?:>\s?)+")
_NOISE = re.compile(
    r"\s*(?:\{%.*%\}|\{\{.*\}\}|(?:</?[A-Za-z][^>]*>\s*)+|!\[[^\]]*\]\([^)]*\)|\[TOC\]|[=*_\s-]*)\s*$", re.IGNORECASE
)

_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\](?:\((?:[^()]|\([^()]*\))*\)|\[[^\]]*\])")
_BARE_LINK = re.compile(r"<?(?:https?://|www\.)[^\s>)]+>?")
_TAG = re.compile(r"</?[A-Za-z!][^>]{0,300}>|\{%.{0,300}?%\}|\{\{.{0,300}?\}\}")
_EMPHASIS = re.compile(r"(?<!\\)(?:\*{1,3}|(?<!\w)_{1,3}(?=\S)|(?<=\S)_{1,3}(?!\w)|`+)")
_ESCAPED = re.compile(r"(?<!\\)\\([!-/:-@\[\]^-`{-~])")  # what Markdown gives a meaning to; letters follow in paths
_BULLET = re.compile(r"(?m)^\s*(?:[-*+•]\s+|>\s?|#{1,6}\s+)")
_POINTING = """
    see the this that our and or for to in on at of more also please visit check click read view use go here
    link links page pages guide details information about all other related back next previous learn is are you
    can find
"""
_POINTERS = frozenset(_POINTING.split())
_PIPES = re.compile(r"\s*(?<!\\)\|\s*")
_CELL_END = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of lines of one kind, without list marks and outer pipes. `header` marks a table's first row."""

    kind: Literal["text", "item", "row", "code"]
    start: int
    end: int
    header: bool = False


def front_matter_end(text: str) -> int:
    """Return where the YAML front matter ends, 0 without one."""
    found = _FRONT_MATTER.match(text)
    return found.end() if found else 0


def markdown_headings(text: str) -> list[tuple[int, int, int, str]]:
    """Return (start, end, level, text) of every `#` heading."""
    return [(m.start(), m.end(), len(m.group(1)), m.group(2)) for m in _HEADING.finditer(text)]


def visible(text: str) -> str:
    """Return the text as a reader sees it: no link targets, tags, emphasis marks or escapes, blanks collapsed."""
    shown = _IMAGE.sub(" ", text)
    shown = _TAG.sub("", _LINK.sub(r"\1", shown))
    shown = _PIPES.sub(" | ", _BULLET.sub("", shown)) if "\n" in shown or "|" in shown else _BULLET.sub("", shown)
    return " ".join(_ESCAPED.sub(r"\1", _EMPHASIS.sub("", shown)).split())


def link_only(text: str) -> bool:
    """Whether nothing but links (or 'see the ... page') stands there: a place to go, not an answer."""
    if not (_LINK.search(text) or _BARE_LINK.search(text)):
        return False
    rest = _BARE_LINK.sub(" ", _TAG.sub(" ", _LINK.sub(" ", _IMAGE.sub(" ", text))))
    return all(word in _POINTERS for word in re.findall(r"\w{2,}", rest.lower()))


def labelled(row: str, header: str) -> str:
    """Return a table's row as it is said away from its table: each cell with its column's name.

    Args:
        row, header: their lines without the outer pipes (`row_body`).
    """
    cells, names = _cells(row), _cells(header)
    if len(cells) != len(names):
        return f"{visible(row)} (columns: {visible(header)})"
    pairs = ((visible(name), visible(cell)) for name, cell in zip(names, cells, strict=True))
    return "; ".join(f"{name.rstrip(':')}: {cell}" if name else cell for name, cell in pairs if cell)


def row_body(line: str) -> str:
    """Return a table row's line without the outer pipes and blanks."""
    return line.strip().strip("|").strip()


def _cells(row: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in _CELL_END.split(row)]


def runs(text: str, start: int, end: int) -> list[Run]:
    """Return the runs of `text[start:end]` in order; blank lines, rules, bare tags and headings fall away."""
    return list(_Reader(text, start, end).read())


class _Reader:
    def __init__(self, text: str, start: int, end: int) -> None:
        self._text, self._start, self._end = text, start, end
        self._open: Run | None = None

    def read(self) -> Iterator[Run]:
        fence = -1
        for low, high in self._lines():
            line = self._text[low:high]
            if _FENCE.match(line):
                yield from self._close()
                if fence >= 0:
                    yield Run("code", fence, max(fence, low - 1))
                fence = high + 1 if fence < 0 else -1
            elif fence >= 0:
                continue
            else:
                yield from self._line(low, high, line)
        yield from self._close()
        if 0 <= fence < self._end:
            yield Run("code", fence, self._end)

    def _lines(self) -> Iterator[tuple[int, int]]:
        position = self._start
        while position < self._end:
            found = self._text.find("\n", position, self._end)
            stop = found if found >= 0 else self._end
            yield position, stop
            position = stop + 1

    def _line(self, low: int, high: int, line: str) -> Iterator[Run]:
        if _ROW.match(line):
            yield from self._row(low, line)
            return
        if not line.strip() or _NOISE.match(line) or _HEADING.match(line):
            yield from self._close()
            return
        quote = _QUOTE.match(line)
        if quote:
            yield from self._close()
            low += quote.end()
        item = _ITEM.match(self._text[low:high])
        if item:
            yield from self._close()
            self._open = Run("item", low + item.end(), high)
        elif self._open is not None and self._open.kind in {"text", "item"} and not quote:
            self._open = Run(self._open.kind, self._open.start, high)
        elif self._text[low:high].strip():
            yield from self._close()
            self._open = Run("text", low, high)

    def _row(self, low: int, line: str) -> Iterator[Run]:
        if _SEPARATOR.match(line):
            if self._open is not None and self._open.kind == "row":
                self._open = Run("row", self._open.start, self._open.end, header=True)
            return
        yield from self._close()
        body = row_body(line)
        if body:
            begin = low + line.index(body)
            self._open = Run("row", begin, begin + len(body))

    def _close(self) -> Iterator[Run]:
        if self._open is not None and self._text[self._open.start : self._open.end].strip():
            yield self._open
        self._open = None
