"""What bringing an index to the catalog's state is made of: one round's state, its report, a document on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from assistant.catalog import IndexedDocument
from assistant.ingest.pictures import PictureVectors
from assistant.types import Chunk, DocumentRef, Failure, Metadata

OnBuilt = Callable[[int, int], None]  # documents that are in the index, and all
ShouldStop = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class CatchUp:
    """One comparison of an index with the catalog, and what was done about it.

    Args:
        built: documents that were embedded; `chunks` are theirs.
        deleted: documents, or former versions of some, that were removed.
        readers: documents whose readers were changed.
        changed: documents that changed meanwhile: the next round finds them.
        lacking: documents that cannot be built, each with the cause; keys are `source:key`.
        stopped: whether it was ended early.
    """

    built: int = 0
    chunks: int = 0
    deleted: int = 0
    readers: int = 0
    changed: int = 0
    lacking: tuple[Failure, ...] = ()
    stopped: bool = False
    seconds: float = 0.0

    @property
    def is_level(self) -> bool:
        """Whether there was nothing to do, and nothing lacks."""
        return not (self.built or self.deleted or self.readers or self.changed or self.lacking or self.stopped)

    def plus(self, later: CatchUp) -> CatchUp:
        """Return both together; what lacks, and whether it was ended, is the later one's word."""
        return CatchUp(
            built=self.built + later.built,
            chunks=self.chunks + later.chunks,
            deleted=self.deleted + later.deleted,
            readers=self.readers + later.readers,
            changed=self.changed + later.changed,
            lacking=later.lacking,
            stopped=later.stopped,
            seconds=self.seconds + later.seconds,
        )


@dataclass(frozen=True, slots=True)
class Cut:
    """A stored document that only lacks its texts' vectors."""

    ref: DocumentRef
    metadata: Metadata
    chunks: list[Chunk]
    texts: list[str]
    pictures: PictureVectors
    tokens: int


@dataclass(slots=True)
class Round:
    """The state of one `catch_up`: what the index had at its begin, what the catalog wants, and the counts so far."""

    stored: Mapping[str, set[str]]
    wanted: Mapping[str, IndexedDocument]
    is_current: bool
    on_progress: OnBuilt | None
    should_stop: ShouldStop
    done: int = 0
    built: int = 0
    chunks: int = 0
    deleted: int = 0
    readers: int = 0
    changed: int = 0
    lacking: list[Failure] = field(default_factory=list)
    stopped: bool = False

    def report(self, seconds: float) -> CatchUp:
        """Return what was done."""
        return CatchUp(
            built=self.built,
            chunks=self.chunks,
            deleted=self.deleted,
            readers=self.readers,
            changed=self.changed,
            lacking=tuple(self.lacking),
            stopped=self.stopped,
            seconds=seconds,
        )


def never() -> bool:
    """Go on to the end."""
    return False
