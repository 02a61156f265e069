"""What a document was taken apart into, as JSON."""

from __future__ import annotations

from pydantic import BaseModel, Field

from assistant.access.pages import PageLayout
from assistant.types import Block, Chunk
from assistant.wire.documents import DocumentJson


class BlockJson(BaseModel):
    """A block that a parser found."""

    kind: str = Field(description="`heading`, `text`, `table`, `image`, `code`, or `notice`: the parser's own word.")
    level: int = Field(description="A heading's depth from 1, else 0.")
    start: int
    end: int
    page: int | None
    text: str

    @classmethod
    def of(cls, block: Block) -> BlockJson:
        """Return the JSON for the block."""
        return cls(
            kind=block.kind, level=block.level, start=block.start, end=block.end, page=block.page, text=block.text
        )


class BlocksJson(BaseModel):
    """A stretch of a document's blocks."""

    document: DocumentJson
    blocks: list[BlockJson]
    total: int


class ChunkJson(BaseModel):
    """A chunk as the index holds it."""

    ordinal: int
    start: int
    end: int
    page: int | None
    tokens: int = Field(description="Of its text, in the embedder's tokens.")
    heading_path: list[str]
    table_header: str = Field(description="Embedded and searched with the text, and no part of it.")
    captions: str = Field(description="Likewise.")
    pictures: list[int]
    text: str

    @classmethod
    def of(cls, chunk: Chunk, tokens: int) -> ChunkJson:
        """Return the JSON for the chunk."""
        return cls(
            ordinal=chunk.ordinal,
            start=chunk.start,
            end=chunk.end,
            page=chunk.page,
            tokens=tokens,
            heading_path=list(chunk.heading_path),
            table_header=chunk.table_header,
            captions=chunk.captions,
            pictures=list(chunk.pictures),
            text=chunk.text,
        )


class ChunksJson(BaseModel):
    """A stretch of the chunks of a document's current version."""

    document: DocumentJson
    chunks: list[ChunkJson]
    total: int
    index: str = Field(description="The index that searches use now.")


class LaidBlockJson(BaseModel):
    """A block on its page."""

    number: int = Field(description="Its place among the document's blocks, from 0.")
    kind: str
    places: list[tuple[float, float, float, float]] = Field(
        description="Rectangles, mostly one a line: left, top, right, bottom, in parts of the page's width and height."
    )


class LayoutJson(BaseModel):
    """Where the blocks of a page stand on it."""

    page: int
    pages: int
    placed: bool = Field(description="False where that cannot be told: blocks have no places then.")
    blocks: list[LaidBlockJson]

    @classmethod
    def of(cls, layout: PageLayout) -> LayoutJson:
        """Return the JSON for the layout."""
        return cls(
            page=layout.page,
            pages=layout.pages,
            placed=layout.placed,
            blocks=[LaidBlockJson(number=one.number, kind=one.kind, places=list(one.places)) for one in layout.blocks],
        )
