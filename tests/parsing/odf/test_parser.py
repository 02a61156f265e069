from __future__ import annotations

import io
import zipfile

import pytest

from assistant.errors import EncryptedDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.odf.parser import OdfParser
from assistant.types import Box, Document, DocumentRef, Metadata
from tests.contracts.parser_contract import ContainerParserContract
from tests.fakes.office_parts import picture, with_parts

ODT = "application/vnd.oasis.opendocument.text"


def odf(body: str, manifest: str = "<manifest/>") -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("META-INF/manifest.xml", manifest)
        spaces = "xmlns:o='o' xmlns:x='x' xmlns:t='t' xmlns:d='d'"
        archive.writestr("content.xml", f"<o:document-content {spaces}><o:body>{body}</o:body></o:document-content>")
    return output.getvalue()


def parse(body: str, manifest: str = "<manifest/>") -> Document:
    document = OdfParser().parse(DocumentRef("files", "a.odt", "v1", "a", "", ODT), odf(body, manifest))
    check_document(document)
    return document


TEXT = (
    "<o:text><x:h x:outline-level='2'>Travel</x:h><x:p>Who<x:s/>pays</x:p>"
    "<x:list><x:list-item><x:p>first</x:p></x:list-item></x:list></o:text>"
)


class TestOdfParser(ContainerParserContract):
    @pytest.fixture
    def parser(self):
        return OdfParser()

    @pytest.fixture
    def media_type(self):
        return ODT

    @pytest.fixture
    def good(self):
        return odf(TEXT)

    @pytest.fixture
    def words(self):
        return ["Travel", "Who pays", "- first"]


def test_sheets_and_slides_are_pages():
    cell = "<t:table-cell><x:p>1</x:p></t:table-cell><t:table-cell t:number-columns-repeated='99999999'/>"
    row = (
        f"<t:table-row>{cell}</t:table-row><t:table-row t:number-rows-repeated='1048576'><t:table-cell/></t:table-row>"
    )
    document = parse(f"<o:spreadsheet><t:table t:name='Sums'>{row}</t:table></o:spreadsheet>")
    assert document.text == "Sums\n\n| 1 |\n| --- |"
    document = parse("<o:presentation><d:page d:name='One'><x:p>a</x:p></d:page></o:presentation>")
    assert [page.name for page in document.pages] == ["One"]


def test_password():
    with pytest.raises(EncryptedDocumentError, match=r"a\.odt"):
        parse(TEXT, "<manifest><file-entry><encryption-data/></file-entry></manifest>")


def package(body: str, styles: str = "", **parts: str | bytes) -> bytes:
    """Return an ODF file; `parts` are named with `__` for `/` and `_` for `.`."""
    data = odf(body)
    spaces = "xmlns:o='o' xmlns:x='x' xmlns:t='t' xmlns:d='d'"
    named = {name.replace("__", "/").replace("_", "."): content for name, content in parts.items()}
    if styles:
        named["styles.xml"] = f"<o:styles {spaces}>{styles}</o:styles>"
    return with_parts(data, named)


def read(body: str, styles: str = "", **parts: str | bytes) -> Document:
    document = OdfParser().parse(DocumentRef("files", "a.odt", "v1", "a", "", ODT), package(body, styles, **parts))
    check_document(document)
    return document


LISTS = (
    "<x:list-style x:name='N'><x:list-level-style-number x:level='1' x:num-format='1' x:num-suffix=')'/>"
    "<x:list-level-style-bullet x:level='2'/></x:list-style>"
    "<x:list-style x:name='None'><x:list-level-style-number x:level='1' x:num-format=''/></x:list-style>"
    "<x:style x:name='P1' x:parent-style-name='Title'/>"
)


def items(*texts: str) -> str:
    return "".join(f"<x:list-item><x:p>{text}</x:p></x:list-item>" for text in texts)


def test_lists_have_their_bullets_and_numbers():
    inner = f"<x:list-item><x:p>two</x:p><x:list>{items('deeper')}</x:list></x:list-item>"
    lists = (
        f"<x:list x:style-name='N'>{items('one')}{inner}</x:list><x:p>between</x:p>"
        f"<x:list x:style-name='N' x:continue-numbering='true'>{items('three')}</x:list>"
        f"<x:list x:style-name='None'>{items('plain')}</x:list>"
    )
    expected = "1) one\n2) two\n  - deeper\n\nbetween\n\n3) three\n\nplain"
    assert read(f"<o:text>{lists}</o:text>", LISTS).text == expected


def test_a_paragraph_styled_as_title_is_one():
    document = read("<o:text><x:h>First</x:h><x:p x:style-name='P1'>Travel</x:p></o:text>", LISTS)
    assert document.ref.title == "Travel"
    assert [block.kind for block in document.blocks] == ["heading", "heading"]


def test_comments_have_their_author_and_their_time():
    note = "<o:annotation><creator>Ada</creator><date>2026-01-02T10:00:00.5</date><x:p>Why?</x:p></o:annotation>"
    expected = "Trains\n\n[Ada, 2026-01-02T10:00:00] Why?"
    assert parse(f"<o:text><x:p>Tr{note}ains</x:p></o:text>").text == expected
    cell = f"<t:table><t:table-row><t:table-cell>{note}<x:p>Trains</x:p></t:table-cell></t:table-row></t:table>"
    assert parse(f"<o:text>{cell}</o:text>").text == "| Trains |\n| --- |\n\n[Ada, 2026-01-02T10:00:00] Why?"


