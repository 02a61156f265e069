"""Makes the stages that the settings ask for, and the retriever that goes through them."""

from __future__ import annotations

from collections.abc import Callable

from assistant.access import Library
from assistant.app.tasks import make_expander
from assistant.herd import Herd
from assistant.interfaces import Embedder, Index, PictureEmbedder
from assistant.retrieval import Caches, Retriever, Rewordings, Stages
from assistant.settings import Settings
from assistant.types import SearchTrace


def make_retriever(
    settings: Settings,
    stages: Stages,
    index_name: str,
    index: Index,
    embedder: Embedder,
    library: Library,
    pictures: PictureEmbedder | None,
    told: Callable[[SearchTrace], None] = lambda _: None,
) -> Retriever:
    """Return the retriever over an index.

    Args:
        settings: say what is kept of searches.
        stages: from `make_stages`.
        index_name: as the catalog calls the index.
        index, embedder, library, pictures, told: see `Retriever`.
    """
    return Retriever(
        index,
        embedder,
        library,
        pictures,
        stages=stages,
        caches=Caches(settings.search_cache, settings.search_cache_seconds) if settings.search_cache else None,
        index_name=index_name,
        reader=library,
        told=told,
    )


def make_stages(settings: Settings, herd: Herd) -> Stages:
    """Return the stages that the settings ask for, with their models loaded.

    Args:
        settings: say which.
        herd: may have a model that rewords questions.

    Raises:
        EmbedderError: the reranker cannot be loaded.
        ConfigurationError: questions are to be reworded, and no model has the role `fast`.
    """
    reranker = None
    expander = make_expander(settings, herd)
    if settings.reranker:
        from assistant.adapters.reranker import load_reranker

        reranker = load_reranker(settings.reranker, settings.reranker_device)
    return Stages(
        fusion=settings.fusion,
        exact=settings.exact_terms,
        familiarity=settings.weigh_by_familiarity,
        literal=settings.literal_matches,
        merge_duplicates=settings.search_merge_duplicates,
        prefer_recent=settings.search_prefer_recent,
        per_document=settings.search_per_document,
        reranker=reranker,
        rerank_top=settings.rerank_top,
        rewordings=Rewordings(expander) if expander else None,
    )
