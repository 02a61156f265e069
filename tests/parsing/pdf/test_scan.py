from __future__ import annotations

import io
from dataclasses import replace

import pypdfium2 as pdfium
import pytest
from PIL import Image, ImageDraw

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.pdf import pictures as pdf_pictures
from assistant.parsing.pdf import scan as pdf_scan
from assistant.parsing.pdf.parser import PdfParser
from assistant.parsing.pdf.running import without_running_lines
from assistant.parsing.pictures.reading import Line, Reading
from assistant.types import Document, DocumentRef
from tests.fakes.pdf import make_pdf

REF = DocumentRef("files", "a.pdf", "v1", "a.pdf", "", "application/pdf")


def scan(*scanned: bool | None) -> bytes:
    """Return a PDF of scanned pages (None for a blank one) and pages of text."""
    pdf = pdfium.PdfDocument.new()
    text = pdfium.PdfDocument(make_pdf([["A page of text"]]))
    for index, is_scan in enumerate(scanned):
        if is_scan is False:
            pdf.import_pages(text, [0])
            continue
        page = pdf.new_page(600, 800)
        picture = pdfium.PdfImage.new(pdf)
        paper = Image.new("RGB", (60, 80), (200, 200, 200))
        if is_scan:
            ImageDraw.Draw(paper).line((5, 5 + index, 50, 40), "black", 3)
        picture.set_bitmap(pdfium.PdfBitmap.from_pil(paper))
        picture.set_matrix(pdfium.PdfMatrix().scale(600, 800))
        page.insert_obj(picture)
        page.gen_content()
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Reading]:
    """What text recognition sees on each page, in parts of its width and height; the last one again and again."""
    rows = ((Line("seen here", 0.1, 0.1, 0.4, 0.2, 0.9), Line("on the right", 0.6, 0.1, 0.9, 0.2, 0.9)),)
    below = ((Line("and there", 0.1, 0.3, 0.5, 0.4, 0.9),), (Line("at last", 0.1, 0.5, 0.5, 0.6, 0.9),))
    found = [Reading((rows, below), 0, 0.9)]

    def read_image(image: Image.Image) -> Reading:
        w, h = image.size
        reading = found.pop(0) if len(found) > 1 else found[0]
        placed = (
            tuple(
                tuple(replace(x, left=x.left * w, top=x.top * h, right=x.right * w, bottom=x.bottom * h) for x in row)
                for row in paragraph
            )
            for paragraph in reading.paragraphs
        )
        return replace(reading, paragraphs=tuple(placed))

    monkeypatch.setattr("assistant.parsing.pictures.ocr.read_image", read_image)
    return found


def parse(data: bytes) -> Document:
    document = PdfParser().parse(REF, data)
    check_document(document)
    return document


def test_scanned_pages_are_read_row_by_row_and_placed(seen: list[Reading]):
    document = parse(scan(True, False))
    assert document.text == "seen here on the right\n\nand there\nat last\n\nA page of text"
    words = [document.text[place.start : place.end] for place in document.places]
    assert words == ["seen here", "on the right", "and there", "at last"]
    box = document.places[0].box
    assert (box.page, box.left, box.top, box.right, box.bottom) == pytest.approx((1, 60, 80, 240, 160), abs=0.1)
    around = document.blocks[1].box
    assert around is not None
    assert (around.left, around.top, around.right, around.bottom) == pytest.approx((60, 240, 300, 480), abs=0.1)
    assert document.blocks[2].box is None


def test_a_scanned_page_is_kept_as_a_picture_of_all_its_text(seen: list[Reading]):
    document = parse(scan(False, True))
    (picture,) = document.pictures
    assert (picture.page, picture.media_type) == (2, "image/jpeg")
    assert (picture.start, picture.end) == (document.pages[1].start, document.pages[1].end)
    assert picture.box is not None
    assert (picture.box.right, picture.box.bottom) == (600, 800)
    with Image.open(io.BytesIO(picture.data)) as image:
        assert max(image.size) == 1600


def test_a_blank_page_is_nothing(seen: list[Reading]):
    document = parse(scan(None, False))
    assert document.text == "A page of text"
    assert not document.pictures
    with pytest.raises(EmptyDocumentError, match=r"a\.pdf: the PDF has 1 page but no text layer"):
        parse(scan(None))


def test_running_lines_of_scans_are_left_out_with_their_places(seen: list[Reading]):
    def reading(number: int) -> Reading:
        lines = ["Report 2024", *(f"{word} {'abcdef'[number]}" for word in BODY), "Acme"]
        rows = [(Line(line, 0.1, 0.1 * at, 0.9, 0.1 * at + 0.05, 0.9),) for at, line in enumerate(lines)]
        return Reading((tuple(rows[:1]), tuple(rows[1:])), 0, 0.9)

    seen[:] = [reading(number) for number in range(5)]
    document = parse(scan(*[True] * 5))
    assert document.text.count("Report 2024") == document.text.count("Acme") == 1
    assert "alpha beta c\ngamma c" in document.text
    assert len(document.places) == 7 + 4 * 5
    for place in document.places:
        assert document.text[place.start : place.end].strip()
        assert "\n" not in document.text[place.start : place.end]


def test_a_picture_without_text_is_kept_and_said(seen: list[Reading]):
    seen[:] = [Reading()]
    document = parse(scan(True))
    assert document.text == "[Page 1 is kept as an image: no text was recognised on it]"
    assert [(block.kind, block.page) for block in document.blocks] == [("notice", 1)]
    assert len(document.pictures) == 1


