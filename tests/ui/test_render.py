"""Answers and document text keep their words and lose their powers."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import render, texts
from ui.models import Citation, DocumentName, Plan, Planned, TextWindow

HARMLESS = {
    *("div", "span", "p", "strong", "em", "code", "pre", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr"),
    *("br", "blockquote", "button", "mark", "table", "thead", "tbody", "tr", "th", "td", "s", "details", "summary"),
    *("dl", "dt", "dd"),
}
NAME = DocumentName("handbook", "a.md", "<b>Title</b>", "file:///a.md")


class Seen(HTMLParser):
    """Collects what a browser would find in some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def citation(number: int = 1, **changes: object) -> Citation:
    values = {"document": NAME, "page": 2, "start": 10, "end": 15, "quote": "quote", "verified": True, **changes}
    return Citation(number, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](http://tracker.example/x.png)",
        "[x](javascript:alert(1))",
        "[x](http://phish.example)",
        "<http://phish.example>",
        "[x]: http://phish.example\n\n[x]",
        "`<b>`\n\n```html\n<script>\n```",
        "> <iframe src=//x>",
        "| a |\n|---|\n| <svg onload=alert(1)> |",
    ],
)
def test_an_answers_markup_is_shown_and_does_nothing(text: str) -> None:
    seen = Seen(render.answer_text(text, [citation()]))
    assert seen.tags <= HARMLESS
    assert not {name for name in seen.attributes if name.startswith("on") or name in {"href", "src", "style"}}
    assert "alert(1)" not in text or "alert(1)" in seen.text


@given(st.text(alphabet="<>[]()!`*_#|-=\"'&;/:ab1\n ", max_size=60))
def test_no_text_becomes_an_active_element(text: str) -> None:
    seen = Seen(render.answer_text(text, [citation()]))
    assert seen.tags <= HARMLESS
    assert not seen.attributes & {"href", "src", "style", "srcset"}


def test_markdown_is_rendered() -> None:
    html = render.answer_text("**bold** and\n\n- one\n- two")
    assert "<strong>bold</strong>" in html
    assert html.count("<li>") == 2


def test_markers_become_buttons_only_where_there_is_a_citation() -> None:
    html = render.answer_text("Yes [1][2]. `[1]` No [9].", [citation(1), citation(2, verified=False)], turn="t1")
    assert html.count("<button") == 2
    assert 'data-cite="t1:1"' in html
    assert 'class="as-cite as-cite-unverified"' in html
    assert "[9]" in html
    assert "<code>[1]</code>" in html
    assert 'aria-label="Source 1: &lt;b&gt;Title&lt;/b&gt;"' in html


def test_marks_of_one_number_open_each_their_own_place() -> None:
    first, second, other = (Citation(n, NAME, None, at, at + 1, "q", True) for n, at in ((3, 0), (3, 5), (1, 9)))
    html = render.answer_text("One [3]. Two [3][1]. Three [3].", [first, second, other], turn="t1")
    assert re.findall(r'data-cite="t1:(\d)"', html) == ["1", "2", "3", "2"]
    cards = render.citation_cards([first, second, other], "t1")
    assert re.findall(r'data-cite="t1:(\d)"', cards) == ["1", "2", "3"]


def test_markers_are_quiet_while_the_citations_are_not_known() -> None:
    html = render.answer_text("Yes [1].", live=True)
    assert "<button" not in html
    assert 'class="as-cite as-cite-open">1<' in html


def test_cards_say_whether_the_sentence_follows_and_nothing_where_nobody_can_tell() -> None:
    marks = {
        supported: render.citation_cards([citation(1, supported=supported)], "t") for supported in (True, False, None)
    }
    assert "Supported" in marks[True]
    assert "Says otherwise" in marks[False]
    assert all(word not in marks[None] for word in ("Supported", "Says otherwise"))
    assert all("Verified" in shown for shown in marks.values())  # the one says nothing of the other


def test_cards_say_what_is_verified_and_escape_everything() -> None:
    html = render.citation_cards([citation(1, quote="<i>q</i>"), citation(2, verified=False, page=None)], "t")
    seen = Seen(html)
    assert "Verified" in seen.text
    assert "Not verified" in seen.text
    assert "<i>q</i>" in seen.text
    assert seen.tags <= HARMLESS
    assert render.citation_cards([], "t") == ""


def test_the_quote_is_highlighted_where_it_stands() -> None:
    window = TextWindow(NAME, 100, 130, "0123456789 the <b> quote & end", 130)
    html = render.excerpt(window, 111, 124)
    assert "<mark>the &lt;b&gt; quote</mark> &amp; end" in html


