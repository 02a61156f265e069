"""Folding: what looks alike becomes alike, and what nobody sees goes."""

from __future__ import annotations

import pytest

from assistant.injection import UNSEEN, folded


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Ｉgnore", "ignore"),
        ("іgnоrе", "ignore"),
        ("i\u200bg\u00adn\u2060ore", "ignore"),
        ("𝐢𝐠𝐧𝐨𝐫𝐞", "ignore"),
        ("ígnóre", "ignore"),
        ("ignore\U000e0068\U000e0069", "ignore"),
        ("‹ᐸ❮", "<<<"),
    ],
)
def test_disguises_fall(text: str, read: str) -> None:
    assert folded(text) == read


def test_what_languages_need_is_no_hidden_character() -> None:
    persian, emoji, hebrew = "می\u200cخواهم", "👩\u200d💻 ❤\ufe0f", "שלום \u200f(1)"
    assert not any(UNSEEN.search(text) for text in (persian, emoji, hebrew))
    assert UNSEEN.search("a\u200d\u200c\u200db")
    assert UNSEEN.search("x\u202ey")
