"""EPUB: chapters in reading order."""

from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from assistant.errors import DamagedDocumentError, EncryptedDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.web.epub import EpubParser
from assistant.types import DocumentRef, Metadata
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


def book(**parts: str | bytes | None) -> bytes:
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


def _png(color: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (64, 64), color).save(target, "PNG")
    return target.getvalue()


def test_pictures_of_chapters_and_the_cover():
    chapter = """<html><body><h1>Trains</h1><p>Booked early.</p>
    <img src="../p%20q.png" alt="The main station"/><img src="gone.png" alt="A ticket"/>
    <img src="../../../etc/passwd" alt=""/></body></html>"""
    package = BOOK.replace('<item id="pic"', '<item properties="cover-image" id="pic"')
    data = book(**{
        "OEBPS/book.opf": package, "OEBPS/p.png": _png("blue"), "OEBPS/p q.png": _png("red"),
        "OEBPS/text/one a.xhtml": chapter,
    })  # fmt: skip
    document = EpubParser().parse(REF, data)
    check_document(document)
    shown = [(picture.page, picture.data, document.text[picture.start : picture.end]) for picture in document.pictures]
    assert shown == [(1, _png("blue"), ""), (1, _png("red"), "The main station")]
    assert [block.text for block in document.blocks if block.kind == "image"] == ["The main station", "A ticket"]


def test_a_chapter_of_one_picture_is_no_page():
    data = book(
        **{"OEBPS/text/one a.xhtml": "<html><body><img src='../p.png'/></body></html>", "OEBPS/p.png": _png("red")}
    )
    document = EpubParser().parse(REF, data)
    check_document(document)
    assert [page.name for page in document.pages] == ["Hotels"]
    assert [(picture.page, picture.start) for picture in document.pictures] == [(1, 0)]


def test_what_the_book_says_of_itself():
    about = """<dc:title>The travel book</dc:title><dc:creator>Ada Lovelace</dc:creator>
    <dc:creator id="b" xmlns:opf="http://www.idpf.org/2007/opf" opf:role="ill">Some Painter</dc:creator>
    <dc:creator id="c">Some Translator</dc:creator><meta refines="#c" property="role">trl</meta>
    <dc:date>2020-05-17</dc:date><meta property="dcterms:modified">2024-01-02T03:04:05Z</meta>
    <dc:language>en-GB</dc:language>"""
    data = book(**{"OEBPS/book.opf": BOOK.replace("<dc:title>The travel book</dc:title>", about)})
    assert EpubParser().parse(REF, data).metadata == Metadata(
        ("Ada Lovelace",), "2020-05-17T00:00:00Z", "2024-01-02T03:04:05Z", "en"
    )
