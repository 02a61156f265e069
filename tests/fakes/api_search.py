"""The scripted API's search for documents, and what is shown of them: thumbnails, boxes, originals."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.responses import Response
from PIL import Image

from tests.fakes.api_content import FakeDocument, Json

if TYPE_CHECKING:
    from tests.fakes.api import FakeApi

CHANGED = {"people/leave.md": "2024-05-01T10:00:00Z", "travel/policy.pdf": "2025-02-03T10:00:00Z"}
LENGTH = 120


def add_search(app: FastAPI, fake: FakeApi, refused: Any) -> None:
    """Add the routes; `refused` makes the error that is answered with."""

    @app.post("/api/search/documents")
    def search(asked: dict[str, Any]) -> Json:
        word = str(asked["query"]).casefold()
        every = [one for one in fake.documents if word in one.text.casefold()]
        found = [one for one in every if _fits(one, asked)]
        if asked.get("sort") == "date":
            found.sort(key=lambda one: CHANGED.get(one.key, ""), reverse=True)
        first = int(asked.get("offset") or 0)
        shown = found[first : first + int(asked.get("limit") or 10)]
        return {
            "documents": [_document(one, word) for one in shown],
            "total": len(found),
            "more": False,
            "facets": _facets(every),
            "seconds": 0.01,
        }

    @app.post("/api/search/picture")
    def search_by_picture(limit: int) -> Json:
        place = {"page": 2, "start": 0, "end": 0, "text": "", "pictures": [3]}
        return {"hits": [{"document": one.name, **place} for one in fake.documents[:limit]], "seconds": 0.01}

    @app.get("/api/documents/boxes")
    def boxes(source: str, key: str, start: int, end: int) -> Json:
        document = fake.find(source, key)
        if not document.pages:
            raise refused(422, f"{key}: pages cannot be shown", "open the original", "UnsupportedFormatError")
        box = {"page": page_at(document, start), "left": 0, "top": 0, "right": 9, "bottom": 9}
        return {"document": document.name, "start": start, "end": end, "boxes": [box]}

    @app.get("/api/documents/thumbnail")
    def thumbnail(source: str, key: str, page: int) -> Response:
        fake.find(source, key)
        drawn = io.BytesIO()
        Image.new("RGB", (200, 280), "white").save(drawn, "PNG")
        return Response(drawn.getvalue(), media_type="image/png")

    @app.get("/api/documents/original")
    def original(source: str, key: str) -> Response:
        return Response(fake.find(source, key).text.encode(), media_type="application/octet-stream")


def page_at(document: FakeDocument, start: int) -> int:
    """Return the page that a character stands on."""
    reached = 0
    for number, text in enumerate(document.pages, 1):
        reached += len(text) + 2
        if start < reached:
            return number
    return len(document.pages)


def _fits(document: FakeDocument, asked: dict[str, Any]) -> bool:
    return (
        asked.get("sources") in (None, [document.source])
        and asked.get("types") in ([], [document.key.rpartition(".")[2]])
        and (not asked.get("paths") or document.key.partition("/")[0] in asked["paths"])
        and CHANGED.get(document.key, "") >= str(asked.get("after") or "")
    )


def _document(document: FakeDocument, word: str) -> Json:
    start = document.text.casefold().index(word)
    place = {
        "page": page_at(document, start) if document.pages else None,
        "start": start,
        "end": min(start + LENGTH, len(document.text)),
        "text": document.text[start : start + LENGTH],
        "heading_path": ["Part"],
        "marks": [{"start": start, "end": start + len(word)}],
    }
    return {
        **document.name,
        "media_type": document.media_type,
        "type": document.key.rpartition(".")[2],
        "pages": len(document.pages),
        "authors": ["Ann <b>Lee</b>"],
        "modified": CHANGED.get(document.key, ""),
        "language": "en",
        "places": [place],
    }


def _facets(found: list[FakeDocument]) -> Json:
    def counted(values: list[str]) -> list[Json]:
        return [{"value": value, "name": value, "count": count} for value, count in Counter(values).most_common()]

    return {
        "sources": counted([one.source for one in found]),
        "folders": counted([one.key.partition("/")[0] for one in found]),
        "types": counted([one.key.rpartition(".")[2] for one in found]),
        "years": counted([CHANGED[one.key][:4] for one in found if one.key in CHANGED]),
    }
