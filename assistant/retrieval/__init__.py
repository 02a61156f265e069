"""From a question to the passages that a user may read."""

from assistant.retrieval.retriever import Retriever

__all__ = ["Retriever"]
