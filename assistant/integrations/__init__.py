"""The assistant inside other people's programs: as a retriever of LangChain and of LlamaIndex."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.types import EVERYTHING, Filters, User

if TYPE_CHECKING:
    from assistant.integrations.langchain import LangChainRetriever
    from assistant.integrations.llamaindex import LlamaIndexRetriever
    from assistant.integrations.passages import Finder

__all__ = ["langchain_retriever", "llamaindex_retriever"]


def langchain_retriever(
    app: Finder, user: User, *, limit: int = 8, filters: Filters = EVERYTHING
) -> LangChainRetriever:
    """Return the assistant as a retriever of LangChain; its documents carry what `passages.metadata` says.

    Args:
        app: from `assistant.build`, open for as long as the retriever is used.
        user: for whom; nothing comes back that this user may not read at that moment.
        limit: at most so many passages for a question.
        filters: only documents that these allow.

    Raises:
        ConfigurationError: the limit is below 1.
    """
    from assistant.integrations.langchain import LangChainRetriever
    from assistant.integrations.passages import Finding

    return LangChainRetriever(finding=Finding(app, user, limit, filters))


def llamaindex_retriever(
    app: Finder, user: User, *, limit: int = 8, filters: Filters = EVERYTHING
) -> LlamaIndexRetriever:
    """Return the assistant as a retriever of LlamaIndex; arguments and errors as in `langchain_retriever`."""
    from assistant.integrations.llamaindex import LlamaIndexRetriever
    from assistant.integrations.passages import Finding

    return LlamaIndexRetriever(Finding(app, user, limit, filters))