def test_pictures_have_their_words_and_their_place():
    frame = (
        "<d:frame d:x='1in' d:y='2in' d:width='2.54cm' d:height='36pt'><d:image d:href='Pictures/a.png'/>"
        "<title>Square</title><desc>A red square</desc></d:frame>"
    )
    document = read(
        f"<o:presentation><d:page d:name='One'>{frame}</d:page></o:presentation>", Pictures__a_png=picture()
    )
    assert document.text == "Square\nA red square"
    assert [(one.page, one.data, one.box) for one in document.pictures] == [(1, picture(), Box(1, 72, 144, 144, 180))]
    cell = f"<t:table><t:table-row><t:table-cell><x:p>{frame}</x:p></t:table-cell></t:table-row></t:table>"
    document = read(f"<o:text>{cell}</o:text>", Pictures__a_png=picture())
    assert document.text == "| Square A red square |\n| --- |"
    assert len(document.pictures) == 1


def test_slides_have_their_titles_and_notes():
    page = (
        "<d:page d:name='page1'><d:frame><d:text-box><x:p>text</x:p></d:text-box></d:frame>"
        "<d:frame d:class='title'><d:text-box><x:p>Travel</x:p></d:text-box></d:frame>"
        "<d:frame d:class='page-number'><d:text-box><x:p>7</x:p></d:text-box></d:frame>"
        "<d:frame d:class='footer'><d:text-box><x:p>ACME</x:p></d:text-box></d:frame>"
        "<d:notes><d:page-thumbnail/><d:frame d:class='notes'><d:text-box><x:p>Say it</x:p></d:text-box></d:frame>"
        "<d:frame d:class='header'><d:text-box><x:p>no</x:p></d:text-box></d:frame></d:notes></d:page>"
    )
    document = parse(f"<o:presentation>{page}{page}</o:presentation>")
    assert document.text == "Travel\n\ntext\n\nACME\n\nSay it\n\nTravel\n\ntext\n\nSay it"
    assert [page.name for page in document.pages] == ["Travel", "Travel"]


def test_labels_of_merged_cells_are_repeated():
    def row(*cells: str) -> str:
        return f"<t:table-row>{''.join(cells)}</t:table-row>"

    def cell(text: str, spans: str = "") -> str:
        return f"<t:table-cell {spans}><x:p>{text}</x:p></t:table-cell>"

    covered = "<t:covered-table-cell/>"
    rows = (
        row(cell(""), cell("Both", "t:number-columns-spanned='2'"), covered)
        + row(cell("East", "t:number-rows-spanned='2'"), cell("1"), cell("2"))
        + row(covered, cell("3"), cell("4"))
    )
    expected = "|  | Both | Both |\n| --- | --- | --- |\n| East | 1 | 2 |\n| East | 3 | 4 |"
    assert parse(f"<o:text><t:table>{rows}</t:table></o:text>").text == expected


def test_charts_and_formulas_within():
    chart = (
        "<c xmlns:t='t' xmlns:x='x'><body><chart><chart><title><x:p>Sales</x:p></title><t:table><t:table-row>"
        "<t:table-cell><x:p>Rome</x:p></t:table-cell><t:table-cell><x:p>3</x:p></t:table-cell></t:table-row></t:table>"
        "</chart></chart></body></c>"
    )
    formula = "<math><semantics><mi>x</mi><annotation>x^2</annotation></semantics></math>"
    frames = "".join(f"<d:frame><d:object d:href='./{name}'/></d:frame>" for name in ("One", "Two", "Missing"))
    parts = {"One__content_xml": chart, "Two__content_xml": formula}
    assert read(f"<o:text><x:p>{frames}</x:p></o:text>", **parts).text == "Sales\n\n| Rome | 3 |\n| --- | --- |\n\nx^2"


def test_blank_rows_part_the_tables_of_sheets():
    def row(text: str) -> str:
        return f"<t:table-row><t:table-cell><x:p>{text}</x:p></t:table-cell></t:table-row>"

    sheet = f"{row('a')}<t:table-row><t:table-cell/></t:table-row>{row('b')}"
    document = parse(f"<o:spreadsheet><t:table t:name='S'>{sheet}</t:table></o:spreadsheet>")
    assert document.text == "S\n\n| a |\n| --- |\n\n| b |\n| --- |"


def test_what_the_file_says_of_itself():
    meta = (
        "<m><meta><title>Travel</title><initial-creator>Ada</initial-creator><creator>Bob</creator>"
        "<creation-date>2026-11-24T12:00:00.5</creation-date><date>2026-11-25T12:00:00Z</date>"
        "<language>de-CH</language></meta></m>"
    )
    document = read(TEXT, meta_xml=meta)
    assert document.ref.title == "Travel"
    assert document.metadata == Metadata(("Ada",), "2026-11-24T12:00:00Z", "2026-11-25T12:00:00Z", "de")
