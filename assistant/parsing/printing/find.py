"""Finds a stretch of a document's text on the pages of a PDF that another program made of the document."""

from __future__ import annotations

import bisect
import contextlib
import difflib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.errors import DamagedDocumentError
from assistant.parsing.pdf import boxes as pdf_boxes
from assistant.parsing.pdf.file import open_pdf
from assistant.types import Box, Document, DocumentRef, Page

_NEAR, _AROUND = 40, 600  # letters on each side that tell which of several places is meant
_CERTAIN = 40  # letters in one piece that are what is looked for even if nothing else of it is there
_MAX_OCCURRENCES = 300
_MAX_TRIES = 500  # parts of one stretch that are looked for
_SMALLEST = 8  # letters: fewer may stand anywhere
# Letters that a part, and one of a few letters, may stand from where the rest lets expect it, and half its distance.
_ASTRAY, _CRUMB_ASTRAY = 400, 40
_Stretch = tuple[int, int]  # first and one after the last


def find_boxes(ref: DocumentRef, pdf: bytes, text: str, start: int, end: int, page: int | None) -> tuple[Box, ...]:
    """Return where `text[start:end]` stands in the PDF, a box a line; nothing where it does not stand there.

    Only letters and digits are compared: marks of lists and tables, white space and hyphens differ between the two.
    What stands there more than once is looked for where its surroundings are most alike. What does not stand there in
    one piece (a page ends within it, cells are set in another order) is put together from its parts.

    Args:
        ref: the document, for the errors.
        pdf: the PDF.
        text: the document's text.
        start: where the stretch begins.
        end: where it ends (exclusive).
        page: the number of the page that it stands on, where the PDF's pages are the document's.

    Raises:
        DamagedDocumentError: the PDF cannot be read.
    """
    pages = _page_texts(ref.key, pdf)
    shown = _fold("".join(pages))
    begins = [0]
    for one in pages:
        begins.append(begins[-1] + len(one))
    found: list[Box] = []
    for number, stretches in _by_page(_find(_fold(text), shown, start, end, _letters(shown, begins, page)), begins):
        words = pages[number - 1]
        document = Document(ref, words, pages=(Page(number, 0, len(words)),))
        for first, last in stretches:
            found.extend(pdf_boxes.boxes(pdf, document, first, last))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Folded:
    """The letters and digits of a text in their plainest form, and where in the text each of them stands.

    `seams` are the numbers of the letters that a line or the cell of a table begins with.
    """

    text: str
    key: str
    offsets: Sequence[int]
    seams: Sequence[int]

    def next_word(self, first: int, last: int) -> int | None:
        """Return the number of the letter that the next word between `first` and `last` begins with."""
        offsets = self.offsets
        return next((at for at in range(first + 1, last) if offsets[at] - offsets[at - 1] > 1), None)

    def whole_words(self, first: int, last: int) -> bool:
        """Whether no letter stands directly before or after those from `first` to `last`."""
        offsets = self.offsets
        before = first == 0 or offsets[first] - offsets[first - 1] > 1
        return before and (last == len(offsets) or offsets[last] - offsets[last - 1] > 1)

    def range(self, start: int, end: int) -> _Stretch:
        """Return which letters stand for the text's characters `start` to `end`."""
        return bisect.bisect_left(self.offsets, start), bisect.bisect_left(self.offsets, end)


def _fold(text: str) -> _Folded:
    letters: list[str] = []
    offsets: list[int] = []
    seams: list[int] = []
    for offset, character in enumerate(text):
        if character in "|\n" and (not seams or seams[-1] != len(offsets)):
            seams.append(len(offsets))
        plain = character.lower() if character.isascii() else unicodedata.normalize("NFKD", character).casefold()
        for letter in plain:
            if letter.isalnum():
                letters.append(letter)
                offsets.append(offset)
    return _Folded(text, "".join(letters), offsets, seams)


def _page_texts(key: str, pdf: bytes) -> list[str]:
    """Return the text layer of every page."""
    import pypdfium2 as pdfium

    texts: list[str] = []
    with contextlib.closing(open_pdf(key, pdf)) as file:
        for number in range(len(file)):
            try:
                with contextlib.closing(file[number]) as sheet, contextlib.closing(sheet.get_textpage()) as layer:
                    texts.append(layer.get_text_range() + "\n")
            except pdfium.PdfiumError as error:
                raise DamagedDocumentError(f"{key}: page {number + 1} cannot be read: {error}") from error
    return texts


def _letters(shown: _Folded, begins: Sequence[int], page: int | None) -> _Stretch | None:
    """Return which letters stand on a page, None where no page is given."""
    if page is None or not 1 <= page < len(begins):
        return None
    return shown.range(begins[page - 1], begins[page])


def _find(text: _Folded, shown: _Folded, start: int, end: int, within: _Stretch | None) -> list[_Stretch]:
    """Return the stretches of the shown text that `text`'s characters `start` to `end` stand for, in their order."""
    first, last = text.range(start, end)
    if first >= last:
        return []
    search = _Search(text, shown, within)
    parts = search.parts(first, last)
    placed = search.placed(parts)
    lengths = [length for _, length in placed]
    if not placed or (sum(lengths) * 2 < last - first and max(lengths) < _CERTAIN):
        return []  # words that stand anywhere
    found = [(shown.offsets[at], shown.offsets[at + length - 1] + 1) for at, length in _joined(placed)]
    # The full stop and the brackets around are marked as well.
    opening, closing = (
        text.text[start : text.offsets[first]].strip(),
        text.text[text.offsets[last - 1] + 1 : end].strip(),
    )
    if opening and shown.text.endswith(opening, 0, found[0][0]):
        found[0] = found[0][0] - len(opening), found[0][1]
    if closing and shown.text.startswith(closing, found[-1][1]):
        found[-1] = found[-1][0], found[-1][1] + len(closing)
    return found


