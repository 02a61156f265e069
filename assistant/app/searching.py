"""Makes the retriever with the stages that the settings ask for."""

from __future__ import annotations

from assistant.access import Library
from assistant.interfaces import Embedder, Index, PictureEmbedder
from assistant.retrieval import Caches, Retriever, Rewordings, Stages
from assistant.settings import Settings


def make_retriever(
    settings: Settings,
    index_name: str,
    index: Index,
    embedder: Embedder,
    library: Library,
    pictures: PictureEmbedder | None,
) -> Retriever:
    """Return the retriever over an index.

    Args:
        settings: say which stages run, and name their models, which are loaded here.
        index_name: as the catalog calls the index.
        index, embedder, library, pictures: see `Retriever`.

    Raises:
        EmbedderError: the reranker cannot be loaded.
        ConfigurationError: the expander's URL or name is missing or wrong.
    """
    return Retriever(
        index,
        embedder,
        library,
        pictures,
        stages=_stages(settings),
        caches=Caches(settings.search_cache, settings.search_cache_seconds) if settings.search_cache else None,
        index_name=index_name,
        reader=library,
    )


def _stages(settings: Settings) -> Stages:
    reranker = rewordings = None
    if settings.reranker:
        from assistant.adapters.reranker import load_reranker

        reranker = load_reranker(settings.reranker, settings.reranker_device)
    if settings.expander_url:
        from assistant.adapters.query_expander import connect_query_expander

        key = settings.expander_api_key.get_secret_value()
        rewordings = Rewordings(connect_query_expander(settings.expander_url, settings.expander_model, key))
    return Stages(
        merge_duplicates=settings.search_merge_duplicates,
        prefer_recent=settings.search_prefer_recent,
        per_document=settings.search_per_document,
        reranker=reranker,
        rerank_top=settings.rerank_top,
        rewordings=rewordings,
    )
