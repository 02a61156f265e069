"""What admins are shown of the models and of the index: what is loaded, where it is, how much room it takes."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from assistant.app.models import SINGLE
from assistant.app.opening import index_folder
from assistant.app.parts import App
from assistant.errors import AssistantError
from assistant.interfaces import Embedder
from assistant.settings import Settings


@dataclass(frozen=True, slots=True)
class ModelPart:
    """A model that this process loads by itself.

    Attributes:
        part: what it is for: `embedder`, `sparse_embedder`, `picture_embedder` or `reranker`.
        name: as the settings or the index name it; empty: none is configured.
        loaded: whether it is in memory.
        dimension: of its vectors; None where it makes none, or is not loaded.
        device: as the settings say; empty: the best one that is there.
    """

    part: str
    name: str
    loaded: bool
    dimension: int | None = None
    device: str = ""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much the assistant holds.

    Attributes:
        documents, chunks, tokens: that are current, as the catalog counts them.
        indexed_documents, indexed_chunks: in the index, with versions that are about to go; None where it fails.
        index_bytes: that the index's files take; None where a server has it.
        catalog_bytes: of a catalog in a file; None where a server has it.
        free_bytes: on the disk with the home.
        index_error: why the index does not say what it holds; empty: it does.
    """

    documents: int
    chunks: int
    tokens: int
    indexed_documents: int | None
    indexed_chunks: int | None
    index_bytes: int | None
    catalog_bytes: int | None
    free_bytes: int
    index_error: str


def model_addresses(settings: Settings) -> dict[str, str]:
    """Return at which URL each configured model is, by its name in the settings, adapters included."""
    if not settings.models:
        return {settings.model_name or SINGLE: settings.model_url} if settings.model_url else {}
    found: dict[str, str] = {}
    for key, model in settings.models.items():
        found |= dict.fromkeys((key, *model.adapters), model.url)
    return found


def model_parts(app: App) -> list[ModelPart]:
    """Return the models that this process loads by itself, those too that are not configured."""
    made, settings = vars(app), app.settings
    embedder: Embedder | None = made.get("embedder")
    pictures = made.get("picture_embedder")
    stages = made.get("stages")
    sparse = app.served.sparse_embedder
    device = "" if app.served.embedder == "onnx" else settings.embedder_device
    return [
        ModelPart(
            "embedder",
            embedder.name if embedder else app.served.embedder,
            embedder is not None,
            embedder.dimension if embedder else None,
            "cpu" if app.served.embedder == "onnx" else device,
        ),
        ModelPart("sparse_embedder", sparse, bool(sparse) and embedder is not None, None, settings.embedder_device),
        ModelPart(
            "picture_embedder",
            settings.picture_embedder,
            pictures is not None,
            pictures.dimension if pictures else None,
            settings.embedder_device,
        ),
        ModelPart(
            "reranker",
            settings.reranker,
            stages is not None and stages.reranker is not None,
            None,
            settings.reranker_device,
        ),
    ]


def sizes(app: App) -> Sizes:
    """Return how much the assistant holds."""
    from assistant.adapters.disk import Disk
    from assistant.types import LOCAL_OPERATOR

    catalog = app.catalog.documents
    documents, chunks = catalog.count(LOCAL_OPERATOR)
    error, counts = "", None
    try:
        counts = app.index.counts()
    except AssistantError as problem:
        error = str(problem)
    folder = None if app.settings.index == "qdrant" else index_folder(app.settings, app.served.name)
    file = app.catalog.database.file
    return Sizes(
        documents=documents,
        chunks=chunks,
        tokens=catalog.tokens(LOCAL_OPERATOR),
        indexed_documents=counts.documents if counts else None,
        indexed_chunks=counts.chunks if counts else None,
        index_bytes=None if folder is None else Disk(folder).used(),
        catalog_bytes=file.stat().st_size if file is not None and file.is_file() else None,
        free_bytes=shutil.disk_usage(app.settings.home).free,
        index_error=error,
    )
