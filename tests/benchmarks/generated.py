"""A generated corpus for measurements of scale: vectors with the structure of embedded documents, words by Zipf's law.

Nothing is embedded and nothing kept: any block of documents is made anew from its number. A chunk's vector is its
topic, moved by its document, moved by itself; the axes have the falling spectrum that sentence embeddings have, so that
neighbours are near without being alike. A query is a chunk's vector, moved again, with words of that chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.interfaces import Vectors
from assistant.types import Access, Chunk, DocumentInfo, DocumentRef, User

DIMENSION = 384
EACH = 20  # chunks of a document
WORDS = 120  # of a chunk
VOCABULARY = 100_000
BLOCK = 500  # documents
SHARES = {"half": 2, "tenth": 10, "hundredth": 100, "thousandth": 1000}  # group: it may read one document in so many
READERS = {name: User(name, frozenset({name})) for name in SHARES}
_COMMON = 20  # the most frequent words of a language are stop words: this many are left out


@dataclass(frozen=True, slots=True)
class Question:
    """A query: its vector and its words."""

    vector: Vectors
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive documents: their rows `(documents * EACH, DIMENSION)` and their words `(documents * EACH, WORDS)`."""

    first: int
    rows: Vectors
    words: NDArray[np.int32]


class Corpus:
    """So many chunks in documents of `EACH`."""

    def __init__(self, chunks: int) -> None:
        self.documents = chunks // EACH
        self.chunks = self.documents * EACH
        weights = 1.0 / (np.arange(VOCABULARY) + _COMMON)
        self._cumulative = np.cumsum(weights / weights.sum())
        self._scale = (np.arange(1, DIMENSION + 1) ** -0.25).astype(np.float32)
        self._topics = self._noise(np.random.default_rng(1), max(50, chunks // 2000))

    def blocks(self) -> Iterator[Block]:
        """Yield all documents."""
        for first in range(0, self.documents, BLOCK):
            yield self.block(first, min(BLOCK, self.documents - first))

    def block(self, first: int, documents: int) -> Block:
        """Return so many documents from the first on; `first` is a multiple of `BLOCK`."""
        dice = np.random.default_rng((2, first))
        topic = self._topics[(len(self._topics) * dice.random(documents) ** 1.5).astype(int)]  # some are larger
        document = np.repeat(topic + 0.9 * self._noise(dice, documents), EACH, axis=0)
        rows = _unit(document + 0.9 * self._noise(dice, documents * EACH))
        words = np.searchsorted(self._cumulative, dice.random((documents * EACH, WORDS))).astype(np.int32)
        return Block(first, rows, words)

    def questions(self, count: int) -> list[Question]:
        """Return questions about chunks from all over the corpus."""
        dice = np.random.default_rng(3)
        found: list[Question] = []
        blocks = list(range(0, self.documents, BLOCK))
        for at in np.linspace(0, len(blocks) - 1, min(len(blocks), 50)).astype(int):
            block = self.block(blocks[at], min(BLOCK, self.documents - blocks[at]))
            for row in dice.integers(len(block.rows), size=-(-count // min(len(blocks), 50))):
                vector = _unit(block.rows[row : row + 1] + 0.05 * self._noise(dice, 1) * DIMENSION**0.25)[0]
                chosen = dice.choice(block.words[row], 6, replace=False)
                found.append(Question(vector, " ".join(f"w{word}" for word in chosen)))
        dice.shuffle(found)  # type: ignore[arg-type]
        return found[:count]

    def _noise(self, dice: np.random.Generator, count: int) -> Vectors:
        noise: Vectors = dice.standard_normal((count, DIMENSION), dtype=np.float32) * self._scale
        return noise


def reference(number: int) -> DocumentRef:
    """Return document `number`: its readers are the groups of `SHARES` that it falls to, and `all`."""
    groups = [name for name, every in SHARES.items() if number % every == 0]
    access = Access(frozenset(f"group:{name}" for name in (*groups, "all", f"team{number % 37}")))
    return DocumentRef("bench", f"{number:07}.md", "1", f"Document {number}", "", "text/markdown", access)


def chunks(ref: DocumentRef, words: NDArray[np.int32]) -> list[Chunk]:
    """Return the document's chunks; `words` has shape `(EACH, WORDS)`."""
    texts = [" ".join(f"w{word}" for word in row) for row in words.tolist()]
    return [
        Chunk(ref.id, ordinal, 800 * ordinal, 800 * ordinal + len(text), text) for ordinal, text in enumerate(texts)
    ]


def info(ref: DocumentRef) -> DocumentInfo:
    """Return what the catalog knows of the document."""
    return DocumentInfo(ref, 0, EACH, 800 * EACH, 200 * EACH)


def truth(corpus: Corpus, questions: list[Question], best: int = 10) -> dict[str, NDArray[np.int64]]:
    """Return by group (and `all`) the numbers of the nearest chunks that it may read: shape `(questions, best)`."""
    asked = np.stack([question.vector for question in questions])
    found = {name: (np.full((len(asked), best), -9.0), np.zeros((len(asked), best), np.int64)) for name in _every()}
    for block in corpus.blocks():
        numbers = np.arange(len(block.rows)) + block.first * EACH
        scores = asked @ block.rows.T
        for name, every in _every().items():
            here = numbers // EACH % every == 0
            found[name] = _merged(found[name], scores[:, here], numbers[here], best)
    return {name: numbers for name, (_, numbers) in found.items()}


def _every() -> dict[str, int]:
    return {"all": 1, **SHARES}


def _merged(former: tuple[NDArray, NDArray], scores: Vectors, numbers: NDArray, best: int) -> tuple[NDArray, NDArray]:
    joined = np.concatenate([former[0], scores], axis=1)
    names = np.concatenate([former[1], np.broadcast_to(numbers, scores.shape)], axis=1)
    order = np.argsort(-joined, axis=1, kind="stable")[:, :best]
    return np.take_along_axis(joined, order, 1), np.take_along_axis(names, order, 1)


def _unit(rows: Vectors) -> Vectors:
    unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit
