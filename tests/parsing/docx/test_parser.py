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
from assistant.parsing.docx.parser import DocxParser
from assistant.parsing.media_types import DOCX
from assistant.types import Document, DocumentRef, Metadata
from tests.contracts.parser_contract import ContainerParserContract
from tests.fakes.docx import paragraph, run, word_part, zip_docx

REF = DocumentRef("files", "a.docx", "v1", "a.docx", "", DOCX)


def parse(data: bytes) -> Document:
    document = DocxParser().parse(REF, data)
    check_document(document)
    return document


def with_core_relation() -> str:
    return (
        "<Relationships><Relationship Id='r1' Type='t/officeDocument' Target='word/document.xml'/>"
        "<Relationship Id='r2' Type='t/core-properties' Target='docProps/core.xml'/></Relationships>"
    )


def with_core(properties: str) -> bytes:
    core = f"<cp:coreProperties xmlns:cp='c' xmlns:dc='d' xmlns:dcterms='t'>{properties}</cp:coreProperties>"
    return zip_docx(paragraph("text"), {"docProps/core.xml": core, "_rels/.rels": with_core_relation()})


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
        f"<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{paragraph('box')}</w:txbxContent>"
        f"</mc:Choice><mc:Fallback><w:txbxContent>{paragraph('box')}</w:txbxContent></mc:Fallback>"
        "</mc:AlternateContent></w:r></w:p>"
    )
    notes = word_part(
        "footnotes",
        f"<w:footnote w:type='separator' w:id='0'>{paragraph('no')}</w:footnote>"
        f"<w:footnote w:id='2'>{paragraph('a note')}</w:footnote>",
    )
    document = parse(zip_docx(body, {"word/footnotes.xml": notes}))
    assert document.text == "kept inserted link\ttab\nline[1]\n\nin a control\n\nbox\n\n[1] a note"


def test_a_table_of_one_column_is_a_frame_around_paragraphs():
    cell = f"<w:tc>{paragraph('First.')}{paragraph('Second.')}</w:tc>"
    assert parse(zip_docx(f"<w:tbl><w:tr>{cell}</w:tr></w:tbl>")).text == "First.\n\nSecond."


def test_title_from_the_properties():
    assert parse(with_core("<dc:title>Stated title</dc:title>")).ref.title == "Stated title"


def test_metadata_from_the_properties():
    document = parse(
        with_core(
            "<dc:creator>Ada Lovelace; Alan Turing</dc:creator><dc:language>de-CH</dc:language>"
            "<cp:lastModifiedBy>Someone Else</cp:lastModifiedBy>"
            "<dcterms:created>2024-02-03T04:05:06Z</dcterms:created>"
            "<dcterms:modified>2024-02-03T06:05:06+01:00</dcterms:modified>"
        )
    )
    assert document.metadata == Metadata(
        ("Ada Lovelace", "Alan Turing"), "2024-02-03T04:05:06Z", "2024-02-03T05:05:06Z", "de"
    )


def test_language_that_most_of_the_text_is_marked_as():
    def marked(tag: str, text: str) -> str:
        return f"<w:p><w:r><w:rPr><w:lang w:val='{tag}'/></w:rPr><w:t>{text}</w:t></w:r></w:p>"

    default = "<w:rPrDefault><w:rPr><w:lang w:val='en-US'/></w:rPr></w:rPrDefault>"
    template = word_part("styles", f"<w:docDefaults>{default}</w:docDefaults>")
    body = marked("de-DE", "Guten Morgen, Welt") + marked("en-GB", "Hi") + paragraph("ja")
    assert parse(zip_docx(body, {"word/styles.xml": template})).metadata.language == "de"
    assert parse(zip_docx(paragraph("Bonjour"), {"word/styles.xml": template})).metadata.language == ""


def test_damaged_properties_do_not_cost_the_text():
    document = parse(zip_docx(paragraph("text"), {"docProps/core.xml": "<broken", "_rels/.rels": with_core_relation()}))
    assert document.text == "text"
    assert document.metadata == Metadata()


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text) if text else '<w:p/>'}</w:tc>"


