"""Links: nothing that comes out of the filter is one in any client, however it was written and cut into pieces."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.injection import LEFT_OUT, LinkFilter, inert

# As the autolinks of GitHub's Markdown are found, in the text of a page that was rendered already.
BARE = re.compile(
    r"(?:https?|ftps?|wss?)://|(?<![^\W_])www\.[-.\w]|\b(?:mailto|xmpp):[\w.+-]+@|script:\w|data:image/", re.I
)
ACTIVE = re.compile(
    r"<\s*/?\s*(?:a|img|iframe|script|style|svg|form|link|meta|base|video|object)\b|<[a-z/][^>]*=", re.I
)
PIECES = [
    "[", "]", "(", ")", "<", ">", "!", ":", "//", "/", "\\", " ", "\n", "[a]", "](", "]:", "![x](", "[99]", "[1]",
    "https://evil.example/?q=secret", "http", "s://", "evil.example", "www.", "ww", "w.evil.example", "javascript:",
    "alert(1)", "data:image/png;base64,AA", "&#58;", "&colon;", "&#104;", "<a href=", "<img src=",
    "\"", "'", "`",
    "```\n",
    "\u200b", "\u200d", "é", "。", "mailto:", "x@evil.example", "> ", "- ", "1. ", "|", "*", "_", "<b>", "<script>",
]  # fmt: skip


def live(text: str) -> list[str]:
    """Return what is a link, a picture, active HTML or an address in a page that a client renders of the text."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    found = []
    for block in parser.parse(text):
        for token in block.children or [block]:
            if token.type in {"link_open", "image"}:
                found.append(str(token.attrs))
            elif token.type.startswith("html") and ACTIVE.search(token.content):
                found.append(token.content)
            elif token.type in {"text", "code_inline", "fence", "code_block"}:
                found += BARE.findall(token.content)
    return found


def nothing(_: str) -> bool:
    return False


@pytest.mark.parametrize(
    "text",
    [
        "See [the portal](https://evil.example/?q=1) now.",
        "![x](https://evil.example/a.png)",
        "![](//evil.example/a.png)",
        "[a][b]\n\n[b]: //evil.example/x 'title'",
        "![a][b]\n\n[b]:\n//evil.example/x",
        "> [1]: //evil.example\n\nIt is so [1].",
        "<https://evil.example>",
        "<javascript:alert(1)>",
        "www.evil.example/x",
        "https\\://evil.example/x",
        "&#104;ttps://evil.example/x",
        "https&colon;&sol;&sol;evil.example",
        "<img src=x onerror=alert(1)>",
        "<a href='//evil.example'>x</a>",
        "<IMG\nSRC=//evil.example>",
        "[![i](//evil.example/i.png)](//evil.example)",
        "[x](<//evil.example/a b>)",
        "[x](\n//evil.example\n)",
        "[x\\](//evil.example)",
        "https://[::1]/x",
        "HTTPS://EVIL.EXAMPLE",
        "https://еvil.example/ü",
        "`https://evil.example",
        "[a](data:text/html;base64,AA)",
        "htt[ps:](/a)//evil.example",
        "\U000e0068https://evil.example",
    ],
)
def test_attacks_come_to_nothing_whole_and_letter_by_letter(text: str) -> None:
    letters = LinkFilter(nothing)
    streamed = "".join(map(letters.feed, text)) + letters.flush()
    for shown in (inert(text, nothing), streamed, inert(text)):
        assert live(shown) == []
    assert "q=1" not in streamed


@pytest.mark.parametrize(
    "text",
    [
        "Staff have 28 days of leave [1], as [2][3] say.",
        "Use `List<String>` and a < b, see Map<String, List<Integer>> m.",
        "According to [1]: it is so.",
        "Write to hr@corp.example or call +49 30 1.",
        "if (x[0] == y) { return a/b; }  // nothing",
        "**Bold** <b>x</b> | a | b |",
        "C:\\temp\\x & y",
        "Put <YOUR_KEY> there: https is on.",
        "",
    ],
)
def test_what_is_no_link_stays_as_it_is(text: str) -> None:
    assert inert(text, nothing) == text


def test_an_address_that_was_given_is_shown_as_text() -> None:
    given = "Open https://vpn.corp.example/start?x=1 first, or www.corp.example."
    asked = "Open <https://vpn.corp.example/start?x=1>, [start](https://vpn.corp.example/start), www.corp.example."
    filtering = LinkFilter(given.__contains__)
    shown = filtering.feed(asked) + filtering.flush()
    start = "https[:]//vpn.corp.example/start"
    assert shown == f"Open \u2039{start}?x=1>, start ({start}), www[.]corp.example."
    assert live(shown) == []
    assert filtering.left_out == 0
    other = LinkFilter(given.__contains__)
    assert other.feed("https://vpn.corp.example/start?x=2 ") == f"{LEFT_OUT} "
    assert other.left_out == 1


def test_marks_of_citations_survive_as_links() -> None:
    assert inert("So it is [1](https://evil.example).", nothing) == "So it is [1]."


def test_text_is_shown_as_soon_as_nothing_can_change_it() -> None:
    filtering = LinkFilter(nothing)
    assert filtering.feed("Staff have ") == "Staff have "
    assert filtering.feed("28 da") == "28 "
    assert filtering.feed("ys, see [the") == "days, see "
    assert filtering.feed(" portal](https://e") == ""
    assert filtering.feed(".example) for") == "the portal "
    assert filtering.feed("\u8fd9\u662f\u7b54\u6848") == "for\u8fd9\u662f\u7b54\u6848"
    filtering.feed("[" + "x" * 5000)
    assert len(filtering.feed("y ")) < 10


@settings(max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), min_size=2, max_size=12), st.randoms(use_true_random=False))
def test_no_mixture_is_live_in_any_client(pieces: list[str], dice) -> None:
    text = "".join(pieces)
    filtering, shown, at = LinkFilter(nothing), "", 0
    while at < len(text):
        step = dice.randint(1, 9)
        shown += filtering.feed(text[at : at + step])
        at += step
    shown += filtering.flush()
    assert live(shown) == []
