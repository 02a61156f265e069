"""The assistant as a LlamaIndex retriever."""

from __future__ import annotations

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from assistant.integrations.passages import Finding, metadata, passage_id

_FOR_PROGRAMS = ["start", "end", "score"]  # LlamaIndex writes all other metadata into the prompt, before the text


class LlamaIndexRetriever(BaseRetriever):
    """Finds passages for one user; `assistant.integrations.llamaindex_retriever` makes it. Texts as LangChain's are."""

    def __init__(self, finding: Finding) -> None:
        self._finding = finding
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [
            NodeWithScore(
                node=TextNode(
                    id_=passage_id(passage),
                    text=passage.own_text,
                    metadata=metadata(passage),
                    excluded_llm_metadata_keys=list(_FOR_PROGRAMS),
                    excluded_embed_metadata_keys=list(_FOR_PROGRAMS),
                ),
                score=passage.score,
            )
            for passage in self._finding(query_bundle.query_str)
        ]
