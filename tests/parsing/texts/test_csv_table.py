"""Tables of separated values: their delimiter, odd rows, limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.errors import DocumentTooLargeError
from assistant.parsing.texts import csv_table
from assistant.parsing.texts.csv_table import CsvParser
from plugins.folder.source import FolderConfig, FolderSource
from tests.contracts.parser_contract import ParserContract
from tests.parsing.texts.parsed import parse


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
