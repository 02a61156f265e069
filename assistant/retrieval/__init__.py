"""From a question to the passages that a user may read."""

from __future__ import annotations

from assistant.retrieval.query import Query, read_query
from assistant.retrieval.retriever import Retriever, Stages

__all__ = ["Query", "Retriever", "Stages", "read_query"]
