"""From a question to the passages that a user may read."""

from assistant.retrieval.caches import Caches
from assistant.retrieval.pipeline import Shown, Stages
from assistant.retrieval.retriever import Retriever
from assistant.retrieval.rewording import Rewordings

__all__ = ["Caches", "Retriever", "Rewordings", "Shown", "Stages"]
