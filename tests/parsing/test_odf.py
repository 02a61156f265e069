from __future__ import annotations

import io
import zipfile

import pytest

from assistant.errors import EncryptedDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.odf import OdfParser
from assistant.types import Document, DocumentRef
from tests.contracts.parser_contract import ContainerParserContract

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
