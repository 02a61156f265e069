"""Builds another index beside the current one from the stored text, keeps it level with the catalog, and swaps.

Nothing is fetched and nothing parsed. A document has the same version in both indexes, so that hits of either pass the
check against the catalog: searches can move from one to the other at any moment.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from assistant.access.stored_text import load_text
from assistant.catalog import Catalog, IndexedDocument
from assistant.catalog.indexes import SwapResult
from assistant.errors import (
    AssistantError,
    ConfigurationError,
    EmptyDocumentError,
    NotFoundError,
    SourceBusyError,
    StorageError,
    VectorIndexError,
)
from assistant.ingest.ahead import ahead
from assistant.ingest.catching_up import CatchUp, Cut, OnBuilt, Round, ShouldStop, never
from assistant.ingest.index_ledger import IndexLedger
from assistant.ingest.picture_copies import PictureCopies
from assistant.ingest.pictures import PictureVectors, show_pictures
from assistant.ingest.pipeline_names import with_chunker
from assistant.ingest.prepare import SPECIAL_TOKENS, embedding_texts
from assistant.ingest.renewal import renew
from assistant.interfaces import BlobStore, Chunker, Embedder, Index
from assistant.types import LOCAL_OPERATOR, DocumentInfo, Failure

log = logging.getLogger(__name__)
_AT_ONCE = 200  # documents whose rows are read together
_ROUNDS = 100  # a document that changes faster than it is embedded would never let a build end
_POLL_SECONDS = 0.5
_NAMED = 3  # of the documents that lack


class IndexBuilder:
    """Brings one index to what the catalog says, and keeps it there. One builder at a time works on an index.

    Args:
        name: the index, as recorded in `catalog.indexes`.
        catalog: says what is current, and for whom.
        blobs: hold the stored texts, and the ledger of this index.
        index: opened for `embedder`.
        embedder: this index's.
        chunker: this index's.
        pictures: hands out the pictures' vectors.
        batch_chunks: chunks that are embedded together, from several documents.
        ahead: documents that are cut while others are embedded.
    """

    def __init__(
        self,
        *,
        name: str,
        catalog: Catalog,
        blobs: BlobStore,
        index: Index,
        embedder: Embedder,
        chunker: Chunker,
        pictures: PictureCopies | None = None,
        batch_chunks: int = 256,
        ahead: int = 2,
    ) -> None:
        self.name = name
        self._catalog = catalog
        self._blobs = blobs
        self._index = index
        self._embedder = embedder
        self._chunker = chunker
        self._pictures = pictures or PictureCopies(blobs)
        self._batch = batch_chunks
        self._ahead = ahead
        self._ledger = IndexLedger(blobs, name)

    def catch_up(self, on_progress: OnBuilt | None = None, should_stop: ShouldStop = never) -> CatchUp:
        """Compare the index with the catalog once, and write, hide and delete what differs.

        What is done stays done, whenever this ends. Documents that change meanwhile are found by the next call. Of the
        index that searches use nothing is deleted, as versions that are about to become current are in there.

        Args:
            on_progress: called after every group of documents.
            should_stop: asked between documents.

        Raises:
            NotFoundError, ConfigurationError: there is no such index, or it is given up.
            StorageError, IndexUnavailableError: as named.
        """
        started = time.monotonic()
        record = self._catalog.indexes.get(self.name)
        if record.state == "dropped":
            raise ConfigurationError(f"the index {self.name!r} is given up", "build another one")
        self._ledger.load()
        stored = self._index.versions()  # before the catalog is read: what comes later is not taken for outdated
        wanted = self._catalog.indexes.documents()
        this = Round(stored, wanted, record.state == "current", on_progress, should_stop)
        lacking = [document for document in wanted if not self._holds(this, document)]
        this.done = len(wanted) - len(lacking)
        if not this.is_current:
            self._delete(this)
        self._show(this)
        renew(self._index, self._catalog, should_stop)
        self._build(this, lacking)
        if this.built or this.deleted or this.lacking:
            self._catalog.indexes.progress(self.name, this.done, len(wanted))
        return this.report(time.monotonic() - started)

    def build(self, on_progress: OnBuilt | None = None, should_stop: ShouldStop = never) -> CatchUp:
        """Catch up until nothing is left to do, and record that the index is ready.

        Returns:
            All that was done. `lacking` names what cannot be built; the index is not ready then, nor when `stopped`.

        Raises:
            VectorIndexError: documents change faster than they are embedded.
            As `catch_up` does; the cause is recorded with the index, and calling this again goes on.
        """
        total = CatchUp()
        try:
            for _ in range(_ROUNDS):
                last = self.catch_up(on_progress, should_stop)
                total = total.plus(last)
                if last.is_level:
                    self._catalog.indexes.ready(self.name)
                    return total
                if last.stopped or (last.lacking and not (last.built or last.changed)):
                    return total
        except AssistantError as error:
            self._catalog.indexes.failed(self.name, str(error))
            raise
        raise VectorIndexError(f"documents change faster than the index {self.name!r} is built", "pause a source")

    def swap(self, patience: float = 600.0, should_stop: ShouldStop = never) -> None:
        """Let searches use this index from now on, and keep the former one; going back is this, of that one's builder.

        Args:
            patience: seconds to wait for syncs that are at work.
            should_stop: asked while waiting.

        Raises:
            VectorIndexError: documents lack in the index, or change faster than they are embedded.
            SourceBusyError: sources are still being synced.
            ConfigurationError, NotFoundError: the index is neither ready nor kept.
        """
        deadline = time.monotonic() + patience
        state = self._catalog.indexes.get(self.name).state
        if state not in {"ready", "kept"}:
            raise ConfigurationError(f"the index {self.name!r} is {state}, not ready", "`assistant reindex` goes on")
        while True:
            report = self.catch_up(should_stop=should_stop)
            self._refuse_lacking(report)
            result = self._try_swap()
            if result.done:
                return
            if time.monotonic() >= deadline or should_stop():
                break
            time.sleep(_POLL_SECONDS)
        if result.syncing:
            raise SourceBusyError(
                f"the index {self.name!r} cannot take over while sources are synced: {', '.join(result.syncing)}",
                "wait for them: `assistant runs list`",
            )
        raise VectorIndexError(
            f"the index {self.name!r} cannot take over: {result.differing} documents changed meanwhile", "try again"
        )

    def _try_swap(self) -> SwapResult:
        """Swap if the ledger is what the catalog wants. What the former index holds is noted first, for going back."""
        wanted = self._catalog.indexes.documents()
        built = self._ledger.entries
        differing = sum(not document.is_same(built.get(identity)) for identity, document in wanted.items())
        if differing or len(built) != len(wanted):
            return SwapResult(differing=max(1, differing))
        syncing = tuple(run.source for run in self._catalog.runs.open())
        if syncing:
            return SwapResult(syncing=syncing)
        former = self._catalog.indexes.current()
        if former is not None and former.name != self.name:
            IndexLedger(self._blobs, former.name).replace(wanted)
        version = self._chunker.version
        return self._catalog.indexes.swap(self.name, built, lambda pipeline: with_chunker(pipeline, version))

    def _refuse_lacking(self, report: CatchUp) -> None:
        if report.lacking:
            named = "; ".join(f"{lack.key}: {lack.error}" for lack in report.lacking[:_NAMED])
            more = f" and {len(report.lacking) - _NAMED} more" if len(report.lacking) > _NAMED else ""
            raise VectorIndexError(
                f"the index {self.name!r} lacks {len(report.lacking)} of the documents: {named}{more}",
                "sync their sources in full, or remove the documents, and try again",
            )

    def _holds(self, this: Round, document: str) -> bool:
        """Whether the index has all of the document's current version."""
        version = this.wanted[document].version
        if version not in this.stored.get(document, ()):
            return False
        entry = self._ledger.entries.get(document)
        # a sync has written it whole before it became current
        return this.is_current or (entry is not None and entry.version == version)

    def _delete(self, this: Round) -> None:
        """Delete what the catalog no longer has; former versions only where the current one is there."""
        gone = [document for document in this.stored if document not in this.wanted]
        for document in gone:
            self._index.delete(document)
        outdated = [
            document
            for document, versions in this.stored.items()
            if len(versions) > 1 and document in this.wanted and self._holds(this, document)
        ]
        for document in outdated:
            self._index.delete(document, keep_version=this.wanted[document].version)
        if gone or outdated:
            self._index.flush()
        for document in [known for known in self._ledger.entries if known not in this.wanted]:
            self._ledger.forget(document)
        self._ledger.save()
        this.deleted += len(gone) + len(outdated)

    def _show(self, this: Round) -> None:
        """Change the readers of what was written for others."""
        due = [
            (document, entry)
            for document, entry in self._ledger.entries.items()
            if document in this.wanted
            and document in this.stored
            and (this.is_current or self._holds(this, document))
            and entry.access != this.wanted[document].access
        ]
        for document, _ in due:
            self._index.set_access(document, this.wanted[document].access)
        if due:
            self._index.flush()
            for document, entry in due:
                self._ledger.put(document, replace(entry, access=this.wanted[document].access))
            self._ledger.save()
        this.readers += len(due)

    def _build(self, this: Round, lacking: Sequence[str]) -> None:
        group: list[Cut] = []
        waiting = 0
        for step in self._prepared(this, lacking):
            match step:
                case None:
                    this.changed += 1
                case Failure():
                    this.lacking.append(step)
                case Cut():
                    group.append(step)
                    waiting += len(step.chunks)
            if waiting >= self._batch:
                self._write(this, group)
                group, waiting = [], 0
        if group:
            self._write(this, group)

    def _prepared(self, this: Round, lacking: Sequence[str]) -> Iterator[Cut | Failure | None]:
        """Yield the documents in order, keeping some of them in work; ends early where that is asked for."""
        return ahead(self._prepare, self._wanted(this, lacking), self._ahead, "reindex")

    def _wanted(self, this: Round, lacking: Sequence[str]) -> Iterator[DocumentInfo]:
        for info in self._infos(lacking):
            if this.should_stop():
                this.stopped = True
                return
            yield info

    def _infos(self, documents: Sequence[str]) -> Iterator[DocumentInfo]:
        """Yield the documents as they are now, title and readers included; those that are gone are left out."""
        for start in range(0, len(documents), _AT_ONCE):
            part = documents[start : start + _AT_ONCE]
            found = self._catalog.documents.readable(part, LOCAL_OPERATOR)
            yield from (found[document] for document in part if document in found)

    def _prepare(self, info: DocumentInfo) -> Cut | Failure | None:
        """Return the document cut into chunks, why that cannot be, or None where it has changed meanwhile."""
        ref = info.ref
        name = f"{ref.source}:{ref.key}"
        try:
            document = load_text(self._blobs, ref)
            chunks = show_pictures(document, self._chunker.chunk(document))
            pictures = self._pictures.of(document, chunks) if chunks else PictureVectors()
        except (NotFoundError, StorageError) as error:
            now = self._catalog.documents.readable([ref.id], LOCAL_OPERATOR).get(ref.id)
            if now is None or now.ref.version != ref.version:
                return None
            return Failure(name, str(error), retryable=False, code=error.code)
        if not chunks:
            return Failure(
                name, "the chunker makes nothing of its text", retryable=False, code=EmptyDocumentError.__name__
            )
        count = self._embedder.count_tokens
        texts = embedding_texts(ref.title, chunks, count, self._embedder.max_tokens - SPECIAL_TOKENS)
        return Cut(ref, info.metadata, chunks, texts, pictures, count([document.text])[0])

    def _write(self, this: Round, group: Sequence[Cut]) -> None:
        """Embed and write a group; its documents' former versions go once it is there."""
        vectors = self._embedder.embed_passages([text for step in group for text in step.texts])
        ends = np.cumsum([len(step.texts) for step in group])
        for step, part in zip(group, np.split(vectors, ends[:-1]), strict=True):
            ref, before = step.ref, this.stored.get(step.ref.id, set())
            if ref.version in before and not this.is_current:
                self._index.delete(ref.id)  # what a killed build left of it, maybe by another chunker
            self._index.write(ref, step.chunks, part, step.metadata)
            if step.pictures.vectors is not None:
                self._index.write_pictures(ref, step.pictures.chunks, step.pictures.vectors, step.metadata)
            if before and not this.is_current:
                self._index.delete(ref.id, keep_version=ref.version)
        self._index.flush()
        for step in group:
            entry = IndexedDocument(step.ref.version, step.ref.access, len(step.chunks), step.tokens)
            self._ledger.put(step.ref.id, entry)
        self._ledger.save()
        this.built += len(group)
        this.done += len(group)
        this.chunks += len(vectors)
        self._catalog.indexes.progress(self.name, this.done, len(this.wanted))
        if this.on_progress is not None:
            this.on_progress(this.done, len(this.wanted))
