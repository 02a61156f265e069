"""LlamaIndex: `QueryFusionRetriever` over a `VectorStoreIndex` and a `BM25Retriever`.

Follows the pages "Reciprocal Rerank Fusion Retriever", "Relative Score Fusion and Distribution-Based Score Fusion"
and "BM25 Retriever" of its documentation: `SentenceSplitter` with its defaults (1,024 tokens, 200 of them overlap;
variant `512`: the 512 tokens of the BM25 page), BM25 with the English stemmer, `num_queries=1` (no model rewrites the
query), the in-memory vector store, and titles as metadata, which LlamaIndex puts before every chunk for both
searches.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.benchmarks.peers.common import CANDIDATES, Document, first_documents, model_folder


class LlamaIndex:
    modes = ("reciprocal_rerank", "relative_score", "dist_based_score")

    def __init__(self, variant: str) -> None:
        import Stemmer
        from llama_index.core.llms import MockLLM
        from llama_index.core.node_parser import SentenceSplitter
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self.mode = self.modes[0]
        self._stemmer = Stemmer.Stemmer("english")
        self._llm = MockLLM()  # named by the retriever, asked by none
        self._splitter = SentenceSplitter(chunk_size=512) if variant == "512" else SentenceSplitter()
        self._embedder = HuggingFaceEmbedding(model_name=model_folder(), device="cpu")

    def index(self, corpus: Mapping[str, Document]) -> None:
        from llama_index.core import Document as LlamaDocument
        from llama_index.core import VectorStoreIndex
        from llama_index.core.retrievers import QueryFusionRetriever
        from llama_index.retrievers.bm25 import BM25Retriever

        documents = [
            LlamaDocument(id_=key, text=one.text, metadata={"title": one.title} if one.title else {})
            for key, one in corpus.items()
        ]
        nodes = self._splitter.get_nodes_from_documents(documents)
        vectors = VectorStoreIndex(nodes, embed_model=self._embedder)
        dense = vectors.as_retriever(similarity_top_k=CANDIDATES)
        sparse = BM25Retriever.from_defaults(
            nodes=nodes, similarity_top_k=min(CANDIDATES, len(nodes)), stemmer=self._stemmer, language="english"
        )
        self._retrievers = {
            mode: QueryFusionRetriever(
                [dense, sparse],
                llm=self._llm,
                mode=mode,
                similarity_top_k=CANDIDATES,
                num_queries=1,
                use_async=False,
            )
            for mode in self.modes
        }

    def search(self, query: str, k: int) -> list[str]:
        found = self._retrievers[self.mode].retrieve(query)
        return first_documents([one.node.ref_doc_id for one in found], k)

    def close(self) -> None:
        self._retrievers = {}


def make(variant: str) -> LlamaIndex:
    return LlamaIndex(variant)
