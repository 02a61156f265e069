"""EPUB: chapters in reading order."""

from __future__ import annotations

import io
import zipfile

import pytest

from assistant.errors import DamagedDocumentError, EncryptedDocumentError
from assistant.parsing.epub import EpubParser
from assistant.types import DocumentRef
from tests.contracts.parser_contract import ContainerParserContract

EPUB = "application/epub+zip"
REF = DocumentRef("files", "a.epub", "v1", "a.epub", "", EPUB)
CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
)
BOOK = """<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>The travel book</dc:title></metadata><manifest>
<item id="two" href="two.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one%20a.xhtml" media-type="application/xhtml+xml"/>
<item id="pic" href="p.png" media-type="image/png"/></manifest>
<spine><itemref idref="one"/><itemref idref="two"/></spine></package>"""
LOCK = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData><CipherData>'
    '<CipherReference URI="OEBPS/two.xhtml"/></CipherData></EncryptedData></encryption>'
)


def book(**parts: str | None) -> bytes:
    files = {
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": BOOK,
        "OEBPS/text/one a.xhtml": "<html><body><h1>Trains</h1><p>Booked early.</p></body></html>",
        "OEBPS/two.xhtml": "<html><body><h1>Hotels</h1><ul><li>140 euros</li><li>a night</li></ul></body></html>",
        **parts,
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", EPUB)
        for name, content in files.items():
            if content is not None:
                archive.writestr(name, content)
    return target.getvalue()


class TestEpubParser(ContainerParserContract):
    @pytest.fixture
    def parser(self):
        return EpubParser()

    @pytest.fixture
    def media_type(self):
        return EPUB

    @pytest.fixture
    def good(self):
        return book()

    @pytest.fixture
    def words(self):
        return ["Trains", "Booked early.", "Hotels", "140 euros", "a night"]


def test_chapters_are_pages_in_reading_order():
    document = EpubParser().parse(REF, book())
    assert document.ref.title == "The travel book"
    assert [page.name for page in document.pages] == ["Trains", "Hotels"]
    assert document.text[document.pages[1].start : document.pages[1].end].startswith("Hotels")


def test_a_locked_book_is_said_to_be_one():
    with pytest.raises(EncryptedDocumentError, match="locked"):
        EpubParser().parse(REF, book(**{"META-INF/encryption.xml": LOCK}))


def test_a_missing_chapter_is_not_left_out_in_silence():
    with pytest.raises(DamagedDocumentError, match=r"two\.xhtml is missing"):
        EpubParser().parse(REF, book(**{"OEBPS/two.xhtml": None}))
