"""Documents that people look for: a search by documents, thumbnails, and the originals to download."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Query, Response

from assistant.api.auditing import note_question
from assistant.api.context import ContextOf
from assistant.api.headers import FILE_HEADERS, download
from assistant.api.signed_in import UserOf
from assistant.audit import note
from assistant.retrieval import Shelf
from assistant.wire import DocumentSearchRequest, FoundDocumentsJson

router = APIRouter(prefix="/api", tags=["documents"])

_THUMBNAIL = 200  # pixels


@router.post("/search/documents")
def search_documents(body: DocumentSearchRequest, context: ContextOf, user: UserOf) -> FoundDocumentsJson:
    """Return the documents that the user may read and that speak of the query, with what they may be narrowed to."""
    started = time.perf_counter()
    note_question(context.app.audit, body.query)
    shelf = Shelf(context.app.retriever, context.app.library)
    found = shelf.find(body.query, user, body.filters(), sort=body.sort, limit=body.limit, offset=body.offset)
    note(document.info.ref.id for document in found.documents)
    return FoundDocumentsJson.of(found, time.perf_counter() - started)


@router.get("/documents/thumbnail", response_class=Response, responses={200: {"content": {"image/png": {}}}})
def thumbnail(
    context: ContextOf,
    user: UserOf,
    source: Annotated[str, Query()],
    key: Annotated[str, Query()],
    page: Annotated[int, Query(ge=1, le=2**31, description="From 1.")] = 1,
) -> Response:
    """Return a page as a PNG that is too small to be read."""
    image = context.app.page_images.image(source, key, page, user, width=_THUMBNAIL)
    return Response(image, media_type="image/png", headers=FILE_HEADERS)


@router.get("/documents/original", response_class=Response, responses={200: {"content": {"*/*": {}}}})  # its own type
def original(
    context: ContextOf, user: UserOf, source: Annotated[str, Query()], key: Annotated[str, Query()]
) -> Response:
    """Return the document as its source gave it, as a file to be saved."""
    ref, data = context.app.library.original(source, key, user)
    return download(data, ref.media_type, key.rpartition("/")[2] or key)