def test_the_label_of_a_merged_cell_stands_in_all_its_places():
    rows = [
        cell("Region") + cell("Sales", "<w:gridSpan w:val='2'/>"),
        cell("North", "<w:vMerge w:val='restart'/>") + cell("May") + cell("1"),
        cell("", "<w:vMerge/>") + cell("June") + cell("2"),
        cell("South", "<w:vMerge w:val='restart'/>") + cell("May") + cell("3"),
        cell("", "<w:vMerge/>") + cell("June") + cell("4"),
    ]
    late = f"<w:tr><w:trPr><w:gridBefore w:val='1'/></w:trPr>{cell('July')}{cell('5')}</w:tr>"
    table = f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}{late}</w:tbl>"
    assert parse(zip_docx(table)).text.splitlines() == [
        "| Region | Sales | Sales |",
        "| --- | --- | --- |",
        "| North | May | 1 |",
        "| North | June | 2 |",
        "| South | May | 3 |",
        "| South | June | 4 |",
        "|  | July | 5 |",
    ]


def test_a_table_within_a_table_is_read_in_its_cell():
    inner = f"<w:tbl><w:tr>{cell('x')}{cell('y')}</w:tr></w:tbl>"
    outer = f"<w:tbl><w:tr><w:tc>{paragraph('before')}{inner}<w:p/></w:tc>{cell('right')}</w:tr></w:tbl>"
    assert parse(zip_docx(outer)).text == "| before x y | right |\n| --- | --- |"


def form(data: str) -> str:
    begin = f"<w:r><w:fldChar w:fldCharType='begin'><w:ffData>{data}</w:ffData></w:fldChar></w:r>"
    return f"{begin}<w:r><w:fldChar w:fldCharType='end'/></w:r>"


def test_forms_and_signs():
    checked = form("<w:checkBox><w:checked/></w:checkBox>")
    empty = form("<w:checkBox><w:default w:val='0'/></w:checkBox>")
    entries = "<w:listEntry w:val='red'/><w:listEntry w:val='blue'/>"
    choice = form(f"<w:ddList><w:result w:val='1'/>{entries}</w:ddList>")
    body = (
        f"<w:p>{checked}{run(' yes ')}{empty}{run(' no ')}{choice}</w:p>"
        "<w:p><w:r><w:sym w:font='Wingdings' w:char='F0FE'/></w:r><w:r><w:sym w:font='Symbol' w:char='F061'/></w:r>"
        "<w:r><w:sym w:font='Symbol' w:char='nonsense'/></w:r></w:p>"
    )
    assert parse(zip_docx(body)).text == "☒ yes ☐ no blue\n\n☑α"


@pytest.mark.parametrize("levels", [100, 250, 300])
@pytest.mark.parametrize(
    "nested",
    [
        ["m:oMath", "m:sSup", "m:e"],
        ["m:oMath", "m:func", "m:fName", "m:limLow", "m:e"],
        ["m:oMath", "m:d", "m:e"],
        ["w:tbl", "w:tr", "w:tc"],
        ["w:p", "w:r", "w:pict", "w:txbxContent"],
        ["w:sdt", "w:sdtContent"],
        ["w:p", "w:hyperlink"],
        ["mc:AlternateContent", "mc:Choice"],
    ],
)
def test_deep_nesting_ends_in_text_or_a_clear_error(nested: list[str], levels: int):
    names = (nested * levels)[:levels]
    if nested[0] == "m:oMath":
        names = ["m:oMath", *(nested[1:] * levels)[: levels - 1]]
    opened, closed = "".join(f"<{name}>" for name in names), "".join(f"</{name}>" for name in reversed(names))
    data = zip_docx(f"{paragraph('text')}{opened}{closed}")
    if levels < 256:  # how deep lxml reads
        assert parse(data).text.startswith("text")
    else:
        with pytest.raises(DamagedDocumentError, match=r"a\.docx: word/document\.xml is not well-formed XML"):
            parse(data)


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
