"""Documents: list, text, page. Every read goes through the library, which checks the user's rights."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Query, Response

from assistant.access.pages import MAX_WIDTH
from assistant.api.context import Context, ContextOf
from assistant.api.headers import FILE_HEADERS
from assistant.api.schemas import BoxesJson, BoxJson, DocumentsJson, PageJson, SpanOfText, TextJson, TextWindow
from assistant.api.signed_in import UserOf
from assistant.catalog import Wanted
from assistant.errors import ConfigurationError, NotFoundError
from assistant.types import User
from assistant.wire import DocumentJson, ListedDocumentJson
from assistant.wire.inventory import MediaTypeJson, MediaTypesJson

router = APIRouter(prefix="/api/documents", tags=["documents"])


@router.get("")
def documents(
    context: ContextOf,
    user: UserOf,
    source: Annotated[str | None, Query(description="Only this source.")] = None,
    query: Annotated[str, Query(max_length=500, description="Stands in the title or the key.")] = "",
    media_type: Annotated[list[str] | None, Query(max_length=50, description="Of any of these.")] = None,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 100,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> DocumentsJson:
    """Return the documents that the user may read, by source and key."""
    wanted = Wanted(query.strip(), tuple(media_type or ()))
    found, total = context.app.rights.inventory.readable(user, source, wanted, limit, offset)
    return DocumentsJson(documents=[ListedDocumentJson.listed(info) for info in found], total=total)


@router.get("/types")
def types(
    context: ContextOf, user: UserOf, source: Annotated[str | None, Query(description="Only this source.")] = None
) -> MediaTypesJson:
    """Return the types of the documents that the user may read, the most frequent first."""
    found = context.app.rights.inventory.types_readable(user, source)
    return MediaTypesJson(types=[MediaTypeJson(media_type=name, documents=number) for name, number in found])


@router.get("/text")
def text(
    context: ContextOf,
    user: UserOf,
    window: Annotated[TextWindow, Query()],
) -> TextJson:
    """Return the document's extracted text, or the window `start` to `end` of it."""
    document = context.app.library.read(window.source, window.key, user)
    length = len(document.text)
    last = length if window.end is None else min(window.end, length)
    first = min(window.start, last)
    return TextJson(
        document=DocumentJson.of(document.ref),
        start=first,
        end=last,
        length=length,
        pages=len(document.pages),
        text=document.text[first:last],
        opened_until=_opened_until(context, window.source, window.key, user),
    )


@router.get("/page")
def page(
    context: ContextOf,
    user: UserOf,
    source: Annotated[str, Query()],
    key: Annotated[str, Query()],
    page: Annotated[int, Query(ge=1, le=2**31, description="From 1.")],
) -> PageJson:
    """Return the text of one page of a document that has pages."""
    document = context.app.library.read(source, key, user)
    for candidate in document.pages:
        if candidate.number == page:
            return PageJson(
                document=DocumentJson.of(document.ref),
                page=page,
                pages=len(document.pages),
                start=candidate.start,
                end=candidate.end,
                text=document.text[candidate.start : candidate.end],
                opened_until=_opened_until(context, source, key, user),
            )
    raise NotFoundError(f"{key!r} has no page {page}", f"it has {len(document.pages)} pages")


@router.get("/boxes")
def boxes(context: ContextOf, user: UserOf, span: Annotated[SpanOfText, Query()]) -> BoxesJson:
    """Return where the characters `start` to `end` of the document stand on its pages; see `page-image`."""
    found = context.app.page_images.boxes(span.source, span.key, span.start, span.end, user)
    ref = context.app.library.info(span.source, span.key, user).ref
    return BoxesJson(
        document=DocumentJson.of(ref),
        start=span.start,
        end=span.end,
        boxes=[BoxJson(**asdict(box)) for box in found],
    )


@router.get("/page-image", response_class=Response, responses={200: {"content": {"image/png": {}}}})
def page_image(
    context: ContextOf,
    user: UserOf,
    source: Annotated[str, Query()],
    key: Annotated[str, Query()],
    page: Annotated[
        int | None,
        Query(ge=1, le=2**31, description="From 1; without it, the page that `start` is on, else the first."),
    ] = None,
    start: Annotated[int | None, Query(ge=0, le=2**53, description="First character to highlight.")] = None,
    end: Annotated[int | None, Query(ge=0, le=2**53, description="One past the last.")] = None,
    width: Annotated[int, Query(ge=100, le=MAX_WIDTH, description="In pixels.")] = 1000,
) -> Response:
    """Return a page as a PNG, with a span of the document's text highlighted.

    Pages of Office files are those of LibreOffice's print, as `boxes` counts them.
    """
    if (start is None) != (end is None):
        raise ConfigurationError("`start` and `end` belong together", "give both or neither")
    span = None if start is None or end is None else (start, end)
    image = context.app.page_images.image(source, key, page, user, span, width)
    return Response(image, media_type="image/png", headers=FILE_HEADERS)


def _opened_until(context: Context, source: str, key: str, user: User) -> float | None:
    opening = context.app.rights.openings.of_document(source, key, user)
    return None if opening is None else opening.expires_at
