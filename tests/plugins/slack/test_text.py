"""Messages as pages."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.slack.text import first_words, is_said, page

NAMES = {"U1": "Ann", "U2": "Bob & Co", "C1": "general"}


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "ts": "1767348930.000100", "text": text, **more}


def shown(text: str, **more: Any) -> str:
    body = page("t", [said(text, **more)], NAMES, "https://acme.slack.com/archives/C1/p").decode()
    return body.partition("</h1>\n")[2].removesuffix("</body></html>").partition("\n")[2]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a &lt;b&gt; &amp; c", "<p>a &lt;b&gt; &amp; c</p>"),
        ("not <escaped by a program", "<p>not &lt;escaped by a program</p>"),
        ("<@U2> and <@U9|zoe> and <@U8>", "<p>@Bob &amp; Co and @zoe and @U8</p>"),
        ("<#C1|> <#C7|old>", "<p>#general #old</p>"),
        ("<!here> <!subteam^S1|@hr> <!date^1^{date}|1 May>", "<p>@here @hr 1 May</p>"),
        (
            "see <https://x.example/?a=1&amp;b=2|the page>",
            '<p>see <a href="https://x.example/?a=1&amp;b=2">the page</a></p>',
        ),
        ("<mailto:ann@x.example|ann@x.example>", '<p><a href="mailto:ann@x.example">ann@x.example</a></p>'),
        ("<javascript:alert(1)|click>", "<p>click</p>"),
        ("one\ntwo", "<p>one<br>two</p>"),
        ("*bold* _it_ ~no~ `a_b_c *x*`", "<p><b>bold</b> <i>it</i> <s>no</s> <code>a_b_c *x*</code></p>"),
        ("snake_case_name 2*3*4 ** _ _", "<p>snake_case_name 2*3*4 ** _ _</p>"),
        ("<https://x.example/a_b_c|*text*>", '<p><a href="https://x.example/a_b_c">*text*</a></p>'),
        ("so:\n```\nif a &lt; b:\n    <@U1>\n```\ndone", "<p>so:</p>\n<pre>if a &lt; b:\n    @Ann</pre>\n<p>done</p>"),
    ],
)
def test_markup_becomes_words_and_links(text: str, html: str) -> None:
    assert shown(text) == html


def test_a_page_says_who_and_when_with_a_link_to_each_message() -> None:
    body = page("#general: <x>", [said("hi"), said("ho", user="U2", ts="1767348990.5")], NAMES, "https://a/p").decode()
    assert "<h1>#general: &lt;x&gt;</h1>" in body
    assert '<p><a href="https://a/p1767348930000100"><b>Ann, 2026-01-02 10:15 UTC</b></a></p>\n<p>hi</p>' in body
    assert "<b>Bob &amp; Co, 2026-01-02 10:16 UTC</b>" in body


def test_what_programs_post_and_files_are_shown() -> None:
    attached = [{"title": "Build 7", "text": "failed"}, {"fallback": "see log"}, "rubbish"]
    bot = said("", user=None, username="CI", attachments=attached, files=[{"title": "log.txt"}, None])
    body = page("t", [bot], NAMES, "https://a/p").decode()
    assert "<b>CI, " in body
    assert "<p>Build 7<br>failed<br>see log</p>\n<p>[log.txt]</p>" in body


@pytest.mark.parametrize("kind", ["channel_join", "channel_topic", "tombstone", "bot_add", "pinned_item"])
def test_what_slack_itself_tells_is_not_said(kind: str) -> None:
    assert not is_said(said("Ann joined", subtype=kind))
    assert "joined" not in shown("Ann joined", subtype=kind)
    assert is_said(said("hi", subtype="me_message"))
    assert not is_said(said(""))


def test_first_words_are_short_and_plain() -> None:
    assert first_words(said("<@U1> asks:\n```x &lt; y```"), NAMES) == "@Ann asks: x < y"
    words = first_words(said("word " * 50), NAMES)
    assert len(words) <= 80
    assert words.endswith("word…")
