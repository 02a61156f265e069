"""Takes one job as far as it goes without the embedder: fetch, compare, parse, chunk, store the text."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from assistant.access import ReadersRule
from assistant.access.stored_text import original_key, store_text
from assistant.catalog import JobRecord, KnownDocument
from assistant.catalog.documents import NewVersion
from assistant.errors import (
    AssistantError,
    DocumentTooLargeError,
    EmptyDocumentError,
    IngestError,
    NotFoundError,
    PluginError,
    SourceError,
)
from assistant.ingest.leases import unwatched
from assistant.ingest.members import Members
from assistant.ingest.meter import Meter
from assistant.ingest.pictures import Pictures, PictureVectors, show_pictures
from assistant.ingest.pipeline_names import pipeline_version
from assistant.ingest.structuring import structured
from assistant.ingest.suspecting import suspicion_of
from assistant.ingest.traced import named
from assistant.interfaces import BlobStore, Chunker, DataSource
from assistant.parsing.media_types import detect_media_type
from assistant.registry import PluginRegistry
from assistant.spans import Span, span
from assistant.types import Access, Chunk, Document, DocumentInfo, DocumentRef, Failure, RawDocument, document_id

log = logging.getLogger(__name__)
SPECIAL_TOKENS = 2  # that the embedder adds at a text's begin and end
CountTokens = Callable[[Sequence[str]], list[int]]


class Parses(Protocol):
    """What parses a document, in a process of its own or in this one."""

    def parse(self, parser: str, ref: DocumentRef, data: bytes, passwords: Sequence[str] = ()) -> Document:
        """Return the parsed document; raises the errors of `interfaces.Parser` and ParserCrashedError."""
        ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """A new version that only lacks its texts' vectors. `texts` is what is embedded, one a chunk."""

    job: JobRecord
    version: NewVersion
    chunks: list[Chunk]
    texts: list[str]
    pictures: PictureVectors
    is_new: bool
    has_other_readers: bool


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The content is the current version's; its readers may be others, or the same ones for another reason."""

    job: JobRecord
    ref: DocumentRef
    pipeline: str
    has_other_readers: bool
    access_from_source: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """The document is to be removed; `failure` says why where the source still lists it."""

    job: JobRecord
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The document could not be read this time; what is current stays."""

    job: JobRecord
    failure: Failure


Step = Prepared | Unchanged | Gone | Failed


def embedding_texts(title: str, chunks: Sequence[Chunk], count_tokens: CountTokens, max_tokens: int) -> list[str]:
    """Return what is embedded, one text a chunk: title, headings and a table's header row before the chunk's own text.

    Args:
        title: the document's title.
        chunks: the document's chunks.
        count_tokens: counts in the embedder's tokens.
        max_tokens: what the embedder reads at most; the longest of title and headings give way, then the table's
            header row, never the chunk. A chunk that is nothing but a notice keeps one of the former.
    """
    paths = [list(dict.fromkeys(part for part in (title, *chunk.heading_path) if part)) for chunk in chunks]
    texts = [_headed(path, chunk, chunk.table_header) for path, chunk in zip(paths, chunks, strict=True)]
    for at, tokens in enumerate(count_tokens(texts)):
        path, row, size = paths[at], chunks[at].table_header, tokens
        least = 0 if chunks[at].own_text else 1
        while size > max_tokens and (len(path) > least or row):
            if len(path) > least:
                path.remove(max(path, key=len))
            else:
                row = ""
            texts[at] = _headed(path, chunks[at], row)
            size = count_tokens([texts[at]])[0]
    # Captions come last, and are cut by the embedder where there is no room: no other part gives way to them.
    return [f"{text}\n{chunk.captions}" if chunk.captions else text for text, chunk in zip(texts, chunks, strict=True)]


def _headed(path: Sequence[str], chunk: Chunk, table_header: str) -> str:
    header = " > ".join(path)
    text = chunk.own_text
    parts = [header if header and not text.startswith(header) else "", table_header, text]
    return "\n".join(part for part in parts if part)


def _storable(text: str) -> str:
    """Return `text` without what no database takes: a NUL, half of a surrogate pair. Titles come from anywhere."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Preparer:
    """Prepares the jobs of one source. Safe to call from several threads.

    Args:
        known: the source's current documents by key.
        count_tokens: counts in the embedder's tokens.
        max_tokens: what the embedder reads of a text at most, special tokens left out.
        max_bytes: a larger document is refused.
        members: stores and hands out the documents inside of documents.
        pictures: describes and embeds the pictures.
        passwords: what encrypted documents of the source are opened with.
        meter: takes what the work costs.
        advanced: called as the work gets on, from several threads.
    """

    source: str
    plugin: DataSource
    rule: ReadersRule
    known: Mapping[str, KnownDocument]
    registry: PluginRegistry
    chunker: Chunker
    parsers: Parses
    blobs: BlobStore
    count_tokens: CountTokens
    max_tokens: int
    max_bytes: int
    members: Members
    pictures: Pictures
    passwords: Sequence[str] = ()
    meter: Meter = field(default_factory=Meter)
    advanced: Callable[[], None] = unwatched

    def prepare(self, job: JobRecord) -> Step:
        """Return what is to be done for the job.

        Raises:
            StorageError: the disk does not take the text; no fault of the document.
            SourceError: the source as a whole cannot be read any more.
        """
        if job.action == "delete":
            return Gone(job)
        with span("ingest document", named(job)) as current:
            step = self._tried(job)
            _tell(current, step)
        return step

    def _tried(self, job: JobRecord) -> Step:
        try:
            return self._prepare(job)
        except NotFoundError:
            return Gone(job)
        except SourceError as error:
            if not error.retryable:  # no document's fault: none is taken for unreadable, and removed, because of it
                raise
            return Failed(job, Failure(job.key, str(error), error.retryable, error.code))
        except IngestError as error:
            failure = Failure(job.key, str(error), error.retryable, error.code)
            # What the source holds now cannot be shown, so what it held before must not be shown as current.
            return Failed(job, failure) if error.retryable else Gone(job, failure)
        except AssistantError:
            raise
        except Exception as error:  # a plugin's own mistake costs its document, not the run
            log.exception("source %s: %s could not be prepared", self.source, job.key)
            failure = Failure(job.key, f"{type(error).__name__}: {error}", retryable=False, code=PluginError.__name__)
            return Gone(job, failure)

    def _prepare(self, job: JobRecord) -> Step:
        with self.meter.phase("fetch"):
            raw = self.plugin.fetch(job.key) if job.parent is None else self.members.fetch(job)
        self.meter.fetched(len(raw.data))
        self.advanced()
        if len(raw.data) > self.max_bytes:
            raise DocumentTooLargeError(
                f"{job.key} has {len(raw.data):,} bytes, the limit is {self.max_bytes:,}",
                "raise ASSISTANT_MAX_DOCUMENT_BYTES",
            )
        if not raw.data:
            raise EmptyDocumentError(f"{job.key} is empty: it has 0 bytes", "save or copy it again, or remove it")
        content = hashlib.sha256(raw.data)
        ref = self._ref(job, raw)
        pipeline = pipeline_version(self.registry, self.chunker, ref, self.pictures.version)
        ref = replace(ref, version=_version(content.digest(), pipeline))
        known, origin = self.known.get(job.key), self.known.get(job.origin or "")
        if known is not None and self._is_same(known, ref, pipeline, raw.data, content.hexdigest()):
            ref = replace(ref, version=known.version)
        if known is not None and known.version == ref.version and job.action != "rewrite":
            return Unchanged(job, ref, pipeline, known.access != ref.access, raw.access is not None)
        document, described = self.pictures.captioned(self._parsed(ref, raw.data), self.advanced)
        if not described:  # the next sync finds another pipeline than it wants, and tries again
            pipeline = pipeline_version(self.registry, self.chunker, ref)
            ref = replace(ref, version=_version(content.digest(), pipeline))
        document = replace(document, ref=replace(ref, title=_storable(document.ref.title) or ref.title))
        chunks = show_pictures(document, self.chunker.chunk(document))
        if not chunks:
            raise EmptyDocumentError(f"{job.key} has no text", "look at the file; a scan needs OCR")
        self.blobs.put(original_key(ref), raw.data)
        store_text(self.blobs, document)
        texts = embedding_texts(document.ref.title, chunks, self.count_tokens, self.max_tokens)
        version = NewVersion(
            self._info(document, chunks),
            job.mark,
            pipeline,
            access_from_source=raw.access is not None,
            parent=job.parent,
            members=self.members.store(document, job, self.advanced),
            run_id=job.run_id,
            content=content.hexdigest(),
            origin=document_id(self.source, job.origin) if job.origin else None,
            is_moved=origin is not None and self._has_bytes(origin, raw.data, content.hexdigest()),
            judgement=suspicion_of(document),
        )
        pictures = self.pictures.embedded(document, chunks, self.advanced)
        others = known is not None and known.access != ref.access
        return Prepared(job, version, chunks, texts, pictures, is_new=known is None, has_other_readers=others)

    def _parsed(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the document as its parser makes it, with the headings that a pack finds."""
        parser = self.registry.parser_for(ref).name
        with self.meter.phase("parse"):
            document = self.parsers.parse(parser, ref, data, self.passwords)
            self.advanced()
            document = structured(document, self.registry.packs.structure(ref))
            self.advanced()
            return document

    def _is_same(self, known: KnownDocument, ref: DocumentRef, pipeline: str, data: bytes, digest: str) -> bool:
        """Whether the current version was made of these bytes, though its name comes from a former index's chunker."""
        return known.pipeline == pipeline and known.version != ref.version and self._has_bytes(known, data, digest)

    def _has_bytes(self, known: KnownDocument, data: bytes, digest: str) -> bool:
        """Whether the current version was made of these bytes, which have this digest."""
        if known.content:
            return known.content == digest
        try:
            return self.blobs.get(original_key(DocumentRef(self.source, known.key, known.version, "", "", ""))) == data
        except NotFoundError:
            return False

    def _ref(self, job: JobRecord, raw: RawDocument) -> DocumentRef:
        """Return the document's reference, still without a version."""
        access = self._readers(job, raw)
        media_type = _storable(raw.media_type or detect_media_type(job.key, raw.data))
        return DocumentRef(
            self.source, job.key, "", _storable(raw.title) or job.key, _storable(raw.uri), media_type, access
        )

    def _readers(self, job: JobRecord, raw: RawDocument) -> Access:
        if raw.access is None:
            return self.rule.access(job.key)
        # a member has its parent's readers, which have their names here already
        return raw.access if job.parent is not None else self.rule.of_source(raw.access)

    def _info(self, document: Document, chunks: Sequence[Chunk]) -> DocumentInfo:
        return DocumentInfo(
            ref=document.ref,
            pages=len(document.pages),
            chunks=len(chunks),
            characters=len(document.text),
            tokens=self.count_tokens([document.text])[0],
            metadata=document.metadata,
        )


def _tell(current: Span, step: Step) -> None:
    """Say in a trace what came of the preparation."""
    current.set("assistant.document.step", type(step).__name__.lower())
    if isinstance(step, Prepared):
        info = step.version.info
        current.set("assistant.document.parser", step.version.pipeline.partition("+")[0])
        current.set("assistant.document.pages", info.pages)
        current.set("assistant.document.characters", info.characters)
        current.set("assistant.document.chunks", len(step.chunks))
    elif isinstance(step, Gone | Failed) and step.failure is not None:
        current.failed(step.failure.code)


def _version(content: bytes, pipeline: str) -> str:
    """Return the version of a document whose content has this digest and that is made by this pipeline."""
    return hashlib.sha256(content + pipeline.encode()).hexdigest()[:32]
