"""The assistant as a LangChain retriever."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from assistant.integrations.passages import Finding, metadata, passage_id


class LangChainRetriever(BaseRetriever):
    """Finds passages for one user; `assistant.integrations.langchain_retriever` makes it.

    The text of a document is the passage with blanks where a parser's own remarks stand, so that a model takes nothing
    for the document's words that is not: what it quotes stands at `start` plus its place in the text.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    finding: Finding

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        del run_manager
        return [
            Document(page_content=passage.own_text, metadata=metadata(passage), id=passage_id(passage))
            for passage in self.finding(query)
        ]
