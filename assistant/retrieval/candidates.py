"""What the stages of a search pass on: a passage with what the catalog knows of its document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.types import DocumentInfo, DocumentRef, Hit, Passage


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that the user may read. `info` is its document's, as the catalog knew it when it was confirmed."""

    passage: Passage
    info: DocumentInfo

    @property
    def document(self) -> str:
        """The document's id."""
        return self.passage.ref.id

    @property
    def date(self) -> str:
        """When the document was changed or else made, as it says itself (ISO 8601 in UTC); empty if it does not."""
        return self.info.metadata.modified or self.info.metadata.created


def confirmed(hits: Sequence[Hit], current: Mapping[str, DocumentInfo]) -> list[Candidate]:
    """Return the hits whose version is the current one of a document that the user may read.

    Args:
        hits: from the index, best first.
        current: what the catalog lets the user read of their documents, by id.
    """
    # another version, or none: deleted, replaced or withdrawn since it was indexed
    known = [(hit, current[hit.document_id]) for hit in hits if hit.document_id in current]
    return [Candidate(_passage(info.ref, hit), info) for hit, info in known if info.ref.version == hit.version]


def _passage(ref: DocumentRef, hit: Hit) -> Passage:
    chunk = hit.chunk
    return Passage(
        ref=ref,
        start=chunk.start,
        end=chunk.end,
        text=chunk.text,
        page=chunk.page,
        score=hit.score,
        heading_path=chunk.heading_path,
        table_header=chunk.table_header,
        pictures=chunk.pictures,
        captions=chunk.captions,
    )
