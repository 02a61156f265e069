"""Hidden text of every format: it is told with its reason, and what is seen is not."""

from __future__ import annotations

import io
import zipfile

import pytest

from assistant.parsing.docx.parser import DocxParser
from assistant.parsing.hidden import with_hidden
from assistant.parsing.pdf.parser import PdfParser
from assistant.parsing.pptx.parser import PptxParser
from assistant.parsing.process.messages import pack_document, unpack
from assistant.parsing.texts.text import TextParser
from assistant.parsing.web.html import HtmlParser
from assistant.parsing.workbooks.xlsx import XlsxParser
from assistant.types import Document, DocumentRef

OOXML = "application/vnd.openxmlformats-officedocument."


def found(parser, media_type: str, data: bytes) -> tuple[Document, set[tuple[str, str]]]:
    ref = DocumentRef("s", "k", "v", "t", "", media_type)
    document = with_hidden(parser.parse(ref, data), data)
    assert unpack(ref, pack_document(document)).hidden == document.hidden
    for one in document.hidden:
        if one.start < one.end:
            assert document.text[one.start : one.end] == one.text
    return document, {(one.kind, one.text) for one in document.hidden}


def test_characters_that_nothing_shows_are_told_with_their_place() -> None:
    text = "Leave is 28 days.\u200b Ask\u202e HR.\U000e0041\U000e0042 A soft\u00adhyphen, \u0645\u06cc\u200c\u062e."
    document, hidden = found(TextParser(), "text/plain", text.encode())
    assert hidden == {("unseen", "\u200b"), ("unseen", "\u202e"), ("unseen", "\U000e0041"), ("unseen", "\U000e0042")}
    assert all(one.end == one.start + 1 for one in document.hidden)
    many, _ = found(TextParser(), "text/plain", ("x\u200b" * 500).encode())
    assert (len(many.hidden), sum(one.count for one in many.hidden)) == (201, 500)


def test_html() -> None:
    page = """<html><body style="background: #fff"><p>Seen by all.</p><!-- a remark --><!--[if mso]>x<![endif]-->
    <p hidden>not one</p><div style="display: none">not two</div><div style="visibility:hidden">not three</div>
    <p style="color: white">pale one</p><p style="color:#FEFEFE">pale two</p><font color="#ffffff">pale three</font>
    <p style="font-size:1px">tiny one</p><p style="position:absolute; left:-9999px">away one</p>
    <p style="opacity:0">clear one</p><div style="background:#003366"><p style="color:#fff">a heading in white</p></div>
    <p style="color:#333;font-size:14px">plain</p><td style="color:white" bgcolor="navy">button</td></body></html>"""
    document, hidden = found(HtmlParser(), "text/html", page.encode())
    assert hidden == {
        ("comment", "a remark"),
        ("not_shown", "not one"),
        ("not_shown", "not two"),
        ("not_shown", "not three"),
        ("pale", "pale one"),
        ("pale", "pale two"),
        ("pale", "pale three"),
        ("tiny", "tiny one"),
        ("off_page", "away one"),
        ("invisible", "clear one"),
    }
    placed = {one.text for one in document.hidden if one.start < one.end}
    assert "pale one" in placed
    assert "not one" not in placed


