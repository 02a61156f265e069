from __future__ import annotations

import time

import pytest

from assistant.errors import EmptyDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.html import HtmlParser
from assistant.types import Document, DocumentRef
from tests.contracts.parser_contract import ParserContract

REF = DocumentRef("files", "a.html", "v1", "a.html", "", "text/html")
SAMPLE = """<!doctype html><html><head><title> The
page </title><style>p {color: red}</style><script>evil()</script></head><body>
<header><a href=/>Logo</a></header><nav><ul><li>Home</li></ul></nav>
<main><h1>Big <b>head</b>ing</h1>loose text<p>one<b>two</b> three<br>four &amp; &lt;five&gt;</p>
<section><header><h2>Inner head</h2></header></section>
<ul><li>one<ul><li>sub</li></ul></li><li><p>two</p></li></ul>
<ol start=3><li>three<li>four</ol>
<pre>line 1
  line 2</pre>
<table><caption>Prices</caption><tr><th>A<th>B<tr><td rowspan=2>1<td>2|3<tr><td>4</table>
<table><tr><td><h2>Layout</h2></td><td><p>cell</p></td></tr></table>
<div hidden>unseen1</div><p style="display: none">unseen2</p><!-- unseen3 --><noscript>unseen4</noscript>
</main><footer>Imprint</footer></body></html>"""


def parse(html: str | bytes) -> Document:
    document = HtmlParser().parse(REF, html if isinstance(html, bytes) else html.encode())
    check_document(document)
    return document


class TestHtmlParser(ParserContract):
    @pytest.fixture
    def parser(self):
        return HtmlParser()

    @pytest.fixture
    def media_type(self):
        return "text/html"

    @pytest.fixture
    def good(self):
        return SAMPLE.encode()

    @pytest.fixture
    def words(self):
        return ["Big heading", "onetwo three", "Inner head", "- one", "3. three", "| A | B |", "Layout"]


def test_what_a_reader_sees():
    document = parse(SAMPLE)
    assert document.ref.title == "The page"
    assert document.text == (
        "Big heading\n\nloose text\n\nonetwo three\nfour & <five>\n\nInner head\n\n- one\n  - sub\n- two\n\n"
        "3. three\n4. four\n\nline 1\n  line 2\n\nPrices\n\n| A | B |\n| --- | --- |\n| 1 | 2\\|3 |\n| 1 | 4 |\n\n"
        "Layout\n\ncell"
    )
    assert [(block.text, block.level) for block in document.blocks if block.level] == [
        ("Big heading", 1),
        ("Inner head", 2),
        ("Layout", 2),
    ]
    assert [block.kind for block in document.blocks if block.kind in {"table", "code"}] == ["code", "table"]


def test_title_from_the_first_heading():
    assert parse("<h2>Only heading</h2><p>text").ref.title == "Only heading"


def test_page_of_navigation_only_keeps_its_links():
    assert parse("<body><nav><a>Home</a> <a>Prices</a></nav></body>").text == "Home Prices"


def test_header_stays_where_nothing_says_what_is_the_content():
    assert "Company" in parse("<body><header>Company</header><p>text</p></body>").text


def test_declared_encoding():
    html = '<html><head><meta charset="iso-8859-2"></head><body>Žluťoučký kůň</body></html>'
    assert parse(html.encode("iso8859_2")).text == "Žluťoučký kůň"


@pytest.mark.parametrize("html", ["<html><body></body></html>", "<script>document.write('x')</script>", "<!-- x -->"])
def test_nothing_to_see_is_an_error(html: str):
    with pytest.raises(EmptyDocumentError, match=r"a\.html"):
        parse(html)


def test_hostile_nesting_and_spans_take_no_time():
    started = time.process_time()
    parse("<div>" * 5_000 + "deep")
    parse("<table><tr><td>" * 1_000 + "deep")
    parse("<table>" + "<tr>" + "<td colspan=999999999 rowspan=999999999>x" * 2_000 + "</table>")
    assert time.process_time() - started < 10
