"""LangChain: `EnsembleRetriever` over FAISS and `BM25Retriever`.

Follows the pages "EnsembleRetriever", "BM25Retriever" and the tutorial on retrieval: `RecursiveCharacterTextSplitter`
of 1,000 characters with 200 that overlap, FAISS in memory, weights of one half each, constant 60. BM25 gets NLTK's
word tokens, as its page shows, of the text in lower case; its default, a split at white space with case kept, is the
mode `split`.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.benchmarks.peers.common import CANDIDATES, Document, first_documents, model_folder


class LangChain:
    modes = ("word_tokenize", "split")

    def __init__(self, variant: str) -> None:
        from langchain_huggingface import HuggingFaceEmbeddings
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        del variant
        self.mode = self.modes[0]
        self._splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        self._embedder = HuggingFaceEmbeddings(model_name=model_folder(), model_kwargs={"device": "cpu"})

    def index(self, corpus: Mapping[str, Document]) -> None:
        from langchain_classic.retrievers import EnsembleRetriever
        from langchain_community.retrievers import BM25Retriever
        from langchain_community.vectorstores import FAISS
        from langchain_core.documents import Document as LangChainDocument
        from nltk.tokenize import word_tokenize

        documents = [LangChainDocument(one.content, metadata={"key": key}) for key, one in corpus.items()]
        chunks = self._splitter.split_documents(documents)
        for number, chunk in enumerate(chunks):
            chunk.metadata["chunk"] = number
        dense = FAISS.from_documents(chunks, self._embedder).as_retriever(search_kwargs={"k": CANDIDATES})
        words = {"preprocess_func": lambda text: word_tokenize(text.lower(), preserve_line=True)}
        self._retrievers = {}
        for mode in self.modes:
            sparse = BM25Retriever.from_documents(chunks, k=CANDIDATES, **(words if mode == "word_tokenize" else {}))
            self._retrievers[mode] = EnsembleRetriever(retrievers=[sparse, dense], weights=[0.5, 0.5], id_key="chunk")

    def search(self, query: str, k: int) -> list[str]:
        found = self._retrievers[self.mode].invoke(query)
        return first_documents([one.metadata["key"] for one in found], k)

    def close(self) -> None:
        self._retrievers = {}


def make(variant: str) -> LangChain:
    return LangChain(variant)
