"""Puts trade marks and footnote marks into the lines that they stand in, where a file writes them apart."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from assistant.parsing.pdf.file import to_top_left
from assistant.parsing.pdf.places import Piece, Places, spans

_MARKS = re.compile(r"(?:[\u00ae\u2122\u2120\u00a9*\u2020\u2021]|\(\d{1,2}\)|\[\d{1,2}\])+")
_MARK_LINE = re.compile(rf"(?:\A|\n)[ \t]*(?:{_MARKS.pattern})(?:[ \t]+{_MARKS.pattern})*[ \t]*(?:\r|\Z)")
_CLOSING = frozenset(".,;:!?)")
_NEAR = 3.0  # points between a mark and what it stands behind
_MOST = 100  # on a page: more of them are a list or a table


def with_marks(layer: Any, text: str, page: Any) -> str:
    """Return the page's text with raised marks that are lines of their own (`\u00ae`, `(1)`) where they are shown.

    Args:
        layer: the `pypdfium2.PdfTextPage`.
        text: what it holds.
        page: the `PdfPage`.
    """
    if _MARK_LINE.search(text) is None or page.get_rotation() or layer.count_chars() != len(text):
        return text
    places = Places(layer, to_top_left(page))
    lines = [places.line(*span) for span in spans(text)]
    marks = [line for line in lines if _MARK_LINE.fullmatch(text[line.start : line.end])]
    others = [line for line in lines if not _MARK_LINE.fullmatch(text[line.start : line.end])]
    if not 0 < len(marks) <= _MOST:
        return text
    moved: dict[int, str] = defaultdict(str)  # offset -> the marks that belong there
    gone: list[tuple[int, int]] = []
    for line in marks:
        tokens = [
            places.line(line.start + match.start(), line.start + match.end())
            for match in re.finditer(r"\S+", text[line.start : line.end])
        ]
        targets = [_target(token, others, places, text) for token in tokens]
        if None in targets:
            continue
        gone.append((line.start, line.end))
        for token, target in zip(tokens, targets, strict=True):
            if target is not None:
                moved[target] += text[token.start : token.end]
    return _rewritten(text, moved, gone)


def _target(mark: Piece, lines: Sequence[Piece], places: Places, text: str) -> int | None:
    """Return the offset behind the character that a raised mark stands behind, None if there is none."""
    for line in lines:
        height = line.bottom - line.top
        raised = line.top - 0.6 * height < mark.top and line.top < mark.bottom < line.bottom - 0.15 * height
        if not raised or not line.left < mark.left < line.right + _NEAR or mark.bottom - mark.top > height:
            continue
        before = None
        for index in range(line.start, line.end):
            if text[index] != " ":
                place = places.place(index)
                if place[2] <= mark.left + 1.0:
                    before = index, place[2]
        if before is not None and mark.left - before[1] < _NEAR:
            return before[0] + 1
    return None


def _rewritten(text: str, moved: dict[int, str], gone: Sequence[tuple[int, int]]) -> str:
    parts: list[str] = []
    drop = dict(gone)
    at = 0
    for offset in sorted({*moved, *drop}):
        parts.append(text[at:offset])
        at = offset
        if offset in moved:
            parts.append(moved[offset])
            # The blank that PDFium saw in place of the mark.
            if text[offset : offset + 1] == " " and text[offset + 1 : offset + 2] in _CLOSING:
                at += 1
        if offset in drop:
            at = drop[offset]
            at += len(text[at : at + 2]) if text[at : at + 2] == "\r\n" else 0
    return "".join([*parts, text[at:]])
