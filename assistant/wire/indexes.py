"""Indexes, what is compared of them and what goes on with them, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from assistant.app.overseeing import Sizes
from assistant.app.rebuilding import Progress
from assistant.catalog import IndexRecord, SuspicionCounts

if TYPE_CHECKING:
    from assistant.ingest import Comparison
    from assistant.types.recall import Recall


class IndexJson(BaseModel):
    """An index."""

    name: str
    state: str
    embedder: str
    chunk_tokens: int
    sparse_embedder: str
    created_at: float
    swapped_at: float | None
    done: int
    total: int
    error: str

    @classmethod
    def of(cls, record: IndexRecord) -> IndexJson:
        """Return the JSON for the record."""
        return cls(**{field: getattr(record, field) for field in cls.model_fields})


class ComparisonJson(BaseModel):
    """What the current index and the new one hold and find; pairs are of the current and of the new one."""

    documents: int
    chunks: tuple[int, int]
    queries: int
    found: tuple[float, float]
    recall: dict[str, float]

    @classmethod
    def of(cls, comparison: Comparison) -> ComparisonJson:
        """Return the JSON for the comparison; `recall` is by the share of the chunks that a reader may read."""
        recall = {f"{share.readable:g}": share.recall for share in comparison.recall.shares}
        chunks, found = comparison.chunks, comparison.found
        return cls(documents=comparison.both, chunks=chunks, queries=comparison.queries, found=found, recall=recall)


class IndexesJson(BaseModel):
    """All indexes, the oldest first; what was compared before a swap."""

    indexes: list[IndexJson]
    comparison: ComparisonJson | None = None


class SizesJson(BaseModel):
    """How much the assistant holds."""

    documents: int = Field(description="That are current, as the catalog counts them.")
    chunks: int
    tokens: int
    indexed_documents: int | None = Field(description="In the index, with versions that are about to go.")
    indexed_chunks: int | None
    index_bytes: int | None = Field(description="That the index's files take; null where a server has it.")
    catalog_bytes: int | None = Field(description="Of a catalog in a file; null where a server has it.")
    free_bytes: int = Field(description="On the disk with the home.")
    index_error: str

    @classmethod
    def of(cls, sizes: Sizes) -> SizesJson:
        """Return the JSON for the sizes."""
        return cls(**{field: getattr(sizes, field) for field in cls.model_fields})


class ShareJson(BaseModel):
    """Recall for a reader who may read this share of the chunks."""

    readable: float
    recall: float


class RecallJson(BaseModel):
    """What the configured search finds of what an exact one finds."""

    at: float = Field(description="When it was measured; seconds since the epoch.")
    index: str
    best: int = Field(description="Among so many nearest.")
    queries: int
    shares: list[ShareJson] = Field(description="Empty: the index is empty, or is always searched exactly.")
    worst: float

    @classmethod
    def of(cls, at: float, index: str, recall: Recall) -> RecallJson:
        """Return the JSON for what was measured."""
        shares = [ShareJson(readable=one.readable, recall=one.recall) for one in recall.shares]
        return cls(at=at, index=index, best=recall.best, queries=recall.queries, shares=shares, worst=recall.worst)


class ProgressJson(BaseModel):
    """How far the work is that an admin last asked for."""

    task: str = Field(description="`build`, `swap`, `back`, `drop` or `recall`.")
    phase: str = Field(description="What is being done; `done`, `stopped` and `failed` are ends.")
    index: str
    done: int
    total: int
    started_at: float
    ended_at: float | None
    error: str
    hint: str
    lacking: list[str] = Field(description="Documents that a new index lacks, with the cause; the first few.")

    @classmethod
    def of(cls, progress: Progress) -> ProgressJson:
        """Return the JSON for the progress."""
        given = {field: getattr(progress, field) for field in cls.model_fields if field != "lacking"}
        return cls(**given, lacking=list(progress.lacking))


class SuspicionsJson(BaseModel):
    """How many documents read like orders to an assistant."""

    threshold: float
    flagged: int = Field(description="People are warned of them now.")
    reviewed: int = Field(description="At or above the threshold; somebody looked at them.")
    slight: int = Field(description="Below it.")

    @classmethod
    def of(cls, counts: SuspicionCounts, threshold: float) -> SuspicionsJson:
        """Return the JSON for the counts."""
        return cls(threshold=threshold, flagged=counts.flagged, reviewed=counts.reviewed, slight=counts.slight)


class IndexOverviewJson(BaseModel):
    """The index that searches use, the others, and what goes on with them."""

    engine: str = Field(description="`edge`: in this process; `qdrant`: a server.")
    current: str
    embedder: str = Field(description="Model and arithmetic.")
    dimension: int
    indexes: list[IndexJson]
    sizes: SizesJson
    compared: dict[str, ComparisonJson] = Field(description="By index; gone when the process ends.")
    worse: list[str] = Field(description="Those of them that find clearly less than the current one.")
    recall: RecallJson | None
    progress: ProgressJson | None
    suspicions: SuspicionsJson