def _joined(placed: Sequence[_Stretch]) -> list[_Stretch]:
    """Return places (begin, length) with those made one that follow on one another."""
    joined: list[_Stretch] = []
    for at, length in sorted(placed):
        if joined and at <= sum(joined[-1]):
            joined[-1] = joined[-1][0], max(sum(joined[-1]), at + length) - joined[-1][0]
        else:
            joined.append((at, length))
    return joined


class _Search:
    """Looks for parts of one string of letters in another.

    Args:
        text: the document's letters.
        shown: the PDF's.
        within: those among which the parts stand for preference.
    """

    def __init__(self, text: _Folded, shown: _Folded, within: _Stretch | None) -> None:
        self._folded = text
        self._on_pages = shown
        self._text = text.key
        self._shown = shown.key
        self._within = within

    def parts(self, first: int, last: int) -> list[tuple[int, int, list[int]]]:
        """Return the largest parts of `first` to `last` that stand somewhere: begin, end, places."""
        found: list[tuple[int, int, list[int]]] = []
        waiting = [(first, last)]
        for _ in range(_MAX_TRIES):
            if not waiting:
                break
            begin, end = waiting.pop()
            if places := self._places(begin, end):
                found.append((begin, end, places))
            elif seam := self._seam(begin, end):
                waiting += [(seam, end), (begin, seam)]
        return found

    def placed(self, parts: Sequence[tuple[int, int, list[int]]]) -> list[_Stretch]:
        """Return where each part stands (begin, length), told by the surroundings of the longest and surest."""
        if not parts:
            return []
        first, last, places = max(parts, key=lambda part: (part[1] - part[0]) / len(part[2]))
        anchor = max(places, key=lambda at: self._likeness(first, last, at))
        found: list[_Stretch] = []
        for begin, end, options in parts:
            expected = anchor + begin - first
            at = anchor if begin == first else min(options, key=lambda at: abs(at - expected))
            allowed = _ASTRAY if end - begin >= _SMALLEST else _CRUMB_ASTRAY
            if abs(at - expected) <= allowed + abs(begin - first) / 2:
                found.append((at, end - begin))
        return found

    def _places(self, first: int, last: int) -> list[int]:
        """Return where the letters `first` to `last` stand; a few letters do not stand inside of another word."""
        letters = self._text[first:last]
        words = last - first < _SMALLEST and self._folded.whole_words(first, last)
        found: list[int] = []
        for low, high in ([self._within] if self._within else []) + [(0, len(self._shown))]:
            at = self._shown.find(letters, low, high)
            while at >= 0 and len(found) < _MAX_OCCURRENCES:
                if not words or self._on_pages.whole_words(at, at + len(letters)):
                    found.append(at)
                at = self._shown.find(letters, at + 1, high)
            if found:
                break
        return found

    def _likeness(self, first: int, last: int, at: int) -> float:
        """Return how alike the surroundings are, less how far the place is from where it would be in proportion.

        The nearest letters tell rows of a table apart; those around them, and the proportion, chapters that are alike:
        where a page ends, the nearest letters differ as well.
        """
        after = at + last - first
        alike = 0.0
        for reach in (_NEAR, _AROUND):
            pairs = (
                (self._text[max(0, first - reach) : first], self._shown[max(0, at - reach) : at]),
                (self._text[last : last + reach], self._shown[after : after + reach]),
            )
            alike += sum(_near(*pair) if reach == _NEAR else _around(*pair) for pair in pairs)
        return alike - 2 * abs(first / max(len(self._text), 1) - at / max(len(self._shown), 1))

    def _seam(self, first: int, last: int) -> int | None:
        """Return where to cut: after the lines and cells, or else the letters, at the begin that stand somewhere.

        Halving finds them: a begin that stands nowhere has no longer one that does. Where there are none, the first
        line, cell or word is cut off.
        """
        low, high = first, last  # the begin up to `low` stands somewhere, that up to `high` does not
        while high - low > 1:
            middle = (low + high) // 2
            if self._text[first:middle] in self._shown:
                low = middle
            else:
                high = middle
        seams = self._folded.seams
        number = bisect.bisect_right(seams, low)
        if number and seams[number - 1] > first:
            return seams[number - 1]
        if low - first >= _SMALLEST:
            return low
        if number < len(seams) and seams[number] < last:
            return seams[number]
        if last - first < 2 * _SMALLEST:
            return None
        return self._folded.next_word(first, last) or (first + last) // 2


def _near(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _around(one: str, other: str) -> float:
    """Return how much of a text is in another, in whatever order."""
    pieces = {one[at : at + _SMALLEST] for at in range(len(one) - _SMALLEST + 1)}
    there = {other[at : at + _SMALLEST] for at in range(len(other) - _SMALLEST + 1)}
    return len(pieces & there) / max(len(pieces), 1)


def _by_page(stretches: Sequence[_Stretch], begins: Sequence[int]) -> list[tuple[int, list[_Stretch]]]:
    """Return the number of each page that a stretch touches, with the parts on it in the page's own offsets."""
    found: list[tuple[int, list[_Stretch]]] = []
    for first, last in stretches:
        for number in range(bisect.bisect_right(begins, first), bisect.bisect_left(begins, last) + 1):
            begin, stop = begins[number - 1 : number + 1]
            part = max(first, begin) - begin, min(last, stop) - begin
            if found and found[-1][0] == number:
                found[-1][1].append(part)
            else:
                found.append((number, [part]))
    return found
