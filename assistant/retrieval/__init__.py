"""From a question to the passages that a user may read."""

from __future__ import annotations

from assistant.retrieval.caches import Caches
from assistant.retrieval.query import Query, read_query
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.rewording import Rewordings
from assistant.retrieval.shelf import FoundDocument, FoundDocuments, FoundPlace, Shelf
from assistant.retrieval.stages import LONG_READING, READING, Shown, Stages

__all__ = [
    "LONG_READING",
    "READING",
    "Caches",
    "FoundDocument",
    "FoundDocuments",
    "FoundPlace",
    "Query",
    "Retriever",
    "Rewordings",
    "Shelf",
    "Shown",
    "Stages",
    "read_query",
]
