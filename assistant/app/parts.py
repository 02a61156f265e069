"""`build(settings)` gives an App; each of its parts is made when it is used first."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from assistant.access import AccountDesk, AttachmentTaker, Gallery, Library, PageImages, PeopleDesk, Rights, SignInDesk
from assistant.adapters.blobs import FolderBlobs
from assistant.app.identifying import make_provider, make_sign_in
from assistant.app.measuring import Measuring
from assistant.app.opening import ask_owner, check_home, first_record, load_embedder, make_chunker, no_owner, open_index
from assistant.app.opening import load_sparse_embedder as load_sparse
from assistant.app.part import Part
from assistant.audit import AnswerWitness, AuditDesk, Recorder
from assistant.catalog import Catalog, IndexRecord, Keyring
from assistant.errors import (
    AssistantError,
    ConfigurationError,
    EmbedderMismatchError,
    HomeInUseError,
    IndexUnavailableError,
)
from assistant.interfaces import BlobStore, Captioner, Chunker, Embedder, Index, Judge, PictureEmbedder, SparseEmbedder
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.adapters.oidc import OidcProvider
    from assistant.answer import GuardedAnswerer
    from assistant.conversations import ConversationDesk
    from assistant.herd import Herd
    from assistant.ingest import Ingestor
    from assistant.ingest.uploads import UploadDesk
    from assistant.parsing.process.sandbox import ParserPool
    from assistant.plugin_host import PluginDesk
    from assistant.registry import PluginRegistry
    from assistant.retrieval import Retriever, Stages
    from assistant.toolbox import ToolDesk

log = logging.getLogger(__name__)
_RETIRING_SECONDS = 10.0  # that searches on a former index may still take


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
    check_home(settings.home)
    return App(settings, owns_index=owns_index, asks_owner=asks_owner)


class App(Measuring):
    """All parts, made when first used and closed in the opposite order."""

    def __init__(self, settings: Settings, *, owns_index: bool, asks_owner: bool) -> None:
        self.settings = settings
        self._owns_index = owns_index
        self._asks_owner = asks_owner
        self._closing = ExitStack()
        self.making = threading.RLock()
        self._following = threading.Lock()
        self._retired: list[tuple[float, Index]] = []
        self._sparse: dict[str, SparseEmbedder | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every part that was made; first the answers under way end, as they use all others."""
        for part in ("conversations", "evaluations"):
            if part in vars(self):
                vars(self)[part].close()
        self._closing.close()

    @Part
    def plugged(self) -> tuple[PluginRegistry, PluginDesk, ToolDesk]:
        """What plugins offer, the desk that looks after them, and the one of configured tools."""
        from assistant.app.plugging import make_plugins

        found = (lambda: self.retriever, lambda: self.library)
        plugged = make_plugins(self.settings, lambda: self.catalog, lambda: self.blobs, *found)
        self._closing.callback(plugged[1].close)
        return plugged

    @property
    def registry(self) -> PluginRegistry:
        """What plugins offer, and what people upload."""
        return self.plugged[0]

    @property
    def plugins(self) -> PluginDesk:
        """Enables, disables and looks after plugins."""
        return self.plugged[1]

    @property
    def tools(self) -> ToolDesk:
        """Looks after configured tools, and says which tools a user may use."""
        return self.plugged[2]

    @Part
    def catalog(self) -> Catalog:
        """The truth on sources, documents, readers and jobs."""
        keyring = Keyring(self.settings.home / "secret.key", self.settings.secret_key.get_secret_value())
        catalog = Catalog(self.settings.catalog, keyring)
        self._closing.callback(catalog.close)
        return catalog

    @Part
    def audit(self) -> Recorder:
        """Records who does what."""
        recorder = Recorder(self.catalog.audit, questions=self.settings.audit_questions)
        self._closing.callback(recorder.close)
        return recorder

    @Part
    def audit_desk(self) -> AuditDesk:
        """Shows who did what to those who may know."""
        return AuditDesk(self.catalog.audit)

    @Part
    def blobs(self) -> BlobStore:
        """Originals and extracted text."""
        return FolderBlobs(self.settings.home / "blobs")

    @Part
    def served(self) -> IndexRecord:
        """The index that this process uses: the catalog's current one, as long as `follow` finds no other."""
        return self.catalog.indexes.current() or first_record(self.settings)

    @Part
    def embedder(self) -> Embedder:
        """The served index's embedding model, loaded."""
        return load_embedder(self.settings, self.served.embedder)

    def sparse_embedder(self, name: str) -> SparseEmbedder | None:
        """Return the learned sparse model of that name, loaded once; None for no name."""
        with self.making:
            if name not in self._sparse:
                self._sparse[name] = load_sparse(self.settings, name)
            return self._sparse[name]

    @Part
    def picture_embedder(self) -> PictureEmbedder | None:
        """The configured image embedding model, loaded; None where none is configured."""
        if not self.settings.picture_embedder:
            return None
        from assistant.adapters.embedder_pictures import load_picture_embedder

        return load_picture_embedder(self.settings.picture_embedder, self.settings.embedder_device)

    @Part
    def captioner(self) -> Captioner | None:
        """The model that describes pictures; None where none does."""
        from assistant.app.tasks import make_captioner

        return make_captioner(self.settings, self.herd)

    @Part
    def judge(self) -> Judge | None:
        """The model that judges answers when they are measured; None where none has that role."""
        from assistant.app.tasks import make_judge

        return make_judge(self.herd)

    @Part
    def herd(self) -> Herd:
        """The chat models that are configured, which may be none."""
        from assistant.app.models import make_herd

        return make_herd(self.settings, self._closing.callback)

    @Part
    def index(self) -> Index:
        """The index: this process's own, or that of the process that owns it, or a Qdrant server's."""
        index = self._open_index(self.served, self.embedder)
        self._closing.callback(index.close)
        return index

    @Part
    def chunker(self) -> Chunker:
        """Cuts texts to the embedder's tokens."""
        return make_chunker(self.embedder, self.served.chunk_tokens)

    @Part
    def parsers(self) -> ParserPool:
        """The parser processes; they start with the first document."""
        from assistant.app.ingesting import make_parsers

        pool = make_parsers(self.settings, self.plugins.place_of_parser)
        self._closing.callback(pool.close)
        return pool

    @Part
    def library(self) -> Library:
        """The documents, by who may read them."""
        return Library(self.catalog, self.blobs)

    @Part
    def people(self) -> PeopleDesk:
        """Looks after people and tokens, and signs people in."""
        return PeopleDesk(self.catalog)

    @Part
    def rights(self) -> Rights:
        """Says who reads what and why, and changes it."""
        return Rights(self.catalog, break_glass=self.settings.break_glass)

    @Part
    def sign_in(self) -> SignInDesk:
        """Signs people in, and keeps their sessions."""
        return make_sign_in(self.settings, self.catalog)

    @Part
    def oidc(self) -> OidcProvider | None:
        """The company's identity provider, where there is one."""
        return make_provider(self.settings, self._closing)

    @Part
    def accounts(self) -> AccountDesk:
        """Changes the accounts of people."""
        return AccountDesk(self.catalog)

    @Part
    def uploads(self) -> UploadDesk:
        """Takes the files that people upload."""
        from assistant.app.ingesting import make_uploads

        return make_uploads(self.settings, self.catalog, self.blobs, self.registry)

    @Part
    def page_images(self) -> PageImages:
        """The pages of documents as people see them."""
        return PageImages(self.library, self.blobs, self.registry, self.parsers, self._passwords)

    @Part
    def attachments(self) -> AttachmentTaker:
        """Takes the pictures that people attach to questions."""
        limits = self.settings.question_attachments, self.settings.attachment_bytes
        return AttachmentTaker(self.parsers, self.registry, *limits)

    @Part
    def stages(self) -> Stages:
        """What a search goes through; its models are loaded once, whatever index is served."""
        from assistant.app.searching import make_stages

        return make_stages(self.settings, self.herd)

    @Part
    def retriever(self) -> Retriever:
        """Finds passages."""
        from assistant.app.searching import make_retriever

        found = (self.index, self.embedder, self.library, self.picture_embedder)
        return make_retriever(self.settings, self.stages, self.served.name, *found, self.tell_search)

    @Part
    def answerer(self) -> GuardedAnswerer:
        """Answers questions: by the herd's models, or by quoting where there are none."""
        from assistant.app.models import make_answerer

        gallery = Gallery(self.library, self.page_images)
        found = (self.retriever, self.library, gallery, self.registry.packs.prompt)
        plugged = (self.registry.tools_for, lambda: self.registry.post_processors)
        witness = AnswerWitness(self.audit)
        return make_answerer(self.settings, self.catalog, self.herd, self.embedder, *found, plugged, witness)

    @Part
    def conversations(self) -> ConversationDesk:
        """Asks and answers in conversations, which are kept."""
        from assistant.app.conversing import make_conversations

        parts = (lambda: self.answerer, lambda: self.embedder, lambda: self.herd, self.registry.tools_for)
        return make_conversations(self.settings, self.catalog, self.library, self.blobs, *parts)

    @Part
    def ingestor(self) -> Ingestor:
        """Syncs sources."""
        from assistant.app.ingesting import ingest_limits
        from assistant.ingest import Ingestor, Pictures, Pipeline

        self.protect_secrets()
        pipeline = Pipeline(
            catalog=self.catalog,
            index=self.index,
            embedder=self.embedder,
            chunker=self.chunker,
            blobs=self.blobs,
            registry=self.registry,
            parsers=self.parsers,
            limits=ingest_limits(self.settings),
            pictures=Pictures(self.captioner, self.picture_embedder),
            index_name=self.served.name,
        )
        ingestor = Ingestor(pipeline)
        self._closing.callback(ingestor.stop)  # what it still owes the catalog is written from a thread
        return ingestor

    def _passwords(self, source: str) -> Sequence[str]:
        """Return what encrypted documents of the source are opened with; nothing where that cannot be decrypted."""
        try:
            return self.catalog.sources.get(source).passwords
        except ConfigurationError as error:  # documents that need no password are shown
            log.warning("%s", error)
            return ()

    def protect_secrets(self) -> None:
        """Encrypt by the first key what is in plain or by another. Where that fails, what needs no secret goes on."""
        try:
            self.catalog.rotation.renew()
            self.catalog.sources.protect(self.registry.mark_secrets)
            self.catalog.tools.protect()
            self.catalog.audit.protect()
        except AssistantError as error:
            log.warning("secrets, or keys of people, are not encrypted anew: %s", error)

    def follow(self) -> bool:
        """Go over to the index that is current now. Searches and work that began on the former one may end on it.

        Returns:
            whether it is another than before.

        Raises:
            IndexUnavailableError: it cannot be opened yet, as another process has it; the former one is used on.
        """
        self._close_retired()
        record = self.catalog.indexes.current()
        if record is None or record.name == self.served.name:
            return False
        with self._following:
            if record.name == self.served.name:
                return False
            try:
                same = record.embedder == self.served.embedder
                embedder = self.embedder if same else load_embedder(self.settings, record.embedder)
                index = self._open_index(record, embedder)
            except (HomeInUseError, EmbedderMismatchError) as error:
                raise IndexUnavailableError(
                    f"the index {record.name!r} took over and cannot be opened yet: {error}", "it is tried again"
                ) from error
            self._go_over(record, embedder, index)
        log.info("the index %s is used from now on", record.name)
        return True

    def _close_retired(self) -> None:
        """Close the former indexes whose searches have had their time."""
        with self.making:
            due = [former for until, former in self._retired if time.monotonic() > until]
            self._retired = [one for one in self._retired if one[1] not in due]
        for former in due:
            former.close()

    def _go_over(self, record: IndexRecord, embedder: Embedder, index: Index) -> None:
        self._closing.callback(index.close)
        with self.making:
            made = vars(self)
            former = made.get("index")
            for part in ("chunker", "retriever", "answerer", "ingestor"):
                made.pop(part, None)
            made |= {"served": record, "embedder": embedder, "index": index}
            if former is not None:
                self._retired.append((time.monotonic() + _RETIRING_SECONDS, former))

    @property
    def picture_model(self) -> tuple[str, int] | None:
        """The picture embedder's name and dimension."""
        looks = self.picture_embedder
        return None if looks is None else (looks.name, looks.dimension)

    def _open_index(self, record: IndexRecord, embedder: Embedder) -> Index:
        if not self._owns_index:
            owner = ask_owner(self.settings, record.name, embedder, self.picture_model)
            if owner is not None:
                return owner
            if self._asks_owner and self.settings.index != "qdrant":
                raise no_owner(self.settings)
        sparse = self.sparse_embedder(record.sparse_embedder)
        return open_index(self.settings, record.name, embedder, self.picture_model, sparse)
