"""Every way on which the house shows documents, or something made of them, to a person.

Each is a function of a `Visit`: it does what the person would do, and returns all that the person gets to see. Where a
document is named by its key and may not be read, it looks besides whether the answer is that for one that is not there.
`COVERS` names the routes, the tools and the parts of the house that a way goes through; `NO_DOCUMENTS` the others. A
route, a tool of the MCP server or one of the assistant's that is in neither fails a test.
"""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import Any

from PIL import Image

from tests.access import paths_answers  # noqa: F401 (adds its ways)
from tests.access.house import COMMON
from tests.access.visiting import CHEAP, COVERS, DEAR, Visit, addressed, got, way

__all__ = ["CHEAP", "COVERS", "DEAR", "Visit"]


@way("GET /api/documents")
def listed_documents(visit: Visit) -> str:
    return got(visit, "/api/documents", limit=1000)


@way("GET /api/documents")
def listed_documents_of_a_source(visit: Visit) -> str:
    return got(visit, "/api/documents", source=visit.document[0], offset=1)


@way("GET /api/documents", "GET /api/documents/types")
def documents_looked_for(visit: Visit) -> str:
    found = got(visit, "/api/documents", query=visit.document[1].rpartition("/")[2][:3], limit=1000)
    return found + got(visit, "/api/documents", media_type="text/plain") + got(visit, "/api/documents/types")


@way("GET /api/documents/blocks")
def blocks(visit: Visit) -> str:
    return addressed(visit, "/api/documents/blocks")


@way("GET /api/documents/chunks")
def chunks(visit: Visit) -> str:
    return addressed(visit, "/api/documents/chunks")


@way("GET /api/documents/layout", "access.PageImages")
def layout(visit: Visit) -> str:
    return addressed(visit, "/api/documents/layout")


@way("GET /api/documents/text")
def text(visit: Visit) -> str:
    return addressed(visit, "/api/documents/text")


@way("GET /api/documents/text")
def window_of_text(visit: Visit) -> str:
    return addressed(visit, "/api/documents/text", start=2, end=4000)


@way("GET /api/documents/page")
def page(visit: Visit) -> str:
    return _page(visit, "/api/documents/page")


def _page(visit: Visit, path: str) -> str:
    """A document without pages has none to show; that is a 404 too, for those only who may read it."""
    answer = visit.house.client.get(path, params={"source": visit.document[0], "key": visit.document[1], "page": 1})
    if answer.status_code == 404 and "has no page" in answer.text:
        return answer.text
    return addressed(visit, path, page=1)


@way("GET /api/documents/boxes")
def boxes(visit: Visit) -> str:
    return addressed(visit, "/api/documents/boxes", start=0, end=5)


@way("GET /api/documents/page-image", "access.PageImages")
def page_image(visit: Visit) -> str:
    return addressed(visit, "/api/documents/page-image", start=0, end=5)


@way("GET /api/documents/pictures")
def pictures(visit: Visit) -> str:
    return addressed(visit, "/api/documents/pictures")


@way("GET /api/documents/picture")
def picture(visit: Visit) -> str:
    answer = visit.house.client.get(
        "/api/documents/picture", params={"source": visit.document[0], "key": visit.document[1], "number": 1}
    )
    if answer.status_code == 404 and "has no picture" in answer.text:
        return answer.text
    return addressed(visit, "/api/documents/picture", number=1)


def _searched(visit: Visit, **more: Any) -> str:
    body = {"query": visit.question, "limit": 100, **more}
    return visit.house.client.post("/api/search", json=body).text


@way("POST /api/search")
def search(visit: Visit) -> str:
    return _searched(visit)


@way("POST /api/search", "retrieval.Caches")
def search_again(visit: Visit) -> str:
    """What was found is kept: the second time it comes from there, whoever asked the first time."""
    kept = replace(visit, question=f"Which {COMMON} code is there?")
    return _searched(kept, limit=50) + _searched(kept, limit=50)


@way("POST /api/search", "access.Outlines")
def search_with_context(visit: Visit) -> str:
    return _searched(visit, context=2000, explain=True)


@way("POST /api/search")
def search_with_filters(visit: Visit) -> str:
    source, key = visit.document
    return _searched(visit, sources=[source], focus=True, explain=True).replace(key, key)


@way("POST /api/search/documents", "retrieval.Shelf")
def search_documents(visit: Visit) -> str:
    """Documents, and counts by what they could be narrowed to, without it and with it."""
    body = {"query": visit.question, "limit": 50}
    narrowed = {**body, "types": ["md"], "sources": [visit.document[0]], "after": "2000-01-01", "sort": "date"}
    answers = [visit.house.client.post("/api/search/documents", json=one).text for one in (body, narrowed)]
    return "".join(answers)


@way("GET /api/documents/thumbnail", "access.PageImages")
def thumbnail(visit: Visit) -> str:
    return addressed(visit, "/api/documents/thumbnail")


@way("GET /api/documents/original")
def original(visit: Visit) -> str:
    return addressed(visit, "/api/documents/original")


@way("POST /api/search/pictures")
def search_pictures(visit: Visit) -> str:
    return visit.house.client.post("/api/search/pictures", json={"query": "red", "limit": 100}).text


@way("POST /api/search/picture")
def search_by_picture(visit: Visit) -> str:
    return visit.house.client.post("/api/search/picture?limit=100", content=red_png()).text


def red_png() -> bytes:
    """Return a red picture as a file."""
    file = io.BytesIO()
    Image.new("RGB", (96, 96), "red").save(file, "PNG")
    return file.getvalue()


def red_address() -> str:
    """Return a red picture as a Markdown file holds it."""
    return f"data:image/png;base64,{base64.b64encode(red_png()).decode()}"


@way("GET /api/status", "GET /api/usable-tools", "GET /health", "GET /ready")
def what_there_is(visit: Visit) -> str:
    """Counts are checked by the machine: `status` counts what the person may read."""
    return "\n".join(got(visit, path) for path in ("/api/status", "/api/usable-tools", "/health", "/ready"))


@way("POST /api/plan", "context.plan")
def planned(visit: Visit) -> str:
    body = {"question": visit.question, "mode": "corpus"}
    return visit.house.client.post("/api/plan", json=body).text


@way("GET /api/scope", "GET /api/suggestions")
def to_ask_about(visit: Visit) -> str:
    return got(visit, "/api/scope") + got(visit, "/api/suggestions", limit=20) + addressed(visit, "/api/suggestions")


@way("GET /api/feedback", "GET /api/questions", "evaluation.QuestionDesk")
def feedback_and_questions(visit: Visit) -> str:
    return got(visit, "/api/feedback") + got(visit, "/api/questions")


@way("GET /api/evaluations/{evaluation}", "evaluation.EvaluationDesk")
def evaluations(visit: Visit) -> str:
    """What the kept questions were answered with; the operator had them asked once there were some."""
    client = visit.house.client
    listed = client.get("/api/evaluations")
    runs = listed.json().get("evaluations", ()) if listed.status_code == 200 else ()
    return listed.text + "".join(got(visit, f"/api/evaluations/{one['id']}") for one in runs)


@way("GET /api/uploads")
def own_uploads(visit: Visit) -> str:
    return got(visit, "/api/uploads")
