"""Opens a home: loads the embedder and opens the index that the settings and the catalog's record of the index name."""

from __future__ import annotations

import errno
import tempfile
from pathlib import Path

from assistant.catalog import IndexRecord
from assistant.catalog.indexes import FIRST
from assistant.errors import ConfigurationError, HomeNotWritableError, IndexUnavailableError, StorageFullError
from assistant.interfaces import Chunker, Embedder, Index, SparseEmbedder
from assistant.settings import Settings

PictureModel = tuple[str, int]  # a picture embedder's name and dimension


def load_embedder(settings: Settings, name: str) -> Embedder:
    """Return the embedder that the setting `embedder` would name so, loaded."""
    if name == "onnx":
        from assistant.adapters.embedder_onnx import load_onnx_embedder

        return load_onnx_embedder(settings.cache / "models", settings.embedder_precision, settings.threads)
    from assistant.adapters.embedder_sentence_transformers import load_sentence_transformers_embedder

    return load_sentence_transformers_embedder(name, settings.embedder_device)


def load_sparse_embedder(settings: Settings, name: str) -> SparseEmbedder | None:
    """Return the learned sparse model that the setting `sparse_embedder` would name so, loaded; None for no name."""
    if not name:
        return None
    from assistant.adapters.embedder_sparse import load_sparse_embedder as load

    return load(name, settings.embedder_device)


def make_chunker(embedder: Embedder, tokens: int) -> Chunker:
    """Return what cuts texts to at most so many of the embedder's tokens.

    Raises:
        ConfigurationError: the embedder does not read that many.
    """
    from assistant.chunking import TokenChunker

    most = embedder.max_tokens - 2
    if tokens > most:
        raise ConfigurationError(
            f"chunk_tokens is {tokens}, but {embedder.name} reads {most} tokens at most",
            f"set ASSISTANT_CHUNK_TOKENS to {most} or less",
        )
    return TokenChunker(embedder.count_tokens, tokens, embedder.name)


def first_record(settings: Settings) -> IndexRecord:
    """Return the index that a home has before any other was built."""
    return IndexRecord(
        FIRST, "current", settings.embedder, settings.chunk_tokens, settings.sparse_embedder, created_at=0.0
    )


def index_folder(settings: Settings, name: str) -> Path:
    """Return where the engine in-process keeps the index of that name."""
    return settings.home / "index" if name == FIRST else settings.home / "indexes" / name


def plugins_folder(settings: Settings) -> Path:
    """Return where plugins are that are not installed packages."""
    return settings.plugins_folder or settings.home / "plugins"


def qdrant_collection(settings: Settings, name: str) -> str:
    """Return what the index of that name is called on a Qdrant server."""
    return settings.qdrant_collection if name == FIRST else f"{settings.qdrant_collection}-{name}"


def open_index(
    settings: Settings, name: str, embedder: Embedder, pictures: PictureModel | None, sparse: SparseEmbedder | None
) -> Index:
    """Open the index of that name, for this process alone where it is not a server's.

    Raises:
        HomeInUseError: another process has it.
        EmbedderMismatchError: it was built with another embedder, picture embedder or learned sparse model.
        IndexUnavailableError: the server does not answer.
    """
    if settings.index == "qdrant":
        from assistant.adapters.index_qdrant import open_qdrant_index

        key, collection = settings.qdrant_api_key.get_secret_value(), qdrant_collection(settings, name)
        model = embedder.name, embedder.dimension
        return open_qdrant_index(settings.qdrant_url, key, collection, *model, pictures, sparse)
    from assistant.adapters.index_edge import open_edge_index

    return open_edge_index(index_folder(settings, name), embedder.name, embedder.dimension, pictures, sparse)


def ask_owner(settings: Settings, name: str, embedder: Embedder, pictures: PictureModel | None) -> Index | None:
    """Return the index of that name by the process that owns it and serves it to others; None where there is none.

    Raises:
        EmbedderMismatchError: its index was built with another embedder or picture embedder.
    """
    if settings.index == "qdrant":
        return None
    from assistant.adapters.index_owner_client import find_owner

    return find_owner(settings.home, embedder.name, embedder.dimension, pictures, name)


def no_owner(settings: Settings) -> IndexUnavailableError:
    """Return the error of a process that may only ask the owner, and finds none."""
    return IndexUnavailableError(
        f"no process owns the index of {settings.home}", "start `assistant up`; the work waits for it"
    )


def remove_index(settings: Settings, name: str) -> None:
    """Delete the index of that name; nothing there is no error.

    Raises:
        HomeInUseError: another process has it.
        IndexUnavailableError: the server does not answer.
    """
    if settings.index == "qdrant":
        from assistant.adapters.index_qdrant import remove_qdrant_index

        key = settings.qdrant_api_key.get_secret_value()
        remove_qdrant_index(settings.qdrant_url, key, qdrant_collection(settings, name))
        return
    from assistant.adapters.index_removal import remove_edge_index

    remove_edge_index(index_folder(settings, name))


def check_home(home: Path) -> None:
    """Make the home, for its owner only, and see that it takes files.

    Raises:
        HomeNotWritableError, StorageFullError: it cannot be used.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home) as probe:
            probe.write(b"x" * 4096)
            probe.flush()
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFullError(f"the disk is full: nothing can be written to {home}", "free some space") from error
        raise HomeNotWritableError(
            f"the home {home} cannot be used: {error.strerror}", "set ASSISTANT_HOME to a folder you may write to"
        ) from error
