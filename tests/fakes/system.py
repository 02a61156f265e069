"""An ingestor over fakes and a real catalog, for tests that need no engine and no parser process."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher
from pydantic import BaseModel

from assistant.access import AccountDesk, AttachmentTaker, Library, Passwords, PeopleDesk, Rights, SignInDesk
from assistant.adapters.blobs import FolderBlobs
from assistant.adapters.oidc import OidcProvider
from assistant.answer import Answerer
from assistant.answer.answerer import finished
from assistant.app.conversing import make_conversations
from assistant.app.opening import first_record
from assistant.audit import AnswerWitness, AuditDesk, Recorder
from assistant.catalog import Catalog, Keyring
from assistant.catalog.indexes import FIRST
from assistant.conversations import Answering, ConversationDesk
from assistant.conversations.usage import UsageDesk
from assistant.errors import NotFoundError
from assistant.evaluation.desk import QuestionDesk
from assistant.evaluation.running import EvaluationDesk
from assistant.evaluation.unanswered import UnansweredDesk
from assistant.herd import Herd
from assistant.ingest import Ingestor, Limits, Pictures, Pipeline
from assistant.ingest.uploads import UploadDesk
from assistant.interfaces import PictureEmbedder, Tool
from assistant.plugin_host import HostLimits, PluginDesk
from assistant.registry import Places, PluginRegistry
from assistant.retrieval import Caches, Retriever
from assistant.settings import load_settings
from assistant.toolbox import ToolDesk
from assistant.types import (
    Access,
    Answer,
    Change,
    Changed,
    Checkpoint,
    Chunk,
    Document,
    DocumentRef,
    Question,
    RawDocument,
    SearchTrace,
    User,
)
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.index import FakeIndex

MAX_BYTES = 2_000_000
QUOTA = 5_000_000  # of a person's uploads


class MemoryConfig(BaseModel):
    """Nothing to configure."""


@dataclass
class MemorySource:
    """A source whose documents the test holds: text by key, errors by key, readers by key."""

    texts: dict[str, str] = field(default_factory=dict)
    errors: dict[str, BaseException] = field(default_factory=dict)
    access: dict[str, Access] = field(default_factory=dict)
    listing_error: Exception | None = None
    complete: bool = True
    fetched: list[str] = field(default_factory=list)

    def changes(self, cursor: str | None) -> Iterator[Change]:
        if self.listing_error is not None:
            raise self.listing_error
        for key, text in self.texts.items():
            yield Changed(key, f"{hash(text)}-{sorted(self.access.get(key, Access(frozenset())).allow)}")
        yield Checkpoint("end", complete=self.complete)

    def fetch(self, key: str) -> RawDocument:
        self.fetched.append(key)
        if key in self.errors:
            raise self.errors[key]
        if key not in self.texts:
            raise NotFoundError(f"{key} is gone")
        return RawDocument(key, self.texts[key].encode(), "text/plain", key, f"memory:{key}", self.access.get(key))


class PlainParser:
    """Decodes UTF-8."""

    name = "plain"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        return ref.media_type == "text/plain"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        return Document(ref, data.decode())


class LineChunker:
    """One chunk a line that is not blank."""

    def __init__(self, version: str = "lines/1") -> None:
        self.version = version

    def chunk(self, document: Document) -> list[Chunk]:
        chunks, start = [], 0
        for line in document.text.splitlines(keepends=True):
            text = line.rstrip("\n")
            if text.strip():
                chunks.append(Chunk(document.ref.id, len(chunks), start, start + len(text), text))
            start += len(line)
        return chunks


class InProcessParsers:
    """Parses in this process."""

    def __init__(self, registry: PluginRegistry) -> None:
        self._registry = registry
        self.parsed: list[str] = []

    def parse(self, parser: str, ref: DocumentRef, data: bytes, passwords: Sequence[str] = ()) -> Document:
        self.parsed.append(ref.key)
        return next(p for p in self._registry.parsers if p.name == parser).parse(ref, data)


@functools.cache
def _empty_catalog() -> bytes:
    """A catalog's file without a row: the schema is made once, not for every test."""
    with tempfile.TemporaryDirectory() as folder:
        Catalog(f"sqlite:///{folder}/catalog.sqlite3", Keyring(Path(folder) / "secret.key")).close()
        return (Path(folder) / "catalog.sqlite3").read_bytes()


