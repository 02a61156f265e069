"""Haystack: a pipeline of a text embedder, both in-memory retrievers and a `DocumentJoiner`.

Follows the tutorial "Creating a Hybrid Retrieval Pipeline" and the pages of `DocumentJoiner`, `DocumentSplitter` and
`SentenceTransformersDocumentEmbedder`: `DocumentSplitter` with its default of 200 words (variant `512`: the tutorial's
512 words with 32 that overlap), the title before the text (variant `titles`: also before every piece that is embedded,
by `meta_fields_to_embed`; BM25 sees the content only). The tutorial's ranker is left out, as no system has one here.
Modes: the joiner's reciprocal rank fusion and distribution-based fusion, and `merge` with both retrievers' scaled
scores.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from tests.benchmarks.peers.common import CANDIDATES, Document, first_documents, model_folder


class Haystack:
    modes = ("reciprocal_rank_fusion", "distribution_based_rank_fusion", "merge")

    def __init__(self, variant: str) -> None:
        os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
        from haystack.components.preprocessors import DocumentSplitter
        from haystack.document_stores.in_memory import InMemoryDocumentStore
        from haystack.utils import ComponentDevice
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        self.mode = self.modes[0]
        cut = {"split_length": 512, "split_overlap": 32} if variant == "512" else {}
        self._splitter = DocumentSplitter(split_by="word", **cut)
        titles = ["title"] if variant == "titles" else []
        device = ComponentDevice.from_str("cpu")
        self._embedder = SentenceTransformersDocumentEmbedder(
            model=model_folder(), device=device, meta_fields_to_embed=titles, progress_bar=False
        )
        self._query_embedder = SentenceTransformersTextEmbedder(model=model_folder(), device=device, progress_bar=False)
        self._store = InMemoryDocumentStore(shared=False, return_embedding=False)  # vectors have length 1
        for component in (self._splitter, self._embedder, self._query_embedder):
            component.warm_up()

    def index(self, corpus: Mapping[str, Document]) -> None:
        from haystack import Document as HaystackDocument
        from haystack import Pipeline
        from haystack.components.writers import DocumentWriter

        pipeline = Pipeline()
        pipeline.add_component("splitter", self._splitter)
        pipeline.add_component("embedder", self._embedder)
        pipeline.add_component("writer", DocumentWriter(self._store))
        pipeline.connect("splitter", "embedder")
        pipeline.connect("embedder", "writer")
        documents = [
            HaystackDocument(content=one.content, meta={"key": key, "title": one.title}) for key, one in corpus.items()
        ]
        pipeline.run({"splitter": {"documents": documents}})
        self._pipelines = {mode: self._query_pipeline(mode) for mode in self.modes}

    def _query_pipeline(self, mode: str):
        from haystack import Pipeline
        from haystack.components.joiners import DocumentJoiner
        from haystack.components.retrievers.in_memory import InMemoryBM25Retriever, InMemoryEmbeddingRetriever

        scaled = mode == "merge"
        pipeline = Pipeline()
        pipeline.add_component("bm25", InMemoryBM25Retriever(self._store, top_k=CANDIDATES, scale_score=scaled))
        pipeline.add_component("dense", InMemoryEmbeddingRetriever(self._store, top_k=CANDIDATES, scale_score=scaled))
        pipeline.add_component("joiner", DocumentJoiner(join_mode=mode))
        pipeline.connect("bm25", "joiner")
        pipeline.connect("dense", "joiner")
        return pipeline

    def search(self, query: str, k: int) -> list[str]:
        embedding = self._query_embedder.run(text=query)["embedding"]
        found = self._pipelines[self.mode].run({"bm25": {"query": query}, "dense": {"query_embedding": embedding}})
        return first_documents([one.meta["key"] for one in found["joiner"]["documents"]], k)

    def close(self) -> None:
        self._pipelines = {}


def make(variant: str) -> Haystack:
    return Haystack(variant)