def pdf(content: str) -> bytes:
    """Return a PDF of one page with this content."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out, places = io.BytesIO(b"%PDF-1.7\n"), []
    out.seek(0, io.SEEK_END)
    for number, body in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1"))
    start = out.tell()
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    out.write(f"xref\n0 6\n0000000000 65535 f \n{rows}trailer\n<< /Size 6 /Root 1 0 R >>\n".encode())
    out.write(f"startxref\n{start}\n%%EOF".encode())
    return out.getvalue()


def test_pdf() -> None:
    def said(text: str, x: int, y: int, before: str = "0 g", size: int = 12) -> str:
        return f"{before} BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET 0 Tr\n"

    content = said("Seen by all of us here.", 72, 700) + said("Pale words.", 72, 660, "1 g")
    content += said("No ink words.", 72, 640, "0 g 3 Tr") + said("Small words.", 72, 620, size=1)
    content += said("Words away.", 900, 600) + "0 0 0.5 rg 60 480 300 40 re f\n"
    content += said("White on blue.", 72, 495, "1 g")
    _, hidden = found(PdfParser(), "application/pdf", pdf(content))
    assert hidden == {
        ("pale", "Pale words."),
        ("invisible", "No ink words."),
        ("tiny", "Small words."),
        ("off_page", "Words away."),
    }


def test_word() -> None:
    from docx import Document as Word
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    word = Word()
    line = word.add_paragraph("Seen by all. ")
    line.add_run("vanished").font.hidden = True
    line.add_run("pale").font.color.rgb = RGBColor(255, 255, 255)
    line.add_run("tiny").font.size = Pt(1)
    dark = line.add_run("white on black")
    dark.font.color.rgb = RGBColor(255, 255, 255)
    shade = dark._r.get_or_add_rPr().makeelement(qn("w:shd"), {qn("w:fill"): "000000"})
    dark._r.rPr.append(shade)
    word.add_comment(line.runs[0], text="a remark", author="Ann")
    target = io.BytesIO()
    word.save(target)
    _, hidden = found(DocxParser(), f"{OOXML}wordprocessingml.document", target.getvalue())
    assert hidden == {("not_shown", "vanished"), ("pale", "pale"), ("tiny", "tiny"), ("comment", "a remark")}


def test_slides() -> None:
    from pptx import Presentation
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])

    def box(text: str, left: float = 1):
        shape = slide.shapes.add_textbox(Inches(left), Inches(1), Inches(2), Inches(1))
        shape.text_frame.text = text
        return shape.text_frame.paragraphs[0].runs[0].font

    box("Seen by all")
    box("beside the slide", 20)
    box("pale").color.rgb = RGBColor(254, 254, 254)
    box("tiny").size = Pt(1)
    slide.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "hidden shape"
    slide.shapes[-1]._element.nvSpPr.cNvPr.set("hidden", "1")
    other = deck.slides.add_slide(deck.slide_layouts[6])
    other.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "hidden slide"
    other._element.set("show", "0")
    target = io.BytesIO()
    deck.save(target)
    _, hidden = found(PptxParser(), f"{OOXML}presentationml.presentation", target.getvalue())
    assert hidden == {
        ("off_page", "beside the slide"),
        ("pale", "pale"),
        ("tiny", "tiny"),
        ("not_shown", "hidden shape"),
        ("not_shown", "hidden slide"),
    }


def test_workbooks() -> None:
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    pale = book.add_format({"font_color": "#FFFFFF"})
    on_red = book.add_format({"font_color": "#FFFFFF", "bg_color": "#CC0000"})
    sheet = book.add_worksheet("Seen")
    for row, cells in enumerate((("Seen", "by all", "hidden column"), ("hidden", "row"), ("pale", "white on red"))):
        for column, text in enumerate(cells):
            sheet.write(row, column, text, (pale, on_red)[column] if row == 2 else None)
    sheet.set_row(1, None, None, {"hidden": True})
    sheet.set_column(2, 2, None, None, {"hidden": True})
    sheet.write_comment("A1", "a remark")
    other = book.add_worksheet("Other")
    other.write(0, 0, "hidden sheet")
    other.hide()
    book.close()
    _, hidden = found(XlsxParser(), f"{OOXML}spreadsheetml.sheet", target.getvalue())
    assert {pair for pair in hidden if pair[0] != "comment"} == {
        ("not_shown", "hidden row"),
        ("not_shown", "hidden column"),
        ("not_shown", "hidden sheet"),
        ("pale", "pale"),
    }
    assert any(kind == "comment" and "a remark" in text for kind, text in hidden)


def test_what_cannot_be_looked_at_says_so_and_costs_no_document(caplog: pytest.LogCaptureFixture) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("x", "y")
    ref = DocumentRef("s", "k", "v", "t", "", f"{OOXML}presentationml.presentation")
    document = with_hidden(Document(ref, "Text."), target.getvalue())
    assert [(one.kind, one.count) for one in document.hidden] == [("unchecked", 0)]
    assert "was not looked for hidden text" in caplog.text
