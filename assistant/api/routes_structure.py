"""What a document was taken apart into: its blocks, its chunks as the index holds them, and where blocks stand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from assistant.api.context import ContextOf
from assistant.api.signed_in import UserOf
from assistant.wire import DocumentJson
from assistant.wire.structure import BlockJson, BlocksJson, ChunkJson, ChunksJson, LayoutJson

router = APIRouter(prefix="/api/documents", tags=["documents"])

SourceOf = Annotated[str, Query()]
KeyOf = Annotated[str, Query()]
LimitOf = Annotated[int, Query(ge=1, le=1000)]
OffsetOf = Annotated[int, Query(ge=0, le=2**31)]


@router.get("/blocks")
def blocks(
    context: ContextOf, user: UserOf, source: SourceOf, key: KeyOf, limit: LimitOf = 100, offset: OffsetOf = 0
) -> BlocksJson:
    """Return the blocks that a parser found in the document, in their order."""
    document = context.app.library.read(source, key, user)
    return BlocksJson(
        document=DocumentJson.of(document.ref),
        blocks=[BlockJson.of(one) for one in document.blocks[offset : offset + limit]],
        total=len(document.blocks),
    )


@router.get("/chunks")
def chunks(
    context: ContextOf, user: UserOf, source: SourceOf, key: KeyOf, limit: LimitOf = 100, offset: OffsetOf = 0
) -> ChunksJson:
    """Return the chunks of the current version as the index holds them, in their order, with their tokens."""
    app = context.app
    ref, found, total = app.library.chunks(source, key, user, app.index, limit, offset)
    tokens = app.embedder.count_tokens([one.text for one in found]) if found else []
    return ChunksJson(
        document=DocumentJson.of(ref),
        chunks=[ChunkJson.of(one, count) for one, count in zip(found, tokens, strict=True)],
        total=total,
        index=app.served.name,
    )


@router.get("/layout")
def layout(
    context: ContextOf,
    user: UserOf,
    source: SourceOf,
    key: KeyOf,
    page: Annotated[int, Query(ge=1, le=2**31, description="From 1.")] = 1,
) -> LayoutJson:
    """Return where the blocks of a page stand on it, in parts of its width and height; see `page-image`."""
    return LayoutJson.of(context.app.page_images.layout(source, key, page, user))
