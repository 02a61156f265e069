"""Makes lines and paragraphs of the text that PDFium gives for a page."""

from __future__ import annotations

import functools
import re
from collections.abc import Container, Iterator, Sequence
from typing import Any

from assistant.parsing.builder import clean
from assistant.parsing.pdf.file import Affine, transformed

_HYPHEN = "\ufffe"  # PDFium's mark for a hyphen at a line's end; it swallows the line break with it
_BROKEN_WORD = re.compile(rf"([\w-]*){_HYPHEN}[ \r\n]*([\w-]*)")
_LAM_ALEF = re.compile("[\u0622\u0623\u0625\u0627]\u0644")
_RUN_TOGETHER = re.compile("(?<=[A-Za-z][A-Za-z])(?=[\u0621-\u064a]{2})")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_MEANINGLESS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x80-\x9f\ud800-\udfff\ue000-\uf8ff\ufffd-\uffff\U000f0000-\U0010ffff]"
)
_SENTENCE_END = (".", "!", "?", ":", ";", ".”", '."', ".)")
_BULLET = re.compile(r"(?:[•▪●○◦■\-–—*]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s")  # noqa: RUF001 (dashes that bullets use)


def page_lines(text: str) -> list[str]:
    """Return a page's lines without trailing white space, blank ones kept; broken words still carry their mark."""
    marked = text.replace("\x02", _HYPHEN)
    return [line.rstrip() for line in clean(marked).split("\n")]


def join_hyphens(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the pages with words that a line's end broke put together again.

    Whether the hyphen belongs to the word is told by the document itself: `well-known` or `wellknown` elsewhere in it,
    else both halves as words of their own.
    """
    words: set[str] | None = None
    joined: list[list[str]] = []
    for lines in pages:
        if not any(_HYPHEN in line for line in lines):
            joined.append(list(lines))
            continue
        if words is None:
            whole = (_BROKEN_WORD.sub(" ", line) if _HYPHEN in line else line for page in pages for line in page)
            words = {word.lower() for line in whole for word in _WORD.findall(line)}
        join = functools.partial(_joined, words=words)
        joined.append([_BROKEN_WORD.sub(join, line) for line in lines])
    return joined


def _joined(match: re.Match[str], words: set[str]) -> str:
    left, right = match[1], match[2]
    head, tail = left.rpartition("-")[2].lower(), right.partition("-")[0].lower()
    if not head.isalpha() or not right[:1].islower() or f"{head}-{tail}" in words:
        return f"{left}-{right}"
    if head + tail not in words and head in words and tail in words:
        return f"{left}-{right}"
    return left + right


def page_paragraphs(lines: Sequence[str], edges: Container[int]) -> Iterator[tuple[int, int]]:
    """Yield the first line and the line after the last of each paragraph of a page.

    A paragraph ends at a blank line, at an edge, before a bullet, and after a line that ends a sentence well before the
    right margin.

    Args:
        lines: the page's lines.
        edges: the numbers of lines that headings begin with or end before.
    """
    lengths = sorted(len(line) for line in lines if line)
    full = lengths[len(lengths) * 9 // 10] if lengths else 0
    first: int | None = None
    for number, line in enumerate(lines):
        if not line.strip():
            if first is not None:
                yield first, number
            first = None
            continue
        if first is not None:
            before = lines[number - 1]
            short = len(before) < 0.8 * full and before.endswith(_SENTENCE_END)
            if short or number in edges or _BULLET.match(line):
                yield first, number
                first = number
        else:
            first = number
    if first is not None:
        yield first, len(lines)


def arabic_order(text: str, layer: Any) -> str:
    """Return a page's text with Arabic ligatures of lam and alef the right way round, and Latin words set apart.

    PDFium turns the letters of right-to-left text round one by one, those that one glyph shows as well; and the blank
    between a Latin word and the next Arabic one goes to the word's other side.

    Args:
        text: what the `pypdfium2.PdfTextPage` holds.
        layer: the page, which tells letters of one glyph by their place.
    """
    if _LAM_ALEF.search(text) is None:
        return text
    if layer.count_chars() == len(text):
        letters = list(text)
        for match in _LAM_ALEF.finditer(text):
            at = match.start()
            if layer.get_charbox(at) == layer.get_charbox(at + 1):
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
        text = "".join(letters)
    return _RUN_TOGETHER.sub(" ", text)


def shredded(text: str) -> bool:
    """Whether a page's text came out with lines of a few letters each, as some writers' kerning makes it."""
    lines = [line for line in text.split("\n") if line.strip()]
    return len(lines) > 20 and sum(len(line.strip()) for line in lines) < 6 * len(lines)


def placed_text(layer: Any, affine: Affine) -> str:
    """Return a page's text in its own order, with spaces and line breaks told from the characters' places.

    Args:
        layer: a `pypdfium2.PdfTextPage`. Costs five times as much as asking it for the text.
        affine: what brings its places to the page's top left, as the page is shown.
    """
    parts: list[str] = []
    last: tuple[float, float, float, float] | None = None
    for index in range(layer.count_chars()):
        character = layer.get_text_range(index, 1)
        if not character or character in "\r\n":
            continue
        if character.isspace():
            parts.append(" ")
            continue
        left, top, _, bottom = box = transformed(affine, layer.get_charbox(index, loose=True))
        if last is not None:
            height = max(bottom - top, last[3] - last[1], 1.0)
            shared = min(bottom, last[3]) - max(top, last[1])
            if shared < 0.4 * min(bottom - top, last[3] - last[1]):
                parts.append("\n")
            elif left - last[2] > 0.15 * height:
                parts.append(" ")
        parts.append(character)
        last = box
    return re.sub(r"(?<=\n) +| {2,}", lambda match: "" if match.start() == 0 else " ", "".join(parts))


def unreadable(text: str) -> bool:
    """Whether a third of the text or more are characters without meaning (private use, replacement, controls)."""
    visible = len(text) - sum(map(text.count, " \r\n\t"))
    return len(_MEANINGLESS.findall(text)) * 3 > visible
