"""What a PDF says of itself."""

from __future__ import annotations

import pytest

from assistant.parsing.pdf.metadata import authors, pdf_time
from assistant.parsing.pdf.parser import PdfParser
from assistant.types import DocumentRef, Metadata
from tests.fakes.pdf import make_pdf

REF = DocumentRef("files", "a.pdf", "v1", "a.pdf", "", "application/pdf")


def test_what_the_file_states():
    info = {"Author": "Ann Lee; Bob", "CreationDate": "D:20240131233000-05'30'", "ModDate": "D:20240201"}
    document = PdfParser().parse(REF, make_pdf([["text"]], info=info, language="de-CH"))
    assert document.metadata == Metadata(("Ann Lee", "Bob"), "2024-02-01T05:00:00Z", "2024-02-01T00:00:00Z", "de")


def test_what_it_does_not_state():
    assert PdfParser().parse(REF, make_pdf([["text"]])).metadata == Metadata()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", ()),
        ("Lee, Ann", ("Lee, Ann",)),
        ("Ann Lee, Bob Ray", ("Ann Lee", "Bob Ray")),
        ("Ann;;Ann; admin", ("Ann",)),
        ("Administrator", ()),
        ("???", ()),
    ],
)
def test_authors(value: str, expected: tuple[str, ...]):
    assert authors(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("D:20240131120000Z", "2024-01-31T12:00:00Z"),
        ("D:20240131120000+01'00'", "2024-01-31T11:00:00Z"),
        ("20240131120000+01", "2024-01-31T11:00:00Z"),
        ("D:2024", "2024-01-01T00:00:00Z"),
        ("D:20241331", ""),
        ("D:00000101", ""),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_times(value: str, expected: str):
    assert pdf_time(value) == expected
