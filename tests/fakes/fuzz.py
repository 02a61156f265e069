"""How long a test by property runs: a little each time, and long in `make soak`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SHORT, LONG = 120, 20_000
short_and_long = pytest.mark.parametrize("examples", [SHORT, pytest.param(LONG, marks=pytest.mark.soak)])


def fuzz(examples: int, check: Callable[..., None], **made: st.SearchStrategy[Any]) -> None:
    """Call `check` with so many made-up arguments; in the short form, always the same ones."""
    known = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples == SHORT,
        suppress_health_check=list(HealthCheck),
    )
    known(given(**made)(check))()


def pieces(*words: str, most: int = 30) -> st.SearchStrategy[str]:
    """Texts made of these words and of anything."""
    return st.lists(st.one_of(st.sampled_from(words), st.text(max_size=6)), max_size=most).map("".join)


def cut(text: Any, places: list[int]) -> list[Any]:
    """Return a text or bytes in pieces, cut at these places."""
    ends = sorted({min(place, len(text)) for place in places} | {len(text)})
    return [text[first:last] for first, last in zip([0, *ends], ends, strict=False)]


CUTS = st.lists(st.integers(0, 200), max_size=12)
