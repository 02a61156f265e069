"""Pictures of documents: list, look at, and find by their looks. Every read goes through the library."""

from __future__ import annotations

import time
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from assistant.api.context import ContextOf
from assistant.api.schemas import PictureSearchRequest, PicturesJson
from assistant.api.signed_in import UserOf
from assistant.errors import ConfigurationError
from assistant.types import in_sources
from assistant.wire import DocumentJson, PictureJson, SearchJson

router = APIRouter(prefix="/api", tags=["pictures"])

MAX_QUERY_BYTES = 20_000_000
IMAGE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/*": {}}}}
# Whatever a document brought along, a browser shows it as an image or not at all.
IMAGE_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


@router.get("/documents/pictures")
def pictures(
    context: ContextOf, user: UserOf, source: Annotated[str, Query()], key: Annotated[str, Query()]
) -> PicturesJson:
    """Return the pictures that a document shows."""
    document = context.app.library.read(source, key, user)
    return PicturesJson(
        document=DocumentJson.of(document.ref),
        pictures=[PictureJson.of(number, picture) for number, picture in enumerate(document.pictures, start=1)],
    )


@router.get("/documents/picture", response_class=Response, responses=IMAGE)
def picture(
    context: ContextOf,
    user: UserOf,
    source: Annotated[str, Query()],
    key: Annotated[str, Query()],
    number: Annotated[int, Query(ge=1, le=2**31, description="From 1.")],
) -> Response:
    """Return one picture as the document holds it."""
    found = context.app.library.picture(source, key, number, user)
    return Response(found.data, media_type=found.media_type, headers=IMAGE_HEADERS)


@router.post("/search/pictures")
def search_pictures(body: PictureSearchRequest, context: ContextOf, user: UserOf) -> SearchJson:
    """Return the places of the pictures that look most like what the query says, best first."""
    started = time.perf_counter()
    limit = body.limit or context.app.settings.search_limit
    passages = context.app.retriever.search_pictures(body.query, user, limit, body.filters())
    return SearchJson.of(passages, time.perf_counter() - started)


@router.post("/search/picture", openapi_extra={"requestBody": {"content": {"image/*": {}}, "required": True}})
async def search_by_picture(
    request: Request,
    context: ContextOf,
    user: UserOf,
    limit: Annotated[int, Query(ge=1, le=1000)] = 10,
    source: Annotated[list[str] | None, Query(description="Only these sources.")] = None,
) -> SearchJson:
    """Return the places of the pictures that look most like the one in the body, best first."""
    from starlette.concurrency import run_in_threadpool

    data = await _body(request)
    started = time.perf_counter()
    search = context.app.retriever.search_by_picture
    passages = await run_in_threadpool(search, data, user, limit, in_sources(source))
    return SearchJson.of(passages, time.perf_counter() - started)


async def _body(request: Request) -> bytes:
    """Return the request's body, and stop reading where it grows too large."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MAX_QUERY_BYTES:
            raise ConfigurationError(f"the picture has over {MAX_QUERY_BYTES:,} bytes", "send a smaller one")
    if not data:
        raise ConfigurationError("there is no picture in the request's body", "send an image file as it is")
    return bytes(data)