def test_what_is_unsure_is_not_passed_off_as_text(seen: list[Reading]):
    seen[:] = [replace(seen[0], confidence=0.3)]
    notice = "[Page 1 is kept as an image: its text could not be read reliably]"
    document = parse(scan(True, False))
    assert document.text == f"{notice}\n\nA page of text"
    assert document.own_text.strip() == "A page of text"
    document = parse(scan(True))
    assert document.text == notice
    (picture,) = document.pictures
    assert (picture.start, picture.end, picture.page) == (0, len(notice), 1)


def test_what_is_not_read_is_said(seen: list[Reading]):
    whole = seen[0]
    seen[:] = [Reading(unread=1.0), replace(whole, unread=0.2)]
    document = parse(scan(True, True))
    notices = [block.text for block in document.blocks if block.kind == "notice"]
    assert notices == [
        "[Page 1 is kept as an image: its text could not be read reliably]",
        "[Page 2 is kept as an image: a part of its text could not be read reliably]",
    ]
    assert document.text.endswith(
        "of its text could not be read reliably]\n\nseen here on the right\n\nand there\nat last"
    )


@pytest.mark.parametrize("limit", ["_MAX_PAGES", "_FOR_READING"])
def test_pages_beyond_the_limits_are_kept_and_said(seen: list[Reading], monkeypatch: pytest.MonkeyPatch, limit: str):
    monkeypatch.setattr(pdf_scan, limit, 1 if limit == "_MAX_PAGES" else -1.0)
    document = parse(scan(True, True, False, True))
    assert "[Page 2 is kept as an image: it was not read]" in document.text
    first = "1-" if limit == "_FOR_READING" else ""
    assert document.text.splitlines()[-1].startswith(f"[Pages {first}2, 4 were not read: text recognition ends after")
    assert [picture.page for picture in document.pictures] == [1, 2, 4]
    assert document.pages[-1].end == len(document.text)
    assert "was not read" not in document.own_text
    assert "were not read" not in document.own_text


def test_pages_that_are_not_even_drawn_are_said(seen: list[Reading], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_scan, "_MAX_PAGES", 1)
    monkeypatch.setattr(pdf_scan, "_FOR_DRAWING", -1.0)
    document = parse(scan(True, True, True))
    assert document.text.endswith("\n\n[Pages 2-3 were not read: text recognition ends after 1 pages of a document]")
    assert len(document.pictures) == 1


def test_a_scan_that_is_not_kept_is_said(seen: list[Reading], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_pictures, "MAX_PICTURES", 1)
    seen[:] = [replace(seen[0], confidence=0.3)]
    document = parse(scan(True, True))
    assert "\n\n[Page 2: its text could not be read reliably]\n\n[1 further pictures are not kept" in document.text
    assert not document.own_text.strip()
    assert len(document.pictures) == 1


def failing(monkeypatch: pytest.MonkeyPatch, bad: set[int]) -> None:
    original = pdfium.PdfDocument.get_page

    def get_page(self: pdfium.PdfDocument, index: int) -> pdfium.PdfPage:
        if index in bad:
            raise pdfium.PdfiumError("broken")
        return original(self, index)

    monkeypatch.setattr(pdfium.PdfDocument, "get_page", get_page)
    monkeypatch.setattr(pdfium.PdfDocument, "__getitem__", get_page)


def test_a_broken_page_is_said_in_the_text(monkeypatch: pytest.MonkeyPatch):
    failing(monkeypatch, {1})
    document = parse(make_pdf([["one"], ["two"], ["three"]]))
    assert document.text == "one\n\n[Page 2 cannot be read: broken]\n\nthree"
    assert [block.kind for block in document.blocks] == ["text", "notice", "text"]


@pytest.mark.parametrize("bad", [{0, 1}, {0, 1, 2}])
def test_mostly_broken_pages_fail(monkeypatch: pytest.MonkeyPatch, bad: set[int]):
    failing(monkeypatch, bad)
    with pytest.raises(DamagedDocumentError, match=r"a\.pdf: page 1 of 3 cannot be read: broken"):
        parse(make_pdf([["one"], ["two"], ["three"]]))


BODY = ["alpha beta", "gamma", "delta", "epsilon", "zeta"]


def test_running_lines_stay_where_they_stand_first():
    pages = [["Report 2024", *(f"{line} {'abcde'[n]}" for line in BODY), f"Acme, page {n + 1}",
              f"- {n + 7} -"] for n in range(5)]  # fmt: skip
    found = without_running_lines(pages)
    assert found[0][0] == "Report 2024"
    assert found[0][-2:] == ["Acme, page 1", ""]
    assert all(page[0] == "" and page[-2:] == ["", ""] for page in found[1:])
    assert found[3][1] == "alpha beta d"


def test_lines_that_say_something_new_stay():
    pages = [[f"Invoice {n + 1050}", *BODY[:4], "total", f"{n * 37 + 5}"] for n in range(6)]
    found = without_running_lines(pages)
    assert [page[0] for page in found] == [page[0] for page in pages]
    assert [page[-1] for page in found] == [page[-1] for page in pages]
    assert without_running_lines(pages[:3]) == pages[:3]
    short = [["same"]] * 8
    assert without_running_lines(short) == short
