"""Puts the header of a table before its rows on the next page, and joins the broken words of tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.parsing.pdf.cells import BROKEN, PdfTable, Written
from assistant.parsing.pdf.pages import Sheet
from assistant.parsing.pdf.text import join_hyphens

_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]{2,}")
_MOST = 3  # running lines above or below a page's text
_SAME = 3.0  # points by which the lines of a table that goes on may differ
_NUMBERS = 6.0  # the same for the columns of a table of numbers, which ends where its widest number does


def settle_tables(sheets: Sequence[Sheet], joined: Sequence[Sequence[str]]) -> None:
    """Finish the tables of a document's pages; those without a header that go on from no other are left as lines.

    A table goes on where it is the last on its page and the next page's first has the same columns, with nothing
    between them but lines that run through the pages.

    Args:
        sheets: the pages as they were read.
        joined: their lines with words that a line's end broke put together.
    """
    above: PdfTable | None = None
    for number, sheet in enumerate(sheets):
        first = min(sheet.tables, default=None)
        if above is not None and first is not None and _begins(sheet, first, sheets[number - 1]):
            table = sheet.tables[first]
            header = above.header or (above.rows[0].text if above.headed else "")
            if header and _same_columns(above, table) and not _has_header(table, header):
                sheet.tables[first] = replace(table, header=header)
        sheet.tables = {at: table for at, table in sheet.tables.items() if table.whole or table.header}
        last = max(sheet.tables, default=None)
        follows = last is not None and number + 1 < len(sheets) and _ends(sheet, last, sheets[number + 1])
        above = sheet.tables[last] if last is not None and follows else None
    _join_words(sheets, joined)


def with_table_lines(
    pages: Sequence[Sequence[str]], joined: Sequence[Sequence[str]], sheets: Sequence[Sheet]
) -> list[list[str]]:
    """Return the pages with the lines of their tables as they are in `joined`.

    A header that a table repeats on each page looks like one that runs through the pages.
    """
    found = [list(lines) for lines in pages]
    for lines, whole, sheet in zip(found, joined, sheets, strict=True):
        for first, table in sheet.tables.items():
            last = table.end(whole, first)
            lines[first:last] = whole[first:last]
    return found


def _begins(sheet: Sheet, first: int, before: Sheet) -> bool:
    """Whether a table's line is a page's first but for running lines."""
    above = [line for line in sheet.lines[:first] if line.strip()]
    return _run(above, [line for line in before.lines if line.strip()][: len(above)])


def _ends(sheet: Sheet, first: int, after: Sheet) -> bool:
    """Whether a table's lines are a page's last but for running lines."""
    below = [line for line in sheet.lines[sheet.tables[first].end(sheet.lines, first) :] if line.strip()]
    return _run(below, [line for line in after.lines if line.strip()][-len(below) :])


def _run(lines: Sequence[str], others: Sequence[str]) -> bool:
    """Whether lines are the same on both pages, numbers aside."""
    if len(lines) > _MOST:
        return False
    return [_DIGITS.sub("0", line.strip()) for line in lines] == [
        _DIGITS.sub("0", line.strip()) for line in others[: len(lines)]
    ]


def _has_header(table: PdfTable, header: str) -> bool:
    """Whether a table at the top of a page has a header of its own.

    The first row of a table with lines may be any; it is a header where it says in half of the columns, or more, a word
    that the other table's header says there. Numbers have one where one was found above them.
    """
    if not table.ruled or not table.headed:
        return table.headed
    named = list(zip(_words(header), _words(table.rows[0].text), strict=False))
    return 2 * sum(bool(one & other) for one, other in named) >= len(named)


def _words(row: str) -> list[set[str]]:
    """Return the words in each cell of a row."""
    return [set(_WORD.findall(cell.casefold())) for cell in row.strip("|").split("|")]


def _same_columns(one: PdfTable, other: PdfTable) -> bool:
    if one.ruled != other.ruled or len(one.edges) != len(other.edges):
        return False
    if one.ruled:
        sides = [[side for edge in table.edges for side in edge] for table in (one, other)]
        return all(abs(a - b) <= _SAME for a, b in zip(*sides, strict=True))
    (left, _), (other_left, _) = one.edges[0], other.edges[0]
    if abs(left - other_left) > _SAME:
        return False
    return all(
        min(abs(a[0] - b[0]), abs(a[1] - b[1])) <= _NUMBERS for a, b in zip(one.edges[1:], other.edges[1:], strict=True)
    )


def _join_words(sheets: Sequence[Sheet], joined: Sequence[Sequence[str]]) -> None:
    """Join the words of tables that a line's end broke, as the same words are joined in the text."""
    broken = [(sheet, at) for sheet in sheets for at, table in sheet.tables.items() if BROKEN in table.text]
    if not broken:
        return
    texts = [[row.text for row in sheet.tables[at].rows] + [sheet.tables[at].header] for sheet, at in broken]
    for (sheet, at), (*rows, header) in zip(broken, join_hyphens([*joined, *texts])[len(joined) :], strict=True):
        # Where the characters stand is asked of the page again, once the text is known.
        sheet.tables[at] = replace(sheet.tables[at], rows=tuple(Written(row, ()) for row in rows), header=header)
