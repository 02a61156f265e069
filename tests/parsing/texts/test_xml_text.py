"""XML: its elements' text, its language, what is refused."""

from __future__ import annotations

import pytest

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.texts.xml_text import XmlParser
from assistant.types import Metadata
from tests.contracts.parser_contract import ContainerParserContract
from tests.parsing.texts.parsed import parse

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
        parse(XmlParser(), "application/xml", '<!DOCTYPE a [<!ENTITY b "&c;"><!ENTITY c "d">]><a>&b;</a>')
    with pytest.raises(EmptyDocumentError, match="no element has text"):
        parse(XmlParser(), "application/xml", "<a><b/></a>")
