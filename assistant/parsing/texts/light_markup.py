"""Parser of reStructuredText, AsciiDoc and Org: the file's own text, with its headings, tables, code and paragraphs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.parsing.builder import clean_title, paragraphs
from assistant.parsing.decode import decode
from assistant.parsing.texts.light_regions import Region, regions
from assistant.types import Block, Document, DocumentRef

_MARKED = {
    "text/x-asciidoc": re.compile(r"(={1,6})[ \t]+(\S.*)"),
    "text/x-org": re.compile(r"(\*{1,9})[ \t]+(\S.*)"),
}
_UNDERLINE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\Z")


class LightMarkupParser:
    """Reads `text/x-rst`, `text/x-asciidoc` and `text/x-org`; `document.text` is the decoded file, unchanged."""

    name = "light-markup"
    version = "2"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is one of the three."""
        return ref.media_type == "text/x-rst" or ref.media_type in _MARKED

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with headings, tables, code and paragraphs. See `interfaces.Parser` for what is raised."""
        text = decode(data, ref.key)
        levels: dict[str, int] = {}
        found = list(regions(text, ref.media_type))
        blocks = [Block(one.kind, text[one.start : one.end], one.start, one.end) for one in found]
        blocks += [
            block
            for start, end in paragraphs(_without(text, found))
            for block in (
                _underlined(text, start, end, levels)
                if ref.media_type == "text/x-rst"
                else _marked(text, start, end, _MARKED[ref.media_type])
            )
        ]
        blocks.sort(key=lambda block: block.start)
        title = clean_title(next((block.text for block in blocks if block.kind == "heading"), ""))
        return Document(replace(ref, title=title) if title else ref, text, tuple(blocks))


def _without(text: str, found: Sequence[Region]) -> str:
    """Return the text with line breaks in place of the regions, so that they part its paragraphs."""
    parts: list[str] = []
    at = 0
    for one in found:
        parts += (text[at : one.begin], "\n" * (one.after - one.begin))
        at = one.after
    return "".join(parts) + text[at:]


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where each line of a paragraph begins and ends, white space at its end left out."""
    at = start
    for line in text[start:end].splitlines(keepends=True):
        yield at, at + len(line.rstrip())
        at += len(line)


def _marked(text: str, start: int, end: int, mark: re.Pattern[str]) -> Iterator[Block]:
    """Yield the blocks of a paragraph in which headings begin with marks."""
    rest = start
    for first, last in _lines(text, start, end):
        found = mark.fullmatch(text, first, last)
        if found is None:
            continue
        yield from _text(text, rest, first)
        yield Block("heading", found[2], found.start(2), found.end(2), level=len(found[1]))
        rest = last
    yield from _text(text, rest, end)


def _underlined(text: str, start: int, end: int, levels: dict[str, int]) -> Iterator[Block]:
    """Yield the blocks of a paragraph whose headings are underlined; a mark's level is the order of its first use."""
    lines = list(_lines(text, start, end))
    rest = start
    for above, below in itertools.pairwise(lines):
        rule = _UNDERLINE.match(text[slice(*below)])
        title = text[slice(*above)]
        if rule is None or not title.strip() or _UNDERLINE.match(title) or len(title) > below[1] - below[0]:
            continue
        # A line above the title that is the same rule belongs to the heading.
        before = text[rest : above[0]].rstrip()
        overlined = before.endswith(text[slice(*below)])
        yield from _text(text, rest, rest + len(before) - (below[1] - below[0] if overlined else 0))
        level = levels.setdefault(rule[1] + str(overlined), len(levels) + 1)
        first = above[0] + len(title) - len(title.lstrip())
        yield Block("heading", title.strip(), first, above[1], level=level)
        rest = below[1]
    yield from _text(text, rest, end)


def _text(text: str, start: int, end: int) -> Iterator[Block]:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        first = start + piece.index(stripped)
        yield Block("text", stripped, first, first + len(stripped))
