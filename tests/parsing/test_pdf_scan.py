from __future__ import annotations

import io
import sys
from types import ModuleType, SimpleNamespace

import pypdfium2 as pdfium
import pytest
from PIL import Image

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing import pdf_scan
from assistant.parsing.check import check_document
from assistant.parsing.pdf import PdfParser
from assistant.parsing.pdf_running import without_running_lines
from assistant.types import Document, DocumentRef
from tests.fakes.pdf import make_pdf

REF = DocumentRef("files", "a.pdf", "v1", "a.pdf", "", "application/pdf")


def scan(*scanned: bool) -> bytes:
    """Return a PDF of scanned pages and pages of text."""
    pdf = pdfium.PdfDocument.new()
    text = pdfium.PdfDocument(make_pdf([["A page of text"]]))
    for index, is_scan in enumerate(scanned):
        if not is_scan:
            pdf.import_pages(text, [0])
            continue
        page = pdf.new_page(600, 800)
        picture = pdfium.PdfImage.new(pdf)
        picture.set_bitmap(pdfium.PdfBitmap.from_pil(Image.new("RGB", (30, 40), (200, 200, 200 + index))))
        picture.set_matrix(pdfium.PdfMatrix().scale(600, 800))
        page.insert_obj(picture)
        page.gen_content()
    target = io.BytesIO()
    pdf.save(target)
    return target.getvalue()


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """Lines that text recognition finds in every picture: a tenth of the way in."""
    found = [
        SimpleNamespace(text="seen here", left=0.1, top=0.1, right=0.5, bottom=0.2, confidence=0.9),
        SimpleNamespace(text=" and  there", left=0.1, top=0.3, right=0.5, bottom=0.4, confidence=0.9),
    ]

    def read_image(image: Image.Image) -> SimpleNamespace:
        w, h = image.size
        placed = [
            SimpleNamespace(
                text=x.text, left=x.left * w, top=x.top * h, right=x.right * w, bottom=x.bottom * h, confidence=0.9
            )
            for x in found
        ]
        return SimpleNamespace(lines=placed, reliable=found[:1] != [] and found[0].confidence > 0.5)

    module = ModuleType("assistant.parsing.ocr")
    module.read_image = read_image  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "assistant.parsing.ocr", module)
    monkeypatch.setattr("assistant.parsing.ocr", module, raising=False)
    return found


def parse(data: bytes) -> Document:
    document = PdfParser().parse(REF, data)
    check_document(document)
    return document


def test_scanned_pages_are_read_and_placed(lines: list[SimpleNamespace]):
    document = parse(scan(True, False))
    assert document.text == "seen here\nand there\n\nA page of text"
    assert [document.text[place.start : place.end] for place in document.places] == ["seen here", "and there"]
    box = document.places[0].box
    assert (box.page, box.left, box.top, box.right, box.bottom) == pytest.approx((1, 60, 80, 300, 160))


def test_nothing_recognised(lines: list[SimpleNamespace]):
    lines.clear()
    with pytest.raises(EmptyDocumentError, match=r"a\.pdf: .* recognition found none on 1"):
        parse(scan(True))


def test_what_is_unsure_is_not_passed_off_as_text(lines: list[SimpleNamespace]):
    lines[0].confidence = 0.1
    assert parse(scan(True, False)).text.startswith(
        "[Page 1 cannot be read: its text was not recognised surely]\n\nA page"
    )
    with pytest.raises(EmptyDocumentError, match=r"a\.pdf: page 1 of 1 cannot be read"):
        parse(scan(True))


def test_limits(lines: list[SimpleNamespace], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf_scan, "_MAX_PAGES", 1)
    with pytest.raises(DocumentTooLargeError, match=r"a\.pdf: .*more than 1 pages"):
        parse(scan(True, True))
    monkeypatch.setattr(pdf_scan, "_MAX_PAGES", 9)
    monkeypatch.setattr(pdf_scan, "_MAX_SECONDS", 0.0)
    with pytest.raises(DocumentTooLargeError, match=r"a\.pdf: .*seconds"):
        parse(scan(True, True))


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
