"""A reranker without a model: it counts the question's words in the text."""

from __future__ import annotations

import re
from collections.abc import Sequence


class FakeReranker:
    """See `interfaces.Reranker`. `asked` holds what it was asked, for tests that want to know."""

    name = "fake"

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((query, tuple(texts)))
        wanted = set(_words(query))
        return [float(sum(word in wanted for word in _words(text))) for text in texts]


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
