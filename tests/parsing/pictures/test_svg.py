"""SVG: titles, descriptions and texts; nothing expanded, nothing loaded."""

from __future__ import annotations

import gzip
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.pictures.svg import SvgParser
from assistant.types import DocumentRef
from tests.contracts.parser_contract import ContainerParserContract

SVG = b"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><title>Floor plan</title><desc>First floor</desc>
<style>text { fill: red }</style><script>alert(1)</script>
<g><text x="1">Meeting <tspan>ro</tspan>om</text><text><tspan x="1">Kitchen</tspan><tspan x="9">Lift</tspan></text></g>
</svg>"""


DRAWING = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50">
<circle cx="50" cy="25" r="20" fill="blue"/></svg>"""


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

    def test_entities_of_plain_words_are_read(self, parser: SvgParser, ref: DocumentRef):
        """As Illustrator writes them."""
        drawing = b"""<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://127.0.0.1:1/svg11.dtd" [
        <!ENTITY ns_svg "http://www.w3.org/2000/svg"><!ENTITY st0 "fill:#0000FF;">]>
        <svg xmlns="&ns_svg;" viewBox="0 0 100 50"><circle cx="50" cy="25" r="20" style="&st0;"/>
        <text font-size="1">Pump<!-- no --><?no way?> 7</text></svg>"""
        document = parser.parse(ref, drawing)
        assert document.text == "Pump 7"
        pytest.importorskip("resvg_py")
        (picture,) = document.pictures
        assert Image.open(BytesIO(picture.data)).convert("RGB").getpixel((600, 300)) == (0, 0, 255)

    @pytest.mark.parametrize("declared", ['SYSTEM "file:///etc/passwd"', '"<text>more</text>"', '"&b;&b;"'])
    def test_other_entities_are_refused(self, parser: SvgParser, ref: DocumentRef, declared: str):
        hostile = f'<!DOCTYPE svg [<!ENTITY b "lol"><!ENTITY a {declared}>]><svg><text>Safe &a; text</text></svg>'
        with pytest.raises(DamagedDocumentError, match=r"name\.ext: the drawing declares entities"):
            parser.parse(ref, hostile.encode())

    def test_deep_nesting_ends(self, parser: SvgParser, ref: DocumentRef):
        deep = b"<svg>" + b"<g>" * 200 + b"<text>deep</text>" + b"</g>" * 200 + b"</svg>"
        assert parser.parse(ref, deep).text == "deep"
        with pytest.raises(DamagedDocumentError):
            parser.parse(ref, b"<svg>" + b"<g>" * 100_000)

    def test_without_text(self, parser: SvgParser, ref: DocumentRef):
        with pytest.raises(EmptyDocumentError, match="no text and nothing to see"):
            parser.parse(ref, b"<svg><path d='M0 0'/></svg>")
        with pytest.raises(DamagedDocumentError, match="not an SVG"):
            parser.parse(ref, b"<html/>")

    def test_a_drawing_is_a_picture_too(self, parser: SvgParser, ref: DocumentRef):
        pytest.importorskip("resvg_py")
        document = parser.parse(ref, DRAWING)
        check_document(document)
        assert document.text == "name\n[Picture: no text was found in it]"
        assert document.own_text.strip() == "name"
        (picture,) = document.pictures
        assert (picture.media_type, picture.start, picture.end) == ("image/png", 0, len(document.text))
        image = Image.open(BytesIO(picture.data)).convert("RGB")
        assert image.size == (1200, 600)
        assert (image.getpixel((600, 300)), image.getpixel((5, 5))) == ((0, 0, 255), (255, 255, 255))
        assert parser.parse(ref, DRAWING.replace(b"/></svg>", b"/><text>Pump</text></svg>")).pictures

    def test_nothing_outside_is_read(self, parser: SvgParser, ref: DocumentRef, tmp_path: Path):
        pytest.importorskip("resvg_py")
        Image.new("RGB", (60, 60), "red").save(tmp_path / "secret.png")
        path = (tmp_path / "secret.png").as_posix()
        for address in (
            f'href="{path}"',
            f'xlink:href="{path}"',
            f'href="file://{path}"',
            f'xml:base="/" href="{path}"',
        ):
            extra = f'<image width="100" height="50" {address}/><text>x</text></svg>'.encode()
            drawing = DRAWING.replace(b"<svg ", b'<svg xmlns:xlink="http://www.w3.org/1999/xlink" ')
            (picture,) = parser.parse(ref, drawing.replace(b"</svg>", extra)).pictures
            colours = Image.open(BytesIO(picture.data)).convert("RGB").getcolors(100_000)
            assert (255, 0, 0) not in {colour for _, colour in colours or ()}

    @pytest.mark.parametrize(
        "size", ["width='1' height='100000000'", "width='1e9' height='1e9'", "viewBox='0 0 9 1e9'"]
    )
    def test_no_size_is_too_large(self, parser: SvgParser, ref: DocumentRef, size: str):
        pytest.importorskip("resvg_py")
        svg = f"<svg xmlns='http://www.w3.org/2000/svg' {size}><rect width='9' height='9'/><text>x</text></svg>"
        for picture in parser.parse(ref, svg.encode()).pictures:
            assert max(Image.open(BytesIO(picture.data)).size) <= 1200
