"""A deterministic embedder without a model: hashed bags of words, so that texts sharing words lie close."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from assistant.interfaces import Vectors

_WORD = re.compile(r"\w+")


class FakeEmbedder:
    """Implements `interfaces.Embedder`: every word adds to one of the vector's places, then unit length.

    Args:
        name: what the embedder calls itself; give another one to play a changed embedder.
        dimension: the length of a vector.
        max_tokens: words beyond this many, less two for the special tokens, are not read.
    """

    def __init__(self, name: str = "fake/words", dimension: int = 64, max_tokens: int = 256) -> None:
        self.name = name
        self.dimension = dimension
        self.max_tokens = max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of words of each text."""
        return [len(_WORD.findall(text)) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text: shape `(len(texts), dimension)`, float32, rows of unit length."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            # A constant share keeps the empty text at unit length; it is too small to make others alike.
            row[0] = 0.01
            for word in _WORD.findall(text.lower())[: self.max_tokens - 2]:
                digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
                row[int.from_bytes(digest, "big") % self.dimension] += 1.0
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors

    def embed_query(self, text: str) -> Vectors:
        """Return the query's vector: shape `(dimension,)`, float32, unit length."""
        row: Vectors = self.embed_passages([text])[0]
        return row
