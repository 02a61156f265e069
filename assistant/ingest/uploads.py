"""Files that people upload: kept, limited, shared, and handed to the pipeline as a source a person.

What is stored and recorded here becomes a document with the next sync of the person's source, and stops being one
with the sync after its removal. Taking a right away does not wait for that: the catalog, which every read asks, holds
it at once.
"""

from __future__ import annotations

import hashlib
import re
import time
import unicodedata
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.access import ReadersRule
from assistant.access.stored_text import original_key, upload_key
from assistant.catalog import Catalog, JobRecord, KnownDocument, SourceRecord, UploadRecord
from assistant.catalog.uploads import UPLOADS
from assistant.errors import (
    AccessDeniedError,
    ConfigurationError,
    DocumentTooLargeError,
    DocumentUnreadableError,
    EmptyDocumentError,
    NotFoundError,
    SourceError,
)
from assistant.interfaces import BlobStore, Registry
from assistant.parsing.media_types import detect_media_type
from assistant.registry import PluginRegistry
from assistant.types import (
    Access,
    Change,
    Changed,
    Checkpoint,
    DocumentRef,
    Failure,
    RawDocument,
    User,
    document_id,
    principals,
)
from assistant.types.access import UNFINISHED, WITHDRAWN

UploadState = Literal["waiting", "indexed", "failed"]

TRIGGER = "upload"  # of the syncs that uploads ask for
_ATTEMPTS = 3
_MAX_NAME = 255  # bytes, as in most file systems
_MAX_READERS = 100
_MAX_READER = 290  # characters
_MAX_ID = 90  # characters of a person's id in the name of a source
_UNSAFE = re.compile(r"[^\w.@-]")
_JOINERS = "\u200c\u200d"  # they print nothing, but are part of names in some scripts


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload and what became of it.

    Args:
        record: what is known of the file.
        state: `waiting` until it was tried, then `indexed` or `failed`.
        failure: why it failed.
        next_try: when that is tried again by itself; None: not before it changes.
        replaced: whether it took the place of another upload just now.
    """

    record: UploadRecord
    state: UploadState
    failure: Failure | None = None
    next_try: float | None = None
    replaced: bool = False


class UploadsConfig(BaseModel):
    """Whose uploads."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: str = Field(min_length=1, max_length=_MAX_READER, description="The id of the person whose uploads these are.")


class UploadsSource:
    """A person's uploads as a data source; each has readers of its own.

    Args:
        user: the person's id.
        catalog: knows the uploads.
        blobs: hold the bytes.
    """

    def __init__(self, user: str, catalog: Catalog, blobs: BlobStore) -> None:
        self._user = user
        self._catalog = catalog
        self._blobs = blobs

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """See `interfaces.DataSource`: always all of them. Other readers make another mark, as other content does."""
        del cursor
        sources = [self._catalog.sources.find(name) for name in source_names(self._user)]
        if not any(source is not None and _is_of(source, self._user) for source in sources):
            raise SourceError(f"{self._user!r} has uploaded nothing", "such a source is made when a person uploads")
        for record in self._catalog.uploads.of(self._user):
            yield Changed(record.key, record.mark)
        yield Checkpoint("", complete=True)

    def fetch(self, key: str) -> RawDocument:
        """See `interfaces.DataSource`."""
        for _ in range(_ATTEMPTS):  # one that is replaced meanwhile has other bytes under another key
            record = self._catalog.uploads.find(self._user, key)
            if record is None:
                raise NotFoundError(f"{key} is gone")
            data = self._bytes(record)
            if data is not None:
                return RawDocument(key, data, "", key, f"upload:{key}", record.access)
        raise DocumentUnreadableError(f"{key}: its bytes are not stored any more", "upload it again")

    def _bytes(self, record: UploadRecord) -> bytes | None:
        """Return the upload's bytes; after a backup was restored, those of the document that was made of them."""
        try:
            return self._blobs.get(upload_key(record.source, record.id))
        except NotFoundError:
            known = self._catalog.documents.known(record.source, [record.key]).get(record.key)
        if known is None:
            return None
        try:
            data = self._blobs.get(original_key(DocumentRef(record.source, record.key, known.version, "", "", "")))
        except NotFoundError:
            return None
        return data if hashlib.sha256(data).hexdigest() == record.digest else None


