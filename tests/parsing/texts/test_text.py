from __future__ import annotations

import pytest

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.decode import decode
from assistant.parsing.texts.text import TextParser
from assistant.types import DocumentRef
from tests.contracts.parser_contract import ParserContract

RUSSIAN = "Привет, как дела? Это обычный русский текст для проверки кодировки. "
GERMAN = "Der Käufer haftet für Schäden, die größer als üblich sind. "
REF = DocumentRef("files", "a.txt", "v1", "a.txt", "", "text/plain")


class TestTextParser(ParserContract):
    @pytest.fixture
    def parser(self):
        return TextParser()

    @pytest.fixture
    def media_type(self):
        return "text/plain"

    @pytest.fixture
    def good(self):
        return b"First line,\r\nstill first.\r\n \r\n\r\n  Second paragraph.\n"

    @pytest.fixture
    def words(self):
        return ["First", "Second", "paragraph"]


def test_text_is_the_file_and_paragraphs_are_blocks():
    data = b"First line,\r\nstill first.\r\n \r\n\r\n  Second paragraph.\n"
    document = TextParser().parse(REF, data)
    assert document.text == data.decode()
    assert [block.text for block in document.blocks] == ["First line,\r\nstill first.", "Second paragraph."]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", GERMAN),
        ("utf-8-sig", GERMAN),
        ("utf-16", RUSSIAN),
        ("utf-32", RUSSIAN),
        ("utf-16-le", GERMAN),
        ("utf-16-be", GERMAN),
        ("cp1252", GERMAN),
        ("cp1252", "café"),
        ("cp1252", "résumé and naïve words"),
        ("cp1252", "Smart “quotes” and – dashes for €5 in an English text."),
        ("cp1251", RUSSIAN),
        ("koi8_r", RUSSIAN),
        ("cp1250", "Zażółć gęślą jaźń. Wszystkie dokumenty są w archiwum."),
        ("cp1253", "Αυτό είναι ένα ελληνικό κείμενο για δοκιμή της κωδικοποίησης."),
        ("shift_jis", "これは日本語のテキストです。文字コードの検出を確認します。"),
        ("gb18030", "这是一个中文文本，用于测试编码检测功能。请确认结果是否正确。"),
        ("euc_kr", "이것은 한국어 텍스트입니다. 인코딩 감지를 테스트합니다."),
    ],
)
def test_encodings_are_found_out(encoding: str, text: str):
    assert decode(text.encode(encoding), "a.txt") == text


def test_a_declared_encoding_counts_where_the_bytes_are_not_utf8():
    assert decode("Žluťoučký kůň".encode("iso8859_2"), "a.html", "iso-8859-2") == "Žluťoučký kůň"
    assert decode(GERMAN.encode(), "a.html", "iso-8859-1") == GERMAN
    assert decode(GERMAN.encode("cp1252"), "a.html", "no-such-encoding") == GERMAN


def test_utf8_cut_within_a_character_keeps_the_rest():
    text = RUSSIAN * 3
    assert decode(text.encode()[:-3], "a.txt") == text[:-3] + "\ufffd"


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\r", b"text\0text", b"\x01\x02\x03" * 9, b"\xff\xfea\xd8"])
def test_binary_is_refused(data: bytes):
    with pytest.raises(DamagedDocumentError, match=r"a\.txt"):
        decode(data, "a.txt")


@pytest.mark.parametrize("data", [b"", b"  \r\n\t ", b"\xef\xbb\xbf"])
def test_nothing_is_an_error(data: bytes):
    with pytest.raises(EmptyDocumentError, match=r"a\.txt"):
        decode(data, "a.txt")
