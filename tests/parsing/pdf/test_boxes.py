from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from PIL import Image

from assistant.errors import DamagedDocumentError, EncryptedDocumentError
from assistant.parsing.pdf.boxes import _apart, align, boxes
from assistant.parsing.pdf.parser import PdfParser
from assistant.parsing.pdf.render import render
from assistant.types import Box, Document, DocumentRef, Page, Place
from tests.fakes.pdf import encrypted_pdf, make_pdf

REF = DocumentRef("files", "a.pdf", "v1", "a.pdf", "", "application/pdf")
DATA = make_pdf([["The first line of the page", "and then the second line"], ["Another page"]])


def parsed(data: bytes = DATA) -> Document:
    return PdfParser().parse(REF, data)


def of(document: Document, words: str, data: bytes = DATA) -> tuple[Box, ...]:
    start = document.text.index(words)
    return boxes(data, document, start, start + len(words))


def changed(rotation: int = 0, crop: tuple[float, float, float, float] | None = None) -> bytes:
    pdf = pdfium.PdfDocument(DATA)
    for page in pdf:
        page.set_rotation(rotation)
        if crop:
            page.set_cropbox(*crop)
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


def test_a_box_a_line_from_the_top_left():
    found = of(parsed(), "line of the page\nand then")
    assert [box.page for box in found] == [1, 1]
    first, second = found
    # Written at y = 720 of 792 in 11 points, the next line 14 points below.
    assert first.top < 72 < first.bottom < second.top < 86 < second.bottom + 3
    assert second.left == pytest.approx(72, abs=1.5)
    assert first.left > 100
    assert first.right > second.right


def test_a_span_over_pages():
    document = parsed()
    assert [box.page for box in boxes(DATA, document, 0, len(document.text))] == [1, 1, 2]
    assert boxes(DATA, document, 3, 3) == ()


def test_crop_box_whose_origin_is_elsewhere():
    data = changed(crop=(50, 100, 600, 780))
    (plain,), (cropped,) = of(parsed(), "second"), of(parsed(data), "second", data)
    assert cropped.left == pytest.approx(plain.left - 50, abs=0.1)
    assert cropped.top == pytest.approx(plain.top - 12, abs=0.1)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_boxes_cover_the_ink_of_a_turned_page(rotation: int):
    data = changed(rotation=rotation)
    document = parsed(data)
    found = boxes(data, document, document.pages[1].start, document.pages[1].end)
    image = Image.open(io.BytesIO(render(data, 2, [], 900))).convert("L")
    scale = image.width / (612 if rotation == 180 else 792)
    ink = image.point(lambda value: 255 if value < 128 else 0).getbbox()
    assert ink is not None
    assert min(box.left for box in found) * scale == pytest.approx(ink[0], abs=3)
    assert min(box.top for box in found) * scale == pytest.approx(ink[1], abs=3)
    assert max(box.right for box in found) * scale == pytest.approx(ink[2], abs=3)
    assert max(box.bottom for box in found) * scale == pytest.approx(ink[3], abs=3)


def test_places_are_cut_in_proportion():
    text = "0123456789\nabdeh"
    places = (Place(0, 10, Box(1, 100, 10, 200, 20)), Place(11, 16, Box(1, 100, 30, 150, 40)))
    document = Document(REF, text, (), (Page(1, 0, 16),), places)
    assert boxes(b"not read", document, 5, 13) == (Box(1, 150, 10, 200, 20), Box(1, 100, 30, 120, 40))


@pytest.mark.parametrize(
    ("text", "characters", "words", "expected"),
    [
        ("example here", "exam-plehere".replace("-", ""), "example", range(7)),
        ("right column\nleft column", "leftcolumnrightcolumn", "right column", range(10, 21)),
        ("same\nfirst\nsame\nlast", "samefirstsamelast", "last", range(13, 17)),
        ("body text", "HEADERbodytext", "body", range(6, 10)),
        ("wXrds that differ", "Zwordsthatdiffer", "that", range(6, 10)),
        ("Pods®, and more\nlast", "Pods,andmorelast®", "Pods®, and", [0, 1, 2, 3, 16, 4, 5, 6, 7]),
        ("\u0644\u0627 x", "\u0627\u0644x", "\u0644\u0627", range(2)),
    ],
)
def test_alignment(text: str, characters: str, words: str, expected: Sequence[int]):
    start = text.index(words)
    assert align(text, characters, start, start + len(words)) == list(expected)


def test_a_mark_is_drawn_in_where_it_touches_others():
    places = [(0.0, 0.0, 5.2, 10.0), (5.0, 0.0, 10.0, 10.0), (9.8, 0.0, 15.0, 10.0), (5.0, 9.5, 10.0, 20.0), None]
    assert _apart(places, [1]) == [(5.2, 0.0, 9.8, 9.5)]
    one_glyph = [(0.0, 0.0, 5.0, 10.0), (0.0, 0.0, 5.0, 10.0)]
    assert _apart(one_glyph, [1]) == [(0.0, 0.0, 5.0, 10.0)]


def test_punctuation_stays_on_its_line():
    places = [(0, 0, 5, 10), (6, 9, 7, 11), None, (0, 14, 5, 24)]
    assert _apart(places, range(4)) == [(0, 0, 7, 11), (0, 14, 5, 24)]


def test_errors_name_the_document():
    document = parsed()
    with pytest.raises(DamagedDocumentError, match=r"a\.pdf"):
        boxes(b"rubbish", document, 0, 5)
    with pytest.raises(EncryptedDocumentError, match=r"a\.pdf"):
        boxes(encrypted_pdf(), document, 0, 5)
    with pytest.raises(DamagedDocumentError, match=r"a\.pdf: page 2"):
        boxes(make_pdf([["one"]]), document, 0, len(document.text))


def test_words_read_in_a_picture_and_the_text_around_it_have_their_own_boxes():
    data = make_pdf([["First line", "Second line"]])
    document = parsed(data)
    place = document.text.index("\n") + 1
    read = "SEEN\n"
    text = document.text[:place] + read + document.text[place:]
    page = replace(document.pages[0], end=document.pages[0].end + len(read))
    seen = Box(1, 10, 20, 50, 30)
    mixed = replace(document, text=text, blocks=(), pages=(page,), places=(Place(place, place + 4, seen),))
    first, read_box, second = boxes(data, mixed, 0, len(text))
    assert read_box == seen
    assert first == boxes(data, document, 0, 10)[0]
    assert second == boxes(data, document, place, len(document.text))[0]
    assert boxes(data, mixed, place, place + 4) == (seen,)
