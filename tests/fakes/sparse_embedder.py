"""A learned sparse model without learning: words weigh by their number, and a few stand for others, too."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Sequence

from assistant.types.sparse import SparseVector

MEANS = {"holiday": "vacation", "car": "automobile"}  # a passage with the first is also about the second


class FakeSparseEmbedder:
    """See `interfaces.SparseEmbedder`. `asked` holds the questions, for tests that want to know."""

    def __init__(self, name: str = "fake/sparse") -> None:
        self.name = name
        self.asked: list[str] = []

    def embed_passages(self, texts: Sequence[str]) -> list[SparseVector]:
        found = []
        for text in texts:
            words = _words(text)
            found.append(_vector([*words, *(MEANS[word] for word in words if word in MEANS)]))
        return found

    def embed_query(self, text: str) -> SparseVector:
        self.asked.append(text)
        return _vector(_words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _vector(words: Sequence[str]) -> SparseVector:
    counts = Counter(zlib.crc32(word.encode("utf-8", "replace")) for word in words)
    return SparseVector(tuple(counts), tuple(1.0 + count / 8 for count in counts.values()))
