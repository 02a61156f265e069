from __future__ import annotations

import base64
import time
from io import BytesIO

import pytest
from PIL import Image

from assistant.errors import EmptyDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.web.html import HtmlParser
from assistant.types import Document, DocumentRef, Metadata
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


def test_lists_of_links_only_keep_their_text():
    menu = "<ul><li><a>Section</a><ul role=menu><li>Some page<li>Another page of this section</ul></ul>"
    assert parse(f"<body>{menu}").text == "- Section\n  - Some page\n  - Another page of this section"
    prose = "Employees book their trips in the portal. " * 6
    assert "Some page" not in parse(f"<body>{menu}<p>{prose}").text
    assert "Some page" not in parse(f"<body>{menu}<main><p>Short.</main>").text


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


def address(color: str, size: tuple[int, int] = (60, 50)) -> str:
    target = BytesIO()
    Image.new("RGB", size, color).save(target, "PNG")
    return "data:image/png;base64," + base64.b64encode(target.getvalue()).decode()


def test_pictures_within_the_page_and_words_of_the_others():
    document = parse(
        f"<p>Sales <img src='{address('red')}' alt='Sales by year'> rose.</p>"
        f"<h1><img src={address('blue')}>Heading</h1><img src=https://a.b/c.png alt='  A  far picture '>"
        "<img src=/etc/passwd><img src=cid:1 alt='of the mail'><img src='data:image/png;base64,%%%' alt=Broken>"
        f"<table><tr><td>a<td><img src={address('green')} alt='Green'><tr><td>b<td>c</table>"
        f"<img src={address('red')} alt='The same again'>"
    )
    shown = [document.text[picture.start : picture.end] for picture in document.pictures]
    assert shown == ["Sales by year", "", ""]
    assert document.text == (
        "Sales rose.\n\nSales by year\n\nHeading\n\nA far picture\n\nBroken\n\n"
        "| a | Green |\n| --- | --- |\n| b | c |\n\nThe same again"
    )
    kinds = [block.kind for block in document.blocks]
    assert kinds == ["text", "image", "heading", "image", "image", "table", "image"]


def test_an_icon_is_read_where_it_stands():
    icon = address("red", (16, 16))
    document = parse(
        f"<p><img src={icon} alt=Warning>Hot! <img src=x.png width=20 alt=':-)'> <img width=20px src=y></p>"
    )
    assert document.text == "Warning Hot! :-)"
    assert not document.pictures


def test_pictures_that_cannot_be_shown_are_counted():
    def source(data: bytes) -> str:
        return f"data:image/png;base64,{base64.b64encode(data).decode()}"

    broken = b"\x89PNG\r\n" + bytes(3000)
    page = f"<p>Words <img src='{source(broken)}' alt='A plan'> here <img src='{source(broken[:20])}'></p>"
    document = parse(f"<main>{page}<p>After.</p><p><img src='{source(broken)}' width=16 height=16></p></main>")
    assert document.text == "Words A plan here\n\nAfter.\n\n[Pictures that cannot be shown: 1 damaged]"
    assert [block.kind for block in document.blocks] == ["text", "text", "notice"]


def test_what_the_page_says_of_itself():
    head = """<html lang="de-CH"><head><meta name="Author" content="Ada Lovelace"><meta name=author content=" ">
    <meta property="article:author" content="https://example.com/ada"><meta name="DC.creator" content="Alan Turing">
    <meta property="article:published_time" content="2024-03-01T10:00:00+01:00"><meta name=date content=yesterday>
    <meta property="og:updated_time" content="2024-03-02"></head><body>Text"""
    assert parse(head).metadata == Metadata(
        ("Ada Lovelace", "Alan Turing"), "2024-03-01T09:00:00Z", "2024-03-02T00:00:00Z", "de"
    )
    assert parse("<meta http-equiv=content-language content=fr><p>Texte").metadata == Metadata(language="fr")
    assert parse("<p>text").metadata == Metadata()
