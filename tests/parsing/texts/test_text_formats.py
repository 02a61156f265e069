"""Formats in text form: tables, code and data, light markup, subtitles, notebooks, XML."""

from __future__ import annotations

import base64
import json
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.interfaces import Parser
from assistant.parsing.check import check_document
from assistant.parsing.texts import csv_table
from assistant.parsing.texts.csv_table import CsvParser
from assistant.parsing.texts.ipynb import NotebookParser
from assistant.parsing.texts.light_markup import LightMarkupParser
from assistant.parsing.texts.plain_code import CodeParser
from assistant.parsing.texts.subtitles import SubtitleParser
from assistant.parsing.texts.xml_text import XmlParser
from assistant.types import Document, DocumentRef, Metadata
from plugins.folder.source import FolderConfig, FolderSource
from tests.contracts.parser_contract import ContainerParserContract, ParserContract


def parse(parser: Parser, media_type: str, text: str) -> Document:
    document = parser.parse(DocumentRef("files", "a", "v1", "a", "", media_type), text.encode())
    check_document(document)
    return document


class TestCsv(ParserContract):
    @pytest.fixture
    def parser(self):
        return CsvParser()

    @pytest.fixture
    def media_type(self):
        return "text/csv"

    @pytest.fixture
    def good(self):
        return b'City;Limit\r\nRome;"120; or less"\r\nOslo;140\r\n'

    @pytest.fixture
    def words(self):
        return ["| City | Limit |", "| --- | --- |", "| Rome | 120; or less |", "| Oslo | 140 |"]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "a\tb\n1\t2\n", "a|b\n1|2\n", "a;b\n1;2\n", "a,b\n\n1,2\n"])
def test_the_delimiter_is_found(text: str):
    assert parse(CsvParser(), "text/csv", text).text == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_odd_tables():
    assert parse(CsvParser(), "text/csv", "one\ntwo, or three\n").text.startswith("| one |")
    assert parse(CsvParser(), "text/tab-separated-values", "a, b\tc\n").text.startswith("| a, b | c |")
    assert "| 1 | 2 | 3 |" in parse(CsvParser(), "text/csv", "a,b\n1,2,3\n4\n").text


def test_a_large_table_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(csv_table, "_MAX_BYTES", 10)
    with pytest.raises(DocumentTooLargeError, match=r"^a: a table of 40 bytes, over the limit of 10 ") as caught:
        parse(CsvParser(), "text/csv", "a,b\n" * 10)
    assert "split it into smaller files" in caught.value.hint
    assert "database" in caught.value.hint
    assert "max_document_bytes does not help" in caught.value.hint


def test_a_table_of_half_a_gigabyte_is_refused_before_it_is_read(tmp_path: Path):
    with (tmp_path / "rows.csv").open("wb") as stream:
        stream.truncate(500_000_000)
    source = FolderSource(FolderConfig(path=tmp_path))
    with pytest.raises(
        DocumentTooLargeError, match=r"rows\.csv has 500,000,000 bytes, the limit is 100,000,000"
    ) as caught:
        source.fetch("rows.csv")
    assert "max_document_bytes" in caught.value.hint


class TestCode(ParserContract):
    @pytest.fixture
    def parser(self):
        return CodeParser()

    @pytest.fixture
    def media_type(self):
        return "text/x-python"

    @pytest.fixture
    def good(self):
        return b"import os\n\n\ndef main():\n    print(os.name)\n"

    @pytest.fixture
    def words(self):
        return ["import os", "def main():", "print(os.name)"]


@pytest.mark.parametrize("media_type", ["application/json", "application/yaml", "application/sql", "text/css"])
def test_data_is_its_own_text(media_type: str):
    document = parse(CodeParser(), media_type, '{"broken": [1,\n')
    assert document.text == '{"broken": [1,\n'
    assert [block.kind for block in document.blocks] == ["code"]


class TestMarkup(ParserContract):
    @pytest.fixture
    def parser(self):
        return LightMarkupParser()

    @pytest.fixture
    def media_type(self):
        return "text/x-rst"

    @pytest.fixture
    def good(self):
        return b"=====\nTrips\n=====\n\nHow to travel.\n\nTrains\n------\nBook early.\n"

    @pytest.fixture
    def words(self):
        return ["Trips", "How to travel.", "Trains", "Book early."]


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        ("text/x-rst", "=====\nTrips\n=====\n\nWords.\n\nTrains\n------\nBook early.\n"),
        ("text/x-asciidoc", "= Trips\n\nWords.\n\n== Trains\nBook early.\n"),
        ("text/x-org", "* Trips\nWords.\n** Trains\nBook early.\n"),
    ],
)
def test_headings_of_light_markup(media_type: str, text: str):
    document = parse(LightMarkupParser(), media_type, text)
    assert [(block.text, block.level) for block in document.blocks] == [
        ("Trips", 1), ("Words.", 0), ("Trains", 2), ("Book early.", 0)]  # fmt: skip
    assert document.text == text
    assert document.ref.title == "Trips"