def register_uploads(registry: Registry, catalog: Callable[[], Catalog], blobs: Callable[[], BlobStore]) -> None:
    """Offer uploads as a kind of source.

    Args:
        registry: takes it like a plugin's.
        catalog, blobs: called when such a source is made, and not before.
    """
    registry.add_source(UPLOADS, UploadsConfig, lambda config: UploadsSource(config.user, catalog(), blobs()))


class UploadDesk:
    """Takes files from people, and lets them share and remove what they brought.

    A change shows in search after the next sync of the person's source, which the caller asks for.

    Args:
        catalog: records them.
        blobs: hold the bytes.
        registry: knows what can be read.
        max_bytes: a larger file is refused.
        quota_bytes: how much a person's uploads may have together; 0: any amount.
    """

    def __init__(
        self, catalog: Catalog, blobs: BlobStore, registry: PluginRegistry, max_bytes: int, quota_bytes: int = 0
    ) -> None:
        self._catalog = catalog
        self._blobs = blobs
        self._registry = registry
        self.max_bytes = max_bytes
        self.quota_bytes = quota_bytes

    def put(self, user: User, name: str, data: bytes, readers: Sequence[str] | None = None) -> Upload:
        """Keep a file; the person's former upload of that name gives way to it.

        Args:
            user: who uploads; may read it always.
            name: the file's name; folders before it are left out.
            data: its content.
            readers: groups (or `user:ID`) that may read it too; None: as the former of that name, else nobody.

        Raises:
            ConfigurationError: the name or a reader cannot be used.
            EmptyDocumentError, DocumentTooLargeError, UnsupportedFormatError: it is refused.
            StorageFullError: the disk is full.
        """
        key = upload_name(name)
        shared = None if readers is None else _principals(readers)
        media_type = self._checked(key, data)
        record = UploadRecord(
            id=str(uuid.uuid4()),
            source=self._source(user),
            key=key,
            user=user.id,
            media_type=media_type,
            size=len(data),
            digest=hashlib.sha256(data).hexdigest(),
            readers=shared or (),
            created_at=time.time(),
        )
        self._blobs.put(upload_key(record.source, record.id), data)
        try:
            record, former = self._catalog.uploads.put(record, self.quota_bytes, keep_readers=shared is None)
        except Exception:
            self._blobs.delete(upload_key(record.source, record.id))
            raise
        if former is not None:
            self._withdraw(record, record.access)
            self._blobs.delete(upload_key(former.source, former.id))
        return self._upload(record, replaced=former is not None)

    def share(self, user: User, key: str, readers: Sequence[str]) -> Upload:
        """Replace who may read an upload beside the person. What it takes away holds at once.

        Raises:
            NotFoundError: `user` has uploaded nothing of that name.
            ConfigurationError: a reader cannot be used.
        """
        record = self._catalog.uploads.set_readers(user.id, key, _principals(readers))
        self._withdraw(record, record.access)
        return self._upload(record)

    def remove(self, user: User, key: str, owner: str | None = None) -> UploadRecord:
        """Remove an upload: from now on nobody reads it.

        Args:
            user: who asks.
            key: its name.
            owner: who uploaded it, where that is another; only admins may.

        Raises:
            NotFoundError: there is no such upload.
            AccessDeniedError: `user` may not remove what others uploaded.
        """
        if owner not in {None, user.id} and not user.manages:
            raise AccessDeniedError("only admins remove what others have uploaded", "ask the person, or an admin")
        record = self._catalog.uploads.get(owner or user.id, key)
        self._withdraw(record, Access(frozenset(), frozenset({WITHDRAWN})))
        # Its bytes first: killed in between, the person still sees it listed, and removes it again.
        self._blobs.delete(upload_key(record.source, record.id))
        self._catalog.uploads.remove(record.id)
        return record

    def of(self, user: User) -> list[Upload]:
        """Return what the person has uploaded, newest first."""
        records = self._catalog.uploads.of(user.id)
        known: dict[str, Mapping[str, KnownDocument]] = {}
        jobs: dict[str, Mapping[str, JobRecord]] = {}
        for source in {record.source for record in records}:
            known[source] = self._catalog.documents.known(source, [record.key for record in records])
            jobs[source] = self._catalog.jobs.of_source(source)
        newest = sorted(records, key=lambda record: (-record.created_at, record.key))
        return [_with_state(each, known[each.source].get(each.key), jobs[each.source].get(each.key)) for each in newest]

    def used(self, user: User) -> int:
        """Return how many bytes the person's uploads have together."""
        return self._catalog.uploads.used(user.id)

    def _checked(self, key: str, data: bytes) -> str:
        """Return the file's type. Raises EmptyDocumentError, DocumentTooLargeError, UnsupportedFormatError."""
        if not data:
            raise EmptyDocumentError(f"{key} is empty: it has 0 bytes", "save it again, then upload it")
        if len(data) > self.max_bytes:
            raise DocumentTooLargeError(
                f"{key} has more than {self.max_bytes:,} bytes", "split it, or ask an admin to raise max_document_bytes"
            )
        media_type = detect_media_type(key, data)
        self._registry.parser_for(DocumentRef(UPLOADS, key, "", key, "", media_type))
        return media_type

    def _source(self, user: User) -> str:
        """Return the name of the person's source, which is made with the first upload."""
        names = source_names(user.id)
        for _ in range(_ATTEMPTS):  # another request of the same person may make it at the same time
            found = {name: self._catalog.sources.find(name) for name in names}
            own = [name for name, source in found.items() if source is not None and _is_of(source, user.id)]
            free = [name for name, source in found.items() if source is None]
            if own or not free:
                break
            try:
                nobody = ReadersRule(default=()).model_dump(mode="json")
                return self._catalog.sources.add(free[0], UPLOADS, {"user": user.id}, nobody).name
            except ConfigurationError:
                continue
        if not own:
            raise ConfigurationError(
                f"the sources {' and '.join(map(repr, names))} are of others", "ask an admin to rename them"
            )
        return own[0]

    def _withdraw(self, record: UploadRecord, access: Access) -> None:
        """Take rights away in the catalog at once; what the sync finds there tells it that the index is to follow."""
        known = self._catalog.documents.known(record.source, [record.key]).get(record.key)
        if known is not None and not known.access.allow <= access.allow:
            less = Access(known.access.allow & access.allow, known.access.deny | access.deny | {UNFINISHED})
            self._catalog.documents.set_access(document_id(record.source, record.key), less)

    def _upload(self, record: UploadRecord, *, replaced: bool = False) -> Upload:
        known = self._catalog.documents.known(record.source, [record.key]).get(record.key)
        job = self._catalog.jobs.of_source(record.source).get(record.key)
        return _with_state(record, known, job, replaced=replaced)


