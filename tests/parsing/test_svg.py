"""SVG: titles, descriptions and texts; nothing expanded, nothing loaded."""

from __future__ import annotations

import gzip

import pytest

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.svg import SvgParser
from assistant.types import DocumentRef
from tests.contracts.parser_contract import ContainerParserContract

SVG = b"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><title>Floor plan</title><desc>First floor</desc>
<style>text { fill: red }</style><script>alert(1)</script>
<g><text x="1">Meeting <tspan>ro</tspan>om</text><text><tspan x="1">Kitchen</tspan><tspan x="9">Lift</tspan></text></g>
</svg>"""


class TestSvgParser(ContainerParserContract):
    @pytest.fixture
    def parser(self):
        return SvgParser()

    @pytest.fixture
    def media_type(self):
        return "image/svg+xml"

    @pytest.fixture
    def good(self):
        return SVG

    @pytest.fixture
    def words(self):
        return ["Floor plan", "First floor", "Meeting room", "Kitchen Lift"]

    def test_title_and_no_code(self, parser: SvgParser, ref: DocumentRef):
        document = parser.parse(ref, SVG)
        assert document.ref.title == "Floor plan"
        assert document.blocks[0].kind == "heading"
        assert "alert" not in document.text
        assert "fill" not in document.text

    def test_gzipped(self, parser: SvgParser, ref: DocumentRef):
        assert parser.parse(ref, gzip.compress(SVG, mtime=0)) == parser.parse(ref, SVG)
        with pytest.raises(DamagedDocumentError, match=r"name\.ext"):
            parser.parse(ref, gzip.compress(SVG, mtime=0)[:50])

    def test_entities_are_not_expanded(self, parser: SvgParser, ref: DocumentRef):
        hostile = b"""<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "lolol">]>
        <svg><text>Safe &a;&b; text<!-- no --><?no way?> indeed</text></svg>"""
        assert parser.parse(ref, hostile).text == "Safe text indeed"

    def test_deep_nesting_ends(self, parser: SvgParser, ref: DocumentRef):
        deep = b"<svg>" + b"<g>" * 200 + b"<text>deep</text>" + b"</g>" * 200 + b"</svg>"
        assert parser.parse(ref, deep).text == "deep"
        with pytest.raises(DamagedDocumentError):
            parser.parse(ref, b"<svg>" + b"<g>" * 100_000)

    def test_without_text(self, parser: SvgParser, ref: DocumentRef):
        with pytest.raises(EmptyDocumentError, match="no text"):
            parser.parse(ref, b"<svg><path d='M0 0'/></svg>")
        with pytest.raises(DamagedDocumentError, match="not an SVG"):
            parser.parse(ref, b"<html/>")
