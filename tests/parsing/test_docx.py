from __future__ import annotations

import io
import time
import zipfile

import pytest

from assistant.errors import (
    DamagedDocumentError,
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
)
from assistant.parsing.check import check_document
from assistant.parsing.docx import DocxParser
from assistant.parsing.media_types import DOCX
from assistant.types import Document, DocumentRef
from tests.contracts.parser_contract import ContainerParserContract
from tests.fakes.docx import word_part, zip_docx

REF = DocumentRef("files", "a.docx", "v1", "a.docx", "", DOCX)


def parse(data: bytes) -> Document:
    document = DocxParser().parse(REF, data)
    check_document(document)
    return document


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def paragraph(text: str) -> str:
    return f"<w:p>{run(text)}</w:p>"


def written_by_python_docx() -> bytes:
    import docx

    document = docx.Document()
    document.core_properties.title = ""
    document.add_heading("Travel policy", 0)
    document.add_paragraph("Who pays what.")
    document.add_heading("Hotels", 1)
    document.add_heading("In town", 2)
    document.add_paragraph("first", style="List Bullet")
    document.add_paragraph("second", style="List Bullet")
    document.add_paragraph("one", style="List Number")
    document.add_paragraph("two", style="List Number")
    table = document.add_table(rows=2, cols=2)
    for index, text in enumerate(["City", "Limit", "Rome", "120 | 130"]):
        table.cell(index // 2, index % 2).text = text
    document.add_paragraph("After the table.")
    output = io.BytesIO()
    document.save(output)
    return output.getvalue()


class TestDocxParser(ContainerParserContract):
    @pytest.fixture
    def parser(self):
        return DocxParser()

    @pytest.fixture
    def media_type(self):
        return DOCX

    @pytest.fixture
    def good(self):
        return written_by_python_docx()

    @pytest.fixture
    def words(self):
        return ["Travel policy", "Hotels", "In town", "- first", "Rome", "After the table."]


def test_structure_in_the_order_of_the_document():
    document = parse(written_by_python_docx())
    assert document.text == (
        "Travel policy\n\nWho pays what.\n\nHotels\n\nIn town\n\n- first\n- second\n1. one\n2. two\n\n"
        "| City | Limit |\n| --- | --- |\n| Rome | 120 \\| 130 |\n\nAfter the table."
    )
    assert [(block.text, block.level) for block in document.blocks if block.level] == [
        ("Travel policy", 1),
        ("Hotels", 1),
        ("In town", 2),
    ]
    assert document.ref.title == "Travel policy"
    assert document.pages == ()


def test_revisions_fields_controls_and_boxes():
    body = (
        f"<w:p>{run('kept')}<w:ins>{run(' inserted')}</w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        f"<w:hyperlink>{run(' link')}</w:hyperlink><w:r><w:tab/><w:t>tab</w:t><w:br/><w:t>line</w:t></w:r>"
        "<w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:footnoteReference w:id='2'/></w:r></w:p>"
        f"<w:sdt><w:sdtContent>{paragraph('in a control')}</w:sdtContent></w:sdt>"
        f"<w:p><w:r><mc:AlternateContent xmlns:mc='m'><mc:Choice><w:txbxContent>{paragraph('box')}</w:txbxContent>"
        f"</mc:Choice><mc:Fallback><w:txbxContent>{paragraph('box')}</w:txbxContent></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    notes = word_part(
        "footnotes",
        f"<w:footnote w:type='separator' w:id='0'>{paragraph('no')}</w:footnote>"
        f"<w:footnote w:id='2'>{paragraph('a note')}</w:footnote>",
    )
    document = parse(zip_docx(body, {"word/footnotes.xml": notes}))
    assert document.text == "kept inserted link\ttab\nline[2]\n\nin a control\n\nbox\n\n[2] a note"


def test_a_table_of_one_column_is_a_frame_around_paragraphs():
    cell = f"<w:tc>{paragraph('First.')}{paragraph('Second.')}</w:tc>"
    assert parse(zip_docx(f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>")).text == "First.\n\nSecond."


def test_title_from_the_properties():
    core = "<c:coreProperties xmlns:c='c' xmlns:dc='d'><dc:title>Stated title</dc:title></c:coreProperties>"
    assert parse(zip_docx(paragraph("text"), {"docProps/core.xml": core})).ref.title == "Stated title"


def test_no_text():
    with pytest.raises(EmptyDocumentError, match=r"a\.docx: the document has no text"):
        parse(zip_docx("<w:p/>"))


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 and then rubbish",
        zip_docx("<w:p>"),
        zip_docx("", {"_rels/.rels": "<Relationships/>"}),
        zip_docx("", {"word/document.xml": "<other/>"}),
    ],
)
def test_damaged(data: bytes):
    with pytest.raises(DamagedDocumentError, match=r"a\.docx"):
        parse(data)


def test_entity_bomb_is_refused():
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    prologue = f'<!DOCTYPE bomb [<!ENTITY l0 "lol">{entities}]>'
    with pytest.raises(DamagedDocumentError, match=r"a\.docx"):
        parse(zip_docx(paragraph("&l9;"), prologue=prologue))


def test_archive_bomb_is_refused_before_it_is_unpacked():
    data = zip_docx(paragraph("x"), {"word/media/bomb.bin": b"\0" * (64 << 20)})
    started = time.process_time()
    with pytest.raises(DocumentTooLargeError, match=r"a\.docx: word/media/bomb\.bin unpacks to"):
        parse(data)
    assert time.process_time() - started < 0.5


def test_bomb_that_lies_about_its_size_is_not_unpacked_further():
    data = bytearray(zip_docx(paragraph("x" * 30_000_000)))
    real = (30_000_000).to_bytes(4, "little")[2:]  # the two high bytes of the size, the same for the XML around it
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        size = archive.getinfo("word/document.xml").file_size.to_bytes(4, "little")
    assert size[2:] == real
    lying = bytes(data).replace(size, (1000).to_bytes(4, "little"))
    with pytest.raises(DamagedDocumentError, match=r"a\.docx"):
        parse(lying)


def test_password():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    with pytest.raises(EncryptedDocumentError, match=r"a\.docx"):
        parse(ole + "EncryptedPackage".encode("utf-16-le") + b"\0" * 100)
    with pytest.raises(DamagedDocumentError, match="renamed"):
        parse(ole)
