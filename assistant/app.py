"""The only place where the parts are wired together: `build(settings)` gives an App; each part is made when used."""

from __future__ import annotations

import errno
import logging
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from assistant.access import Library, PageImages
from assistant.adapters.blobs import FolderBlobs
from assistant.catalog import Catalog, Keyring
from assistant.errors import (
    AssistantError,
    ConfigurationError,
    HomeNotWritableError,
    IndexUnavailableError,
    StorageFullError,
)
from assistant.interfaces import BlobStore, Captioner, Chunker, Embedder, Index, PictureEmbedder
from assistant.registry import PluginRegistry, load_registry
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.answer import Answerer
    from assistant.ingest import Ingestor
    from assistant.ingest.uploads import UploadDesk
    from assistant.parsing.process.sandbox import ParserPool
    from assistant.retrieval import Retriever

log = logging.getLogger(__name__)
_STALLED = 10.0  # times what parsing a document may take
T = TypeVar("T")


class _Part(Generic[T]):
    """A part that is made when it is first used, once, however many threads ask for it at the same time.

    Not `functools.cached_property`: since Python 3.12 two threads may both make the value, here two owners of an index.
    """

    def __init__(self, make: Callable[[App], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    def __get__(self, app: App, kind: type[App]) -> T:
        with app.making:
            made = vars(app)  # found there from now on, without coming here again
            if self._name not in made:
                made[self._name] = self._make(app)
            part: T = made[self._name]
        return part


def build(settings: Settings, *, owns_index: bool = False, asks_owner: bool = False) -> App:
    """Return the assistant on the home that the settings name; use it in a `with` statement.

    Args:
        settings: from `load_settings()`.
        owns_index: whether this process is to be the index's owner, and to fail if another is; otherwise an owner that
            runs is asked, and the index is opened here where none does.
        asks_owner: whether this process never opens the index itself, as a worker beside an owner that may be started
            again at any moment.

    Raises:
        HomeNotWritableError, StorageFullError: the home cannot be used.
        ConfigurationError: the catalog cannot be opened.
    """
    _check_home(settings.home)
    return App(settings, owns_index=owns_index, asks_owner=asks_owner)


class App:
    """All parts, made when first used and closed in the opposite order."""

    def __init__(self, settings: Settings, *, owns_index: bool, asks_owner: bool) -> None:
        self.settings = settings
        self._owns_index = owns_index
        self._asks_owner = asks_owner
        self._closing = ExitStack()
        self.making = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every part that was made."""
        self._closing.close()

    @_Part
    def registry(self) -> PluginRegistry:
        """The installed plugins, and what people upload."""
        from assistant.ingest.uploads import register_uploads
        from assistant.parsing.media_types import next_step

        registry = load_registry(advise=next_step)
        register_uploads(registry, lambda: self.catalog, lambda: self.blobs)  # the catalog is opened where one is read
        return registry

    @_Part
    def catalog(self) -> Catalog:
        """The truth on sources, documents, readers and jobs."""
        keyring = Keyring(self.settings.home / "secret.key", self.settings.secret_key.get_secret_value())
        catalog = Catalog(self.settings.catalog, keyring)
        self._closing.callback(catalog.close)
        return catalog

    @_Part
    def blobs(self) -> BlobStore:
        """Originals and extracted text."""
        return FolderBlobs(self.settings.home / "blobs")

    @_Part
    def embedder(self) -> Embedder:
        """The configured embedding model, loaded."""
        settings = self.settings
        if settings.embedder == "onnx":
            from assistant.adapters.embedder_onnx import load_onnx_embedder

            return load_onnx_embedder(settings.cache / "models", settings.embedder_precision, settings.threads)
        from assistant.adapters.embedder_sentence_transformers import load_sentence_transformers_embedder

        return load_sentence_transformers_embedder(settings.embedder, settings.embedder_device)

    @_Part
    def picture_embedder(self) -> PictureEmbedder | None:
        """The configured image embedding model, loaded; None where none is configured."""
        if not self.settings.picture_embedder:
            return None
        from assistant.adapters.embedder_pictures import load_picture_embedder

        return load_picture_embedder(self.settings.picture_embedder, self.settings.embedder_device)

    @_Part
    def captioner(self) -> Captioner | None:
        """The configured vision model, which describes pictures; None where none is configured."""
        if not self.settings.vision_url:
            return None
        from assistant.adapters.captioner import connect_captioner

        settings = self.settings
        return connect_captioner(settings.vision_url, settings.vision_model, settings.vision_api_key.get_secret_value())

    @_Part
    def index(self) -> Index:
        """The index: this process's own, or that of the process that owns it, or a Qdrant server's."""
        index = self._open_index()
        self._closing.callback(index.close)
        return index

    @_Part
    def chunker(self) -> Chunker:
        """Cuts texts to the embedder's tokens."""
        from assistant.chunking import TokenChunker

        most = self.embedder.max_tokens - 2
        if self.settings.chunk_tokens > most:
            raise ConfigurationError(
                f"chunk_tokens is {self.settings.chunk_tokens}, but {self.embedder.name} reads {most} tokens at most",
                f"set ASSISTANT_CHUNK_TOKENS to {most} or less",
            )
        return TokenChunker(self.embedder.count_tokens, self.settings.chunk_tokens, self.embedder.name)

    @_Part
    def parsers(self) -> ParserPool:
        """The parser processes; they start with the first document."""
        from assistant.parsing.process.sandbox import ParserPool

        settings = self.settings
        pool = ParserPool(
            workers=settings.parse_workers or max(1, len(os.sched_getaffinity(0)) - 1),
            memory_bytes=settings.parse_memory_mb * 1024 * 1024,
            seconds=settings.parse_seconds,
            max_bytes=settings.max_document_bytes,
        )
        self._closing.callback(pool.close)
        return pool

    @_Part
    def library(self) -> Library:
        """The documents, by who may read them."""
        return Library(self.catalog, self.blobs)

    @_Part
    def uploads(self) -> UploadDesk:
        """Takes the files that people upload."""
        from assistant.ingest.uploads import UploadDesk

        settings = self.settings
        quota = settings.upload_quota_mb * 1024 * 1024
        return UploadDesk(self.catalog, self.blobs, self.registry, settings.max_document_bytes, quota)

    @_Part
    def page_images(self) -> PageImages:
        """The pages of documents as people see them."""
        return PageImages(self.library, self.blobs, self.registry, self.parsers, self._passwords)

    @_Part
    def retriever(self) -> Retriever:
        """Finds passages."""
        from assistant.retrieval import Retriever

        return Retriever(self.index, self.embedder, self.library, self.picture_embedder)

    @_Part
    def answerer(self) -> Answerer:
        """Answers questions."""
        from assistant.answer import Answerer

        return Answerer(
            retriever=self.retriever,
            library=self.library,
            embedder=self.embedder,
            ceiling=self.settings.context_budget,
        )

    @_Part
    def ingestor(self) -> Ingestor:
        """Syncs sources."""
        from assistant.ingest import Ingestor, Limits, Pictures, Pipeline, Retries

        self._protect_secrets()
        settings = self.settings
        pipeline = Pipeline(
            catalog=self.catalog,
            index=self.index,
            embedder=self.embedder,
            chunker=self.chunker,
            blobs=self.blobs,
            registry=self.registry,
            parsers=self.parsers,
            limits=Limits(
                batch_documents=settings.sync_batch,
                lease_seconds=settings.lease_seconds,
                stalled_seconds=_STALLED * settings.parse_seconds,
                most_prepared=settings.most_prepared,
                max_document_bytes=settings.max_document_bytes,
                retries=Retries(settings.retry_seconds, most=settings.retry_most),
            ),
            pictures=Pictures(self.captioner, self.picture_embedder),
        )
        return Ingestor(pipeline)

    def _passwords(self, source: str) -> Sequence[str]:
        """Return what encrypted documents of the source are opened with; nothing where that cannot be decrypted."""
        record = self.catalog.sources.get(source)
        try:
            return record.passwords
        except ConfigurationError as error:  # documents that need no password are shown
            log.warning("%s", error)
            return ()

    def _protect_secrets(self) -> None:
        """Encrypt what an older version stored in plain. Where that fails, sources without secrets go on working."""
        try:
            self.catalog.sources.protect(self.registry.mark_secrets)
        except AssistantError as error:
            log.warning("secrets of sources are not encrypted: %s", error)

    def _open_index(self) -> Index:
        settings, embedder = self.settings, self.embedder
        looks = self.picture_embedder
        pictures = None if looks is None else (looks.name, looks.dimension)
        if settings.index == "qdrant":
            from assistant.adapters.index_qdrant import open_qdrant_index

            key = settings.qdrant_api_key.get_secret_value()
            return open_qdrant_index(
                settings.qdrant_url, key, settings.qdrant_collection, embedder.name, embedder.dimension, pictures
            )
        if not self._owns_index:
            from assistant.adapters.index_owner_client import find_owner

            owner = find_owner(settings.home, embedder.name, embedder.dimension, pictures)
            if owner is not None:
                return owner
            if self._asks_owner:
                raise IndexUnavailableError(
                    f"no process owns the index of {settings.home}", "start `assistant up`; the work waits for it"
                )
        from assistant.adapters.index_edge import open_edge_index

        return open_edge_index(settings.home / "index", embedder.name, embedder.dimension, pictures)


def _check_home(home: Path) -> None:
    """Make the home, for its owner only, and see that it takes files."""
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
