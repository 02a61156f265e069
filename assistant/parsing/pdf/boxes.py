"""Finds where a stretch of a PDF's text stands on its pages, on demand: one box a line."""

from __future__ import annotations

import contextlib
import ctypes
import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from assistant.errors import DamagedDocumentError
from assistant.parsing.pdf.file import Affine, open_pdf, to_top_left, transformed
from assistant.parsing.pdf.tables import ADDED, PdfTable, find_tables
from assistant.parsing.placed import place_boxes
from assistant.types import Block, Box, Document, Page

_HYPHENS = frozenset("-\u00ad\u2010\u2011\ufffe")
_LOOK_AHEAD = 400  # characters after an ambiguous line that tell which of its occurrences is meant
_MAX_OCCURRENCES = 200
_MAX_CUT = 0.4  # of a letter's width or half of a line's height that a mark may leave uncovered at an edge
_LAM_ALEF = re.compile("\u0644([\u0622\u0623\u0625\u0627])")
_Rectangle = tuple[float, float, float, float]  # left, top, right, bottom


def boxes(data: bytes, document: Document, start: int, end: int, password: str | None = None) -> tuple[Box, ...]:
    """Return the boxes of `document.text[start:end]` in the text's order, one for each line of each page.

    Text that was recognised has its boxes in `document.places`; for other text the file is read again.
    PDFium works on one thread at a time, so calls must not run side by side in one process.

    Args:
        data: the file that the document was parsed from.
        document: the parsed document.
        start: where the stretch begins.
        end: where it ends (exclusive).
        password: what opens the file, if it asks for a password.

    Raises:
        EncryptedDocumentError: the file asks for a password, or for another one.
        DamagedDocumentError: the file or one of the pages cannot be read.
    """
    found: list[Box] = []
    with contextlib.ExitStack() as stack:
        pdf: Any = None
        for page in document.pages:
            first, last = max(start, page.start), min(end, page.end)
            if first >= last:
                continue
            for begin, stop, recognised in _parts(document, page, first, last):
                if recognised:
                    found.extend(place_boxes(document, page.number, begin, stop))
                    continue
                if pdf is None:
                    pdf = stack.enter_context(contextlib.closing(open_pdf(document.ref.key, data, password)))
                found.extend(_page_boxes(pdf, document, page, begin, stop))
    return tuple(found)