def cheap_passwords() -> Passwords:
    """Hash passwords in a millisecond: what guards them is how many may be tried, not tested here."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


class System:
    """The parts of `assistant.app.App`, over fakes, on one folder."""

    def __init__(self, folder: Path, *, readers: dict[str, object] | None = None) -> None:
        self.folder = folder
        if not (folder / "catalog.sqlite3").exists():
            (folder / "catalog.sqlite3").write_bytes(_empty_catalog())
        self.source = MemorySource()
        self.registry = PluginRegistry()
        self.registry.add_parser(PlainParser())
        self.registry.add_source("memory", MemoryConfig, lambda _: self.source)
        self.catalog = Catalog(f"sqlite:///{folder / 'catalog.sqlite3'}", Keyring(folder / "secret.key"))
        limits = HostLimits(20, 1 << 30, MAX_BYTES)
        self.plugins = PluginDesk(lambda: self.catalog, self.registry, folder / "plugins", limits)
        self.tools = ToolDesk(lambda: self.catalog, self.registry, {}, Places(folder))
        self.registry.attach_tools(self.tools)
        self.audit = Recorder(self.catalog.audit)
        self.audit_desk = AuditDesk(self.catalog.audit)
        self.index = FakeIndex(64)
        self.embedder = FakeEmbedder()
        self.blobs = FolderBlobs(folder / "blobs")
        self.parsers = InProcessParsers(self.registry)
        self.library = Library(self.catalog, self.blobs)
        self.people = PeopleDesk(self.catalog)
        self.rights = Rights(self.catalog, break_glass=True)
        self.sign_in = SignInDesk(self.catalog, passwords=cheap_passwords())
        self.accounts = AccountDesk(self.catalog)
        self.oidc: OidcProvider | None = None
        self.watching_searches: list[Callable[[SearchTrace], None]] = []
        self.retriever = self._new_retriever()
        self.settings = load_settings(home=folder)
        self.served = first_record(self.settings)
        self.answerer: Answering = Answerer(
            self.retriever, self.library, self.embedder, witness=AnswerWitness(self.audit)
        )
        self.herd = Herd([])
        self.uploads = UploadDesk(self.catalog, self.blobs, self.registry, MAX_BYTES, QUOTA)
        self.attachments = AttachmentTaker(self.parsers, self.registry, 4, MAX_BYTES)
        self.question_desk = QuestionDesk(self.catalog, self.library)
        self.usage = UsageDesk(self.catalog.usage, few=1)
        self.unanswered = UnansweredDesk(self.catalog.usage, shows=True)
        self.evaluations = EvaluationDesk(self.catalog, self.library, self.question_desk, self._asked, self._used)
        self.conversations = self.new_desk()
        self._ingestors: list[Ingestor] = []
        self.ingestor = self.new_ingestor()
        if self.catalog.sources.find("s") is None:
            self.catalog.sources.add("s", "memory", {}, readers or {})

    def _new_retriever(self) -> Retriever:
        parts = self.index, self.embedder, self.library
        return Retriever(*parts, caches=Caches(), index_name="fake", reader=self.library, told=self._tell)

    def watch_searches(self, tell: Callable[[SearchTrace], None]) -> None:
        """See `assistant.app.App`."""
        self.watching_searches.append(tell)

    def _tell(self, trace: SearchTrace) -> None:
        for tell in self.watching_searches:
            tell(trace)

    def with_pictures(self, embedder: PictureEmbedder) -> None:
        """Find pictures by their looks from now on."""
        self.index = FakeIndex(64, (embedder.name, embedder.dimension))
        self.retriever = Retriever(self.index, self.embedder, self.library, embedder)
        self.ingestor = self.new_ingestor(pictures=Pictures(None, embedder))

    def new_desk(self) -> ConversationDesk:
        parts = (lambda: self.answerer, lambda: self.embedder, lambda: self.herd)
        return make_conversations(self.settings, self.catalog, self.library, self.blobs, *parts, self._tools_for)

    def _asked(self, question: Question, user: User) -> Answer:
        return finished(self.answerer.stream(question, user))

    def _used(self) -> Mapping[str, str]:
        return {"models": "quotes", "embedder": self.embedder.name, "version": "0"}

    def _tools_for(self, user: User) -> Mapping[str, Tool]:
        return self.registry.tools_for(user)

    def follow(self) -> bool:
        """Go over to no other index."""
        return False

    def new_ingestor(
        self,
        chunker: LineChunker | None = None,
        pictures: Pictures | None = None,
        limits: Limits | None = None,
        index_name: str = FIRST,
    ) -> Ingestor:
        pipeline = Pipeline(
            catalog=self.catalog,
            index=self.index,
            embedder=self.embedder,
            chunker=chunker or LineChunker(),
            blobs=self.blobs,
            registry=self.registry,
            parsers=self.parsers,
            limits=limits or Limits(batch_documents=4, batch_chunks=3, turn_seconds=1000.0),
            pictures=pictures or Pictures(),
            index_name=index_name,
        )
        self._ingestors.append(Ingestor(pipeline))
        return self._ingestors[-1]

    def close(self) -> None:
        for ingestor in self._ingestors:
            ingestor.stop()  # a thread that owes the catalog something would go on into other tests
        self.conversations.close()
        self.evaluations.close()
        self.audit.close()
        self.plugins.close()
        self.catalog.close()
