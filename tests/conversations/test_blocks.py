"""Markdown as data: what it holds, and that nothing of it is a link."""

from __future__ import annotations

from typing import Any

import pytest

from assistant.conversations.blocks import blocks_of, is_rtl


def words(found: object) -> str:
    """Return all text in blocks or parts."""
    if isinstance(found, dict):
        return str(found.get("text", "")) + "".join(words(one) for one in found.values() if isinstance(one, list))
    return "".join(map(words, found)) if isinstance(found, list) else ""


def kinds(text: str) -> list[Any]:
    return [one["kind"] for one in blocks_of(text)]


def test_blocks_come_in_their_order() -> None:
    text = "# A\n\nb\n\n- c\n\n1. d\n\n> e\n\n```\nf\n```\n\n---\n\n|g|h|\n|-|-|\n|i|j|\n"
    assert kinds(text) == ["par", "par", "list", "enum", "quote", "code", "rule", "table"]
    assert words(blocks_of(text)) == "Abcdefghij"
    assert [one["level"] for one in blocks_of("## A\n\nb")] == [2, 0]
    assert blocks_of("|g|h|\n|-|-|\n|i|j|\n")[0]["rows"][1][0] == [{"kind": "text", "text": "i"}]


def test_lists_hold_blocks_and_begin_where_they_say() -> None:
    (found,) = blocks_of("3. one\n4. two\n   - inner\n")
    assert (found["kind"], found["start"], len(found["items"])) == ("enum", 3, 2)
    assert [one["kind"] for one in found["items"][1]] == ["par", "list"]


def test_parts_nest() -> None:
    (line,) = blocks_of("a **b *c*** ~~d~~ `e`\nf  \ng")
    assert [one["kind"] for one in line["parts"]] == [
        "text", "strong", "text", "strike", "text", "code", "text", "text", "break", "text",
    ]  # fmt: skip
    assert line["parts"][1]["parts"][1] == {"kind": "emph", "parts": [{"kind": "text", "text": "c"}]}


@pytest.mark.parametrize("text", ["[a](http://x.y)", "<b>a</b>", "![a](b.png)", "<http://x.y>"])
def test_links_and_markup_stay_as_they_are_written(text: str) -> None:
    (line,) = blocks_of(text)
    assert words(line) == text


def test_a_text_runs_as_its_first_letter_does() -> None:
    assert is_rtl("12 \u05e9\u05dc\u05d5\u05dd abc")
    assert is_rtl("\u0645\u0631\u062d\u0628\u0627")
    assert not is_rtl("abc \u05e9\u05dc\u05d5\u05dd")
    assert not is_rtl("12")