def upload_name(name: str) -> str:
    """Return the key for a file's name: no folders, nothing that prints nothing.

    Raises:
        ConfigurationError: nothing is left of it, or it is too long.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    clean = "".join(c for c in last if c in _JOINERS or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    clean = clean.strip()
    if not clean.strip("." + _JOINERS):
        raise ConfigurationError(f"{name!r} is not a file's name", "give the file a name")
    if len(clean.encode()) > _MAX_NAME:
        raise ConfigurationError(
            f"the name {clean[:60]}… is over {_MAX_NAME} bytes long", "give the file a shorter one"
        )
    return clean


def source_names(user: str) -> tuple[str, str]:
    """Return what a person's source may be called: the second where the first is taken."""
    safe = _UNSAFE.sub("_", user)[:_MAX_ID]
    digest = hashlib.sha256(user.encode()).hexdigest()[:8]
    exact = f"{UPLOADS}-{safe}" if safe == user else f"{UPLOADS}-{safe}-{digest}"
    return exact, f"{UPLOADS}-{safe}-{digest}.2"


def _is_of(source: SourceRecord, user: str) -> bool:
    return source.kind == UPLOADS and source.config.get("user") == user


def _principals(readers: Sequence[str]) -> tuple[str, ...]:
    names = [name.strip() for name in readers]
    for name in names:
        if not name.removeprefix("user:").removeprefix("group:") or len(name) > _MAX_READER or not name.isprintable():
            raise ConfigurationError(f"readers: {name[:60]!r} is not a reader", "name groups, or `user:ID`")
    if len(set(names)) > _MAX_READERS:
        raise ConfigurationError(f"readers: more than {_MAX_READERS}", "name groups instead of persons")
    return tuple(sorted(principals(names)))


def _with_state(
    record: UploadRecord, known: KnownDocument | None, job: JobRecord | None, *, replaced: bool = False
) -> Upload:
    if job is not None and job.failure is not None and record.holds(job.mark):
        return Upload(record, "failed", job.failure, job.not_before, replaced)
    indexed = known is not None and record.holds(known.mark)
    return Upload(record, "indexed" if indexed else "waiting", replaced=replaced)
