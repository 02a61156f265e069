"""Reads the pages of a PDF one by one: their lines, what is seen on scanned ones, and their pictures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from assistant.parsing.pdf.figures import figures
from assistant.parsing.pdf.file import to_top_left
from assistant.parsing.pdf.looks import Look, line_looks
from assistant.parsing.pdf.marks import with_marks
from assistant.parsing.pdf.order import ordered
from assistant.parsing.pdf.paths import drawn
from assistant.parsing.pdf.pictures import Found, PictureReader
from assistant.parsing.pdf.places import Rectangle, line_places, placed_lines
from assistant.parsing.pdf.scan import Scan, ScanReader, is_scan
from assistant.parsing.pdf.tables import PdfTable, find_tables
from assistant.parsing.pdf.text import arabic_order, page_lines, placed_text, shredded, unreadable

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

    from assistant.parsing.pictures.reading import Reading

_OVERLAP = 6.0  # points that a picture and the lines above and below it may share


@dataclass(slots=True)
class Sheet:
    """One page as it was read.

    `lines` are the text layer's, or a line for each row of the scan's reading. `pictures` come with the number of the
    line that they stand before; `parted` are those of them that a picture parts from the line above. `size` is the
    page's in points. `tables` stand for their lines, by the number of the first. `looks` tell how the lines are
    written, as far as that is known.
    """

    lines: list[str] = field(default_factory=list)
    scan: Scan = field(default_factory=Scan)
    pictures: list[tuple[int, Found]] = field(default_factory=list)
    parted: set[int] = field(default_factory=set)
    size: tuple[float, float] = (0.0, 0.0)
    tables: dict[int, PdfTable] = field(default_factory=dict)
    looks: list[Look | None] = field(default_factory=list)
    failure: str = ""

    @property
    def reading(self) -> Reading | None:
        """What was recognised on the page, without the rows whose line was blanked since."""
        reading = self.scan.reading
        if reading is None:
            return None
        lines = iter(self.lines)
        kept = (tuple(row for row in paragraph if next(lines)) for paragraph in reading.paragraphs)
        return replace(reading, paragraphs=tuple(paragraph for paragraph in kept if paragraph))


def read_pages(pdf: PdfDocument, scans: ScanReader, pictures: PictureReader) -> Iterator[Sheet]:
    """Yield each page; one that PDFium cannot read carries the cause.

    Args:
        pdf: the open PDF.
        scans: reads the scanned pages.
        pictures: reads the pictures of the others, and keeps the scanned pages as such.
    """
    import pypdfium2 as pdfium

    for number in range(1, len(pdf) + 1):
        try:
            with contextlib.closing(pdf[number - 1]) as page:
                yield _sheet(page, number, scans, pictures)
        except pdfium.PdfiumError as error:
            yield Sheet(failure=str(error))


def _sheet(page: Any, number: int, scans: ScanReader, pictures: PictureReader) -> Sheet:
    with contextlib.closing(page.get_textpage()) as layer:
        text = layer.get_text_range()
        if is_scan(page, text):
            return _scanned(page, scans.read(page, number), "" if unreadable(text) else text, pictures)
        if (scan := scans.check(page, number, text)) is not None:
            return _scanned(page, scan, "", pictures)
        raw = text
        drawing = drawn(page)
        tables = find_tables(layer, raw, page, drawing)
        if shredded(text):
            text = placed_text(layer, to_top_left(page))
        elif not _is_table(tables, text):
            text = ordered(layer, text, page)
        text = with_marks(layer, arabic_order(text, layer), page) if text is raw else text
        lines = page_lines(text)
        found = _pictures(page, pictures, figures(drawing, page.get_size(), lambda: placed_lines(layer, raw, page)))
        places = line_places(layer, raw, page, lines) if found else []
        looks = line_looks(layer, raw, page, lines)
    sheet = Sheet(lines, size=page.get_size(), tables=_tables(tables, lines), looks=looks)
    for one in found:
        labelled = any(place is not None and _within(place, one.place) for place in places)
        # The letters of a drawing without labels, if it has any, are paths as well.
        picture = replace(one, lettered=one.lettered and labelled)
        number = _line_below(picture, places)
        sheet.pictures.append((number, picture))
        above = places[number - 1] if 0 < number < len(places) else None
        if above is not None and (above[3] < picture.place[1] + _OVERLAP or _within(above, picture.place)):
            sheet.parted.add(number)
    sheet.pictures.sort(key=lambda entry: entry[0])
    return sheet


def _is_table(tables: Sequence[PdfTable], text: str) -> bool:
    """Whether most of a page is in tables that lines part: what looks like columns of text is theirs."""
    return 2 * sum(len(line) for table in tables if table.ruled for line in table.lines) > len(text)


def _tables(tables: Sequence[PdfTable], lines: Sequence[str]) -> dict[int, PdfTable]:
    """Return the tables whose lines are the page's as they stand, by the number of the first line."""
    found: dict[int, PdfTable] = {}
    if not tables:
        return found
    filled = [(number, line.strip()) for number, line in enumerate(lines) if line.strip()]
    stripped = [line for _, line in filled]
    at = 0
    for table in tables:
        wanted = list(table.lines)
        for begin in range(at, len(stripped) - len(wanted) + 1):
            if stripped[begin : begin + len(wanted)] == wanted:
                found[filled[begin][0]] = table
                at = begin + len(wanted)
                break
    return found


def _pictures(page: Any, pictures: PictureReader, drawings: Sequence[Rectangle]) -> list[Found]:
    """Return the page's pictures; where one is broken, none, for the text does not depend on them."""
    import pypdfium2 as pdfium

    try:
        return pictures.read(page, drawings)
    except pdfium.PdfiumError:
        return []


def _scanned(page: Any, scan: Scan, text: str, pictures: PictureReader) -> Sheet:
    if scan.picture and not pictures.keep(scan.picture):
        scan = Scan(scan.reading, scan.scale, b"", scan.why)
    if scan.reading is None:
        return Sheet(page_lines(text), scan, size=page.get_size())
    rows = [" ".join(line.text for line in row) for paragraph in scan.reading.paragraphs for row in paragraph]
    return Sheet(rows, scan, size=page.get_size())


def _within(line: Rectangle, picture: Rectangle) -> bool:
    """Whether a line stands in a picture: a label of a chart."""
    left, top, right, bottom = picture
    return left <= line[0] and top <= line[1] and line[2] <= right and line[3] <= bottom


def _line_below(picture: Found, places: Sequence[Rectangle | None]) -> int:
    """Return the number of the line next below a picture in its column, or the number behind the last line."""
    left, _, right, bottom = picture.place
    below = [
        (place[1], number)
        for number, place in enumerate(places)
        if place is not None and place[1] > bottom - _OVERLAP and place[0] < right and left < place[2]
    ]
    return min(below)[1] if below else len(places)
