"""txtai: `Embeddings` with `hybrid=True`.

Follows the pages "Embeddings - Configuration - Scoring", "Query guide - Hybrid" and "Segmentation" of its
documentation: rows as they are (title before the text; variant `chunks`: cut by `Segmentation` with the recursive
chunker), weights of one half (the default), and more for either side as modes. `hybrid=True` normalizes BM25 and adds
the scores; variant `bb25`: normalized by `bb25`, fused by log-odds.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.benchmarks.peers.common import CANDIDATES, Document, first_documents, model_folder

_CHUNK_CHARACTERS = 1000


class Txtai:
    modes = ("0.5", "0.6", "0.4")

    def __init__(self, variant: str) -> None:
        from txtai import Embeddings

        self.mode = self.modes[0]
        self._cut = None
        if variant == "chunks":
            from txtai.pipeline import Segmentation

            self._cut = Segmentation(chunker="recursive", chunk_size=_CHUNK_CHARACTERS)
        scoring = {"scoring": {"method": "bm25", "terms": True, "normalize": "bb25"}} if variant == "bb25" else {}
        kind = {} if scoring else {"hybrid": True}
        self._embeddings = Embeddings(path=model_folder(), method="sentence-transformers", gpu=False, **kind, **scoring)

    def index(self, corpus: Mapping[str, Document]) -> None:
        if self._cut is None:
            self._keys = list(corpus)
            self._embeddings.index((number, one.content) for number, one in enumerate(corpus.values()))
            return
        pieces = [(key, piece) for key, one in corpus.items() for piece in self._cut(one.content)]
        self._keys = [key for key, _ in pieces]
        self._embeddings.index((number, piece) for number, (_, piece) in enumerate(pieces))

    def search(self, query: str, k: int) -> list[str]:
        found = self._embeddings.search(query, CANDIDATES, weights=float(self.mode))
        return first_documents([self._keys[number] for number, _ in found], k)

    def close(self) -> None:
        self._embeddings.close()


def make(variant: str) -> Txtai:
    return Txtai(variant)
