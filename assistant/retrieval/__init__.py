"""From a question to the passages that a user may read."""

from assistant.retrieval.caches import Caches
from assistant.retrieval.pipeline import READING, Shown, Stages
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.rewording import Rewordings

__all__ = ["READING", "Caches", "Retriever", "Rewordings", "Shown", "Stages"]
