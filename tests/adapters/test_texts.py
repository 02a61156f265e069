"""Texts are made fit for tokenizers without losing a character that is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.adapters.texts import encodable, pieces


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("naïve 🙂 東京", "naïve 🙂 東京"),
        ("a\ud83d b", "a\ufffd b"),
        ("\udc00", "\ufffd"),
        ("\ud83d\ude42", "🙂"),
    ],
)
def test_encodable(text: str, expected: str) -> None:
    assert encodable(text) == expected


@given(st.text(alphabet="ab \n", max_size=80), st.integers(1, 20))
def test_pieces_join_to_the_text(text: str, length: int) -> None:
    parts = list(pieces(text, length))
    assert "".join(parts) == text
    assert all(len(part) <= length for part in parts)
    assert all(part[-1] in " \n" for part in parts[:-1] if " " in part or "\n" in part)
    assert text == "" or all(parts)
