"""Texts are embedded in batches, smaller where the embedder is slow, and the vectors are as those of one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from assistant.ingest.batches import embed_in_batches
from assistant.interfaces import Vectors
from tests.fakes.embedder import FakeEmbedder

TEXTS = [f"text {n} says {n * n}" for n in range(600)]


class Timed:
    """An embedder that takes so many seconds a text, by a clock of its own."""

    def __init__(self, seconds: float) -> None:
        self.now = 0.0
        self.sizes: list[int] = []
        self._seconds = seconds

    def monotonic(self) -> float:
        return self.now

    def embed(self, texts: Sequence[str]) -> Vectors:
        self.sizes.append(len(texts))
        self.now += self._seconds * len(texts)
        return FakeEmbedder().embed_passages(texts)


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Timed]:
    def make(seconds: float) -> Timed:
        made = Timed(seconds)
        monkeypatch.setattr("assistant.ingest.batches.time", made)
        return made

    return make


@pytest.mark.parametrize(
    ("seconds", "sizes"),
    [
        (0.0, [16, 256, 256, 72]),
        (0.03125, [16, 256, 256, 72]),
        (0.125, [16, *[80] * 7, 24]),
        (30.0, [16, *[1] * 584]),
    ],
)
def test_batches_are_as_large_as_the_embedder_is_quick(
    timed: Callable[[float], Timed], seconds: float, sizes: list[int]
) -> None:
    embedder, moments = timed(seconds), []
    vectors = embed_in_batches(embedder.embed, TEXTS, 256, lambda: moments.append(embedder.now))
    assert embedder.sizes == sizes
    np.testing.assert_array_equal(vectors, FakeEmbedder().embed_passages(TEXTS))
    assert moments == pytest.approx(np.cumsum(sizes) * seconds)


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (1, [1]), (16, [16]), (17, [16, 1])])
def test_few_texts(timed: Callable[[float], Timed], count: int, sizes: list[int]) -> None:
    embedder = timed(0.0)
    assert embed_in_batches(embedder.embed, TEXTS[:count], 256, lambda: None).shape == (count, 64)
    assert embedder.sizes == sizes


def test_no_batch_is_larger_than_was_asked_for(timed: Callable[[float], Timed]) -> None:
    embedder = timed(0.0)
    embed_in_batches(embedder.embed, TEXTS[:8], 3, lambda: None)
    assert embedder.sizes == [3, 3, 2]
