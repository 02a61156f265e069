"""reStructuredText, AsciiDoc and Org: their headings."""

from __future__ import annotations

import pytest

from assistant.parsing.texts.light_markup import LightMarkupParser
from tests.contracts.parser_contract import ParserContract
from tests.parsing.texts.parsed import parse


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