VTT = """WEBVTT

NOTE a remark

1
00:01.000 --> 00:04.000 align:left
<v Ada Lovelace>Good <b>morning</b> &amp; welcome

00:00:05.000 --> 01:00:06.000
Two
lines
"""


class TestSubtitles(ParserContract):
    @pytest.fixture
    def parser(self):
        return SubtitleParser()

    @pytest.fixture
    def media_type(self):
        return "text/vtt"

    @pytest.fixture
    def good(self):
        return VTT.encode()

    @pytest.fixture
    def words(self):
        return ["[00:00:01] Ada", "Lovelace: Good morning & welcome", "[00:00:05] Two", "lines"]


def test_subrip_and_what_is_none():
    text = parse(SubtitleParser(), "application/x-subrip", "1\n00:00:01,000 --> 00:00:02,000\nHello\n").text
    assert text == "[00:00:01] Hello"
    with pytest.raises(DamagedDocumentError, match="no cues"):
        parse(SubtitleParser(), "text/vtt", "WEBVTT\n\nNothing is said.\n")


NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "source": ["# Costs\n", "\n", "By city."]},
        {
            "cell_type": "code",
            "source": "print(120)",
            "outputs": [{"text": ["120\n"]}, {"data": {"text/plain": "<Figure>", "image/png": "iVBOR"}}],
        },
    ]
}


class TestNotebook(ContainerParserContract):
    @pytest.fixture
    def parser(self):
        return NotebookParser()

    @pytest.fixture
    def media_type(self):
        return "application/x-ipynb+json"

    @pytest.fixture
    def good(self):
        return json.dumps(NOTEBOOK).encode()

    @pytest.fixture
    def words(self):
        return ["Costs", "By city.", "print(120)", "120", "<Figure>"]


def _picture(color: str) -> str:
    target = BytesIO()
    Image.new("RGB", (64, 64), color).save(target, "PNG")
    return base64.encodebytes(target.getvalue()).decode()


def test_pictures_and_authors_of_a_notebook():
    drawn = {"text/plain": "<Figure size 1x1 with 1 Axes>", "image/png": _picture("red")}
    table = {"text/plain": "Costs by city", "image/png": _picture("green").splitlines(keepends=True)}
    attached = {"a.png": {"image/png": _picture("blue")}, "b.png": "no bundle"}
    prose = ["# Costs\n", "![By month](attachment:a.png) ![x](attachment:b.png) ![y](c.png)"]
    cells = [
        {"cell_type": "markdown", "source": prose, "attachments": attached},
        {"cell_type": "code", "source": "draw()", "outputs": [{"data": drawn}, {"data": table}, {"data": []}, None]},
    ]
    about = {"authors": [{"name": "Ada Lovelace"}, "Alan Turing", 3], "language_info": {"name": "python"}}
    document = parse(NotebookParser(), "application/x-ipynb+json", json.dumps({"cells": cells, "metadata": about}))
    shown = [(document.text[picture.start : picture.end], picture.data) for picture in document.pictures]
    assert [words for words, _ in shown] == ["By month", "", ""]
    assert [data for _, data in shown] == [base64.b64decode(_picture(color)) for color in ("blue", "red", "green")]
    assert "Figure" not in document.text
    assert document.text.endswith("draw()\n\nCosts by city")
    assert document.metadata == Metadata(("Ada Lovelace", "Alan Turing"))


XML = "<trips><trip year='2026'><city>Rome</city><limit>120</limit></trip><note>Book early</note></trips>"


class TestXml(ContainerParserContract):
    @pytest.fixture
    def parser(self):
        return XmlParser()

    @pytest.fixture
    def media_type(self):
        return "application/xml"

    @pytest.fixture
    def good(self):
        return XML.encode()

    @pytest.fixture
    def words(self):
        return ["year=2026", "city: Rome", "limit: 120", "note: Book early"]


def test_xml_states_its_language():
    assert parse(XmlParser(), "application/xml", "<a xml:lang='de-AT'><b>Reise</b></a>").metadata.language == "de"
    assert parse(XmlParser(), "application/xml", XML).metadata == Metadata()


def test_xml_that_is_a_bomb_or_bare():
    with pytest.raises(DamagedDocumentError, match="entities"):
        parse(XmlParser(), "application/xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(EmptyDocumentError, match="no element has text"):
        parse(XmlParser(), "application/xml", "<a><b/></a>")