@given(st.text(max_size=40), st.integers(0, 60), st.integers(0, 60))
def test_an_excerpt_of_a_whole_text_loses_no_character(text: str, start: int, end: int) -> None:
    text = text.replace("\n", " ").replace("\r", " ").replace("\x00", " ")
    shown = Seen(render.excerpt(TextWindow(NAME, 0, len(text), text, len(text)), start, end)).text
    assert shown == text


def test_a_cut_window_is_marked_and_starts_at_a_word() -> None:
    window = TextWindow(NAME, 3, 24, "lf word QUOTE word hal", 99)
    html = Seen(render.excerpt(window, 11, 16)).text
    assert html == "\u2026 word QUOTE word \u2026"


def test_labels_lose_their_markdown() -> None:
    assert render.plain("*a* [b](c) :red[d] `e` $f$") == (r"\*a\* \[b\]\(c\) \:red\[d\] \`e\` \$f\$")
    assert render.plain("two\nlines") == "two lines"


def test_the_plan_lists_what_was_left_out_and_says_how_many_more() -> None:
    left = tuple(Planned(DocumentName("s", f"{n}.md", f"Document {n}", ""), n) for n in range(20))
    html = render.plan_details(Plan("documents", "because", 100, 50, left[:1], (), left), "m", {"prompt_tokens": 5}, {})
    seen = Seen(html)
    assert "Read 1 whole document, 50 of 100 tokens; 20 documents left out" in seen.text
    assert "Document 11" in seen.text
    assert "Document 12" not in seen.text
    assert "and 8 more" in seen.text


def test_notices_show_commands_as_code_and_escape_the_rest() -> None:
    html = render.notice("a <b>", "see `assistant up` <i>", kind="error")
    assert "<code>assistant up</code>" in html
    assert 'role="alert"' in html
    assert Seen(html).tags <= HARMLESS


def test_notes_and_the_question_as_it_was_understood_are_shown_and_harmless() -> None:
    html = render.notes(("no model <b>answered</b>", "the passages did not answer it"))
    assert html.count('role="status"') == 2
    assert "No model <b>answered</b>" in Seen(html).text
    assert Seen(html).tags <= HARMLESS
    told = Plan.read(
        {"mode": "chunks", "budget": 9, "tokens": 1, "model": "scout", "question": "Leave <i>?", "notes": ["n"]}
    )
    assert (told.model, told.notes) == ("scout", ("n",))
    details = render.plan_details(told, told.model, {}, {}, standalone=told.question)
    assert "Understood asLeave <i>?" in Seen(details).text
    assert "scout" in Seen(details).text


def test_what_was_seen_in_a_picture_says_so_and_is_no_failed_check() -> None:
    item = citation(verified=False, quote="", kind="page")
    cards = Seen(render.citation_cards([item], "t"))
    for words in ("Picture of the page", "Seen in the picture, not read in the text", "Page 2"):
        assert words in cards.text
    assert "Not verified" not in cards.text
    assert "as-cite-unverified" not in render.answer_text("So [1].", [item], turn="t")
    attached = citation(document=DocumentName("", "1", "shot.png", ""), page=None, quote="", verified=False)
    assert "Not verified" in Seen(render.citation_cards([attached], "t")).text
    card = Seen(render.citation_cards([replace(attached, kind="attachment")], "t")).text
    assert "Attached picture" in card
    read = citation(kind="picture")  # words in it say the same
    assert "Verified" in Seen(render.citation_cards([read], "t")).text


def test_a_plan_names_the_pictures_that_are_shown() -> None:
    plan = Plan("chunks", "", 10, 5, (), (), (), pictures=(Planned(NAME, 600),))
    text = Seen(render.plan_details(plan, "", {}, {})).text
    assert "Pictures shown" in text
    assert "600 tokens" in text


def test_a_citation_of_a_document_that_reads_like_orders_is_marked() -> None:
    assert texts.FLAGGED in render.marks(citation(flagged=True))
    assert texts.FLAGGED not in render.marks(citation())


def test_what_people_and_documents_write_goes_in_its_own_direction() -> None:
    assert render.element("h2", "x", "as-question") == '<h2 class="as-question" dir="auto">x</h2>'
    assert 'dir="auto"' in render.answer_text("x", live=True)
    assert 'dir="auto"' in render.excerpt(TextWindow(NAME, 0, 1, "x", 1), 0, 1)
    assert "dir" not in render.element("p", "x", "as-heading")
    # what only screen readers say before a question is no word of it
    assert render.element("span", "You asked", "as-hidden") == '<span class="as-hidden" dir="ltr">You asked</span>'