def _parts(document: Document, page: Page, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
    """Yield the parts of a stretch of a page that are recognised text and those that are not, blank ones left out."""
    at = start
    for place in document.places:
        if place.box.page != page.number or place.end <= at or place.start >= end:
            continue
        if document.text[at : max(at, place.start)].strip():
            yield at, place.start, False
        yield max(at, place.start), min(place.end, end), True
        at = min(place.end, end)
    if document.text[at:end].strip():
        yield at, end, False


def _page_boxes(pdf: Any, document: Document, page: Page, start: int, end: int) -> list[Box]:
    import pypdfium2 as pdfium

    try:
        with contextlib.closing(pdf[page.number - 1]) as sheet, contextlib.closing(sheet.get_textpage()) as layer:
            indices, characters = _characters(layer)
            tables = [block for block in document.blocks if block.kind == "table" and block.page == page.number]
            if tables:
                found = find_tables(layer, layer.get_text_range(), sheet)
                wanted = _with_tables(document, page, (start, end), indices, characters, tables, found)
            else:
                wanted = align(document.text[page.start : page.end], characters, start - page.start, end - page.start)
            affine = to_top_left(sheet)
            everything = [_place(layer, index, affine) for index in indices]
            return [Box(page.number, *line) for line in _apart(everything, wanted)]
    except (pdfium.PdfiumError, IndexError) as error:
        raise DamagedDocumentError(
            f"{document.ref.key}: page {page.number} cannot be read: {error}", "open and save it again"
        ) from error


def _with_tables(
    document: Document,
    page: Page,
    stretch: tuple[int, int],
    indices: Sequence[int],
    characters: str,
    blocks: Sequence[Block],
    tables: Sequence[PdfTable],
) -> list[int]:
    """Return what `align` does for a page with tables, which know their characters themselves.

    Args:
        document: the parsed document.
        page: the page.
        stretch: where the stretch begins and ends in the document's text.
        indices: the numbers of the layer's visible characters.
        characters: the visible characters.
        blocks: the document's tables on the page.
        tables: those that are found on the page now.
    """
    start, end = stretch
    number_of = {index: number for number, index in enumerate(indices)}
    sources = {block.text: held for block in blocks if (held := _sources(block.text, tables)) is not None}
    text = document.text[page.start : page.end]
    used: set[int] = set()
    known: list[Block] = []
    for block in blocks:
        first, last = block.start - page.start, block.end - page.start
        kept = " " * len(block.text) if block.text in sources else ADDED.sub(" ", block.text)
        text = text[:first] + kept + text[last:]
        if block.text in sources:
            known.append(block)
            used.update(number_of[index] for index in sources[block.text] if index in number_of)
    others = [number for number in range(len(characters)) if number not in used]
    left = "".join(characters[number] for number in others)
    found: list[int] = []
    at = start
    for block in known:
        if block.end <= start or block.start >= end:
            continue
        if at < block.start:
            found += [others[number] for number in align(text, left, at - page.start, block.start - page.start)]
        at = min(block.end, end)
        held = sources[block.text][max(start - block.start, 0) : at - block.start]
        found += [number_of[index] for index in held if index in number_of]
    if at < end:
        found += [others[number] for number in align(text, left, at - page.start, end - page.start)]
    return found


def _sources(text: str, tables: Sequence[PdfTable]) -> tuple[int, ...] | None:
    """Return which of the page's characters those of a table's text are, None if it is none of the tables."""
    header = text.split("\n", 1)[0]
    for table in tables:
        held = table.sources_of(text)
        if held is None:
            held = replace(table, header=header).sources_of(text)  # it goes on from another page
        if held is not None:
            return held
    return None


def _characters(layer: Any) -> tuple[list[int], str]:
    """Return the numbers of the layer's visible characters, and the characters."""
    from pypdfium2 import raw

    indices: list[int] = []
    characters: list[str] = []
    for index in range(layer.count_chars()):
        character = chr(raw.FPDFText_GetUnicode(layer, index))
        if _counts(character):
            indices.append(index)
            characters.append(character)
    return indices, "".join(characters)


def _counts(character: str) -> bool:
    """Whether a character is compared: one that cleaning, joining and UTF-16 leave as it is."""
    code = ord(character)
    if character.isspace() or character in _HYPHENS:
        return False
    return 0x20 < code < 0x7F or 0x80 <= code < 0xD800 or 0xE000 <= code < 0x10000


def align(text: str, characters: str, start: int, end: int) -> list[int]:
    """Return the numbers of the characters that `text[start:end]` stands for, in the text's order.

    Args:
        text: a page's stored text: cleaned, with words joined and perhaps with lines left out or in another order.
        characters: the page's visible characters in the file's order, without hyphens.
        start: where the stretch begins in `text`.
        end: where it ends (exclusive).
    """
    offsets = [offset for offset, character in enumerate(text) if _counts(character)]
    # One glyph of two letters, which PDFium gives the wrong way round: compared in one order.
    key = _LAM_ALEF.sub("\\1\u0644", "".join(text[offset] for offset in offsets))
    characters = _LAM_ALEF.sub("\\1\u0644", characters)
    if key == characters:
        matches: Iterable[tuple[int, int]] = enumerate(range(len(key)))
    else:
        matches = _matches(text, offsets, key, characters)
    return [there for here, there in matches if start <= offsets[here] < end]


def _matches(text: str, offsets: Sequence[int], key: str, characters: str) -> Iterator[tuple[int, int]]:
    """Yield pairs of equal characters in `key` and `characters`, found line by line of the text."""
    used = bytearray(len(characters))
    found = [-1] * len(key)
    for here, there in _line_matches(text, offsets, key, characters, used):
        found[here] = there
    for step, order in ((1, range(1, len(key))), (-1, range(len(key) - 2, -1, -1))):
        for here in order:
            there = found[here - step] + step
            if found[here] < 0 <= found[here - step] and 0 <= there < len(characters) and not used[there]:
                _take(key, here, characters, there, used, found)
    cursor = 0
    for here, there in enumerate(found):
        if there < 0:  # it was moved, as are raised marks that the file writes apart from their line
            at = characters.find(key[here], cursor)
            while at >= 0 and used[at]:
                at = characters.find(key[here], at + 1)
            if at >= 0:
                _take(key, here, characters, at, used, found)
                cursor = at + 1
    return ((here, there) for here, there in enumerate(found) if there >= 0)


def _take(key: str, here: int, characters: str, there: int, used: bytearray, found: list[int]) -> None:
    if key[here] == characters[there]:
        used[there] = 1
        found[here] = there


def _line_matches(
    text: str, offsets: Sequence[int], key: str, characters: str, used: bytearray
) -> Iterator[tuple[int, int]]:
    first = cursor = 0
    while first < len(key):
        stop = text.find("\n", offsets[first])
        last = first
        while last < len(key) and (stop < 0 or offsets[last] < stop):
            last += 1
        at = _find(key, first, last, characters, cursor, used)
        if at is None:
            for here, there in _similar(key[first:last], characters, cursor):
                if not used[there]:
                    used[there] = 1
                    yield first + here, there
                    cursor = there + 1
        else:
            used[at : at + last - first] = b"\x01" * (last - first)
            yield from zip(range(first, last), range(at, at + last - first), strict=True)
            cursor = at + last - first
        first = last


def _find(key: str, first: int, last: int, characters: str, cursor: int, used: bytearray) -> int | None:
    """Return where the line `key[first:last]` stands among the characters: of several places the likeliest."""
    line, ahead = key[first:last], key[first : last + _LOOK_AHEAD]
    best: tuple[int, bool, int] | None = None
    found, at, tried = None, characters.find(line), 0
    while at >= 0 and tried < _MAX_OCCURRENCES:
        if not used[at] and not used[at + len(line) - 1]:
            agreed = _agreed(ahead, characters[at : at + len(ahead)])
            score = (agreed, at >= cursor, -abs(at - cursor))
            if best is None or score > best:
                best, found = score, at
        at, tried = characters.find(line, at + 1), tried + 1
    return found


def _agreed(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((number for number, (left, right) in pairs if left != right), min(len(one), len(other)))


def _similar(line: str, characters: str, cursor: int) -> Iterator[tuple[int, int]]:
    """Yield pairs for a line that does not stand anywhere as it is, from what follows the last line found."""
    window = characters[cursor : cursor + 2 * len(line) + 100]
    matcher = difflib.SequenceMatcher(None, line, window, autojunk=False)
    for here, there, size in matcher.get_matching_blocks():
        if size >= min(3, len(line)):
            yield from zip(range(here, here + size), range(cursor + there, cursor + there + size), strict=True)


def _place(layer: Any, index: int, affine: Affine) -> _Rectangle | None:
    from pypdfium2 import raw

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not raw.FPDFText_GetCharBox(layer, index, left, right, bottom, top):
        return None
    return transformed(affine, (left.value, bottom.value, right.value, top.value))


def _lines(places: Iterable[_Rectangle | None]) -> list[tuple[_Rectangle, list[int]]]:
    """Return the rectangle of each line, and which of the places are in it."""
    found: list[tuple[_Rectangle, list[int]]] = []
    for number, place in enumerate(places):
        if place is None or (place[0] == place[2] and place[1] == place[3]):
            continue
        if found and _same_line(found[-1][0], place):
            line, members = found[-1]
            members.append(number)
            around = (min(line[0], place[0]), min(line[1], place[1]), max(line[2], place[2]), max(line[3], place[3]))
            found[-1] = around, members
        else:
            found.append((place, [number]))
    return found


def _apart(everything: Sequence[_Rectangle | None], wanted: Sequence[int]) -> list[_Rectangle]:
    """Return a rectangle for each line of the wanted characters, drawn in where it touches others.

    Letters lean over their neighbours and tails reach into the next line: a mark that covers all of its letters covers
    a little of others as well.

    Args:
        everything: where each of the page's characters stands.
        wanted: the numbers of the characters, in the text's order.
    """
    found: list[_Rectangle] = []
    for rectangle, members in _lines(everything[number] for number in wanted):
        own = {wanted[member] for member in members}
        kept = [place for number in own if (place := everything[number]) is not None]
        others = [
            place
            for number, place in enumerate(everything)
            if place is not None and number not in own and _touch(rectangle, place)
        ]
        found.append(_drawn_in(rectangle, kept, others))
    return found


def _touch(one: _Rectangle, other: _Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _drawn_in(line: _Rectangle, kept: Sequence[_Rectangle], others: Sequence[_Rectangle]) -> _Rectangle:
    """Return the line's rectangle without the edges that lie over `others`, each side by a part of a letter at most."""
    left, top, right, bottom = line
    begin = min(kept, key=lambda place: place[0])
    end = max(kept, key=lambda place: place[2])
    height = bottom - top
    for other in others:
        cuts = (
            (other[2] - left, _MAX_CUT * (begin[2] - begin[0]), 0),
            (right - other[0], _MAX_CUT * (end[2] - end[0]), 2),
            (other[3] - top, _MAX_CUT * height / 2, 1),
            (bottom - other[1], _MAX_CUT * height / 2, 3),
        )
        cut, side = min(((cut / most, side) for cut, most, side in cuts if 0 < cut <= most), default=(0.0, -1))
        del cut
        if side == 0:
            left = max(left, other[2])
        elif side == 2:
            right = min(right, other[0])
        elif side == 1:
            top = max(top, other[3])
        elif side == 3:
            bottom = min(bottom, other[1])
    return left, top, right, bottom


def _same_line(line: _Rectangle, place: _Rectangle) -> bool:
    height = max(line[3] - line[1], place[3] - place[1], 1.0)
    apart = max(line[1], place[1]) - min(line[3], place[3])
    if -apart > 0.5 * min(line[3] - line[1], place[3] - place[1]):  # to the left, too: some scripts run that way
        return max(place[0] - line[2], line[0] - place[2]) < 4 * height
    # A full stop or a quotation mark need not overlap the line's letters, but it stands close to them and to the right.
    return apart < 0.3 * height and place[0] >= line[2] - height / 2 and place[0] - line[2] < 4 * height
