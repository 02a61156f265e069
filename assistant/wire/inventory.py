"""Documents as those see them who look after their source, as JSON: without a word of what one says."""

from __future__ import annotations

from pydantic import BaseModel, Field

from assistant.access.inventory import Inspected
from assistant.catalog import Happened, InventoryRecord
from assistant.catalog.inventory import Work
from assistant.types import User, document_id, may_read
from assistant.wire.documents import ListedDocumentJson
from assistant.wire.sources import RunJson
from assistant.wire.warnings import WarningJson


class WorkJson(BaseModel):
    """Work on a document that is not finished, or that failed."""

    state: str = Field(description="`queued`, `running` or `failed`.")
    action: str = Field(description="`ingest`, `rewrite` or `delete`.")
    error: str
    code: str
    failures: int = Field(description="In a row.")
    next_try: float | None = Field(description="Seconds since the epoch; null: not by itself.")
    ignored: bool

    @classmethod
    def of(cls, work: Work) -> WorkJson:
        """Return the JSON for the work."""
        return cls(**{name: getattr(work, name) for name in cls.model_fields})


class InventoryDocumentJson(BaseModel):
    """A document of a source; `document` is null where no version of it was ever made."""

    source: str
    key: str
    document: ListedDocumentJson | None
    characters: int
    tokens: int = Field(description="In the embedder's tokens.")
    updated_at: float = Field(description="When the current version became that; seconds since the epoch.")
    access_from_source: bool = Field(description="Whether its readers come from the source, or from the admin's rule.")
    flagged: bool = Field(description="Whether people are warned of it.")
    may_read: bool = Field(description="Whether the caller may read it.")
    work: WorkJson | None

    @classmethod
    def of(cls, record: InventoryRecord, user: User) -> InventoryDocumentJson:
        """Return the JSON for the record, as this user sees it."""
        info = record.info
        identity = document_id(record.source, record.key)
        return cls(
            source=record.source,
            key=record.key,
            document=None if info is None else ListedDocumentJson.listed(info),
            characters=info.characters if info else 0,
            tokens=info.tokens if info else 0,
            updated_at=record.updated_at,
            access_from_source=record.access_from_source,
            flagged=info.ref.flagged if info else False,
            may_read=info is not None and may_read(user, info.ref.access, identity),
            work=None if record.work is None else WorkJson.of(record.work),
        )


class MediaTypeJson(BaseModel):
    """How many documents are of a type."""

    media_type: str
    documents: int


class MediaTypesJson(BaseModel):
    """The types of documents, the most frequent first."""

    types: list[MediaTypeJson]


class InventoryJson(BaseModel):
    """A stretch of the documents that are looked for."""

    documents: list[InventoryDocumentJson]
    total: int
    types: list[MediaTypeJson] = Field(description="Of all documents of the sources, whatever else is looked for.")


class HappenedJson(BaseModel):
    """A run that could not index the document."""

    run_id: str
    at: float
    error: str
    code: str

    @classmethod
    def of(cls, happened: Happened) -> HappenedJson:
        """Return the JSON for what happened."""
        return cls(run_id=happened.run_id, at=happened.at, error=happened.error, code=happened.code)


class InspectedJson(InventoryDocumentJson):
    """All that is known of a document, beside what it says."""

    version: str
    inside: str = Field(description="The key of the document that it is in; empty: none.")
    members: int = Field(description="How many documents are in it, on all levels.")
    opening: str = Field(description="The id of the break-glass act by which alone the caller reads it; empty: none.")
    opened_until: float | None
    warning: WarningJson | None
    failures: list[HappenedJson]
    last_run: RunJson | None = Field(description="The newest run of its source.")

    @classmethod
    def inspected(cls, found: Inspected, user: User) -> InspectedJson:
        """Return the JSON for what is known, as this user sees it."""
        record, opening = found.record, found.opening
        outer, mark, _ = record.key.rpartition("!/")
        return cls(
            **InventoryDocumentJson.of(record, user).model_dump(),
            version=record.info.ref.version if record.info else "",
            inside=outer if mark and record.parent else "",
            members=found.members,
            opening=opening.id if opening else "",
            opened_until=opening.expires_at if opening else None,
            warning=None if found.suspicion is None else WarningJson.of(found.suspicion),
            failures=[HappenedJson.of(one) for one in found.failures],
            last_run=None if found.last_run is None else RunJson.of(found.last_run),
        )
