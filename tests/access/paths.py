"""Every way on which the house shows documents, or something made of them, to a person.

Each is a function of a `Visit`: it does what the person would do, and returns all that the person gets to see. Where a
document is named by its key and may not be read, it looks besides whether the answer is that for one that is not there.
`COVERS` names the routes, the tools and the parts of the house that a way goes through; `NO_DOCUMENTS` the others. A
route, a tool of the MCP server or one of the assistant's that is in neither fails a test.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from PIL import Image

from assistant.errors import AssistantError
from assistant.integrations import langchain_retriever, llamaindex_retriever
from tests.access.house import COMMON, House
from tests.access.oracle import Identity, Person


@dataclass(frozen=True)
class Visit:
    """A person who looks.

    Attributes:
        house: where.
        person: who; signed in.
        document: which one is asked for by its key, where one is: there or gone, readable or not.
        talk: a conversation's id, of whoever.
        question: which words are searched for.
    """

    house: House
    person: Person
    document: Identity
    talk: str = ""
    question: str = f"What is the {COMMON} code?"


Path = Callable[[Visit], str]
CHEAP: dict[str, Path] = {}
DEAR: dict[str, Path] = {}
COVERS: dict[str, tuple[str, ...]] = {}


def way(*covers: str, dear: bool = False) -> Callable[[Path], Path]:
    """Add a way that goes through these."""

    def add(path: Path) -> Path:
        (DEAR if dear else CHEAP)[path.__name__] = path
        COVERS[path.__name__] = covers
        return path

    return add


def _got(visit: Visit, path: str, **query: Any) -> str:
    return visit.house.client.get(path, params=query).text


def _addressed(visit: Visit, path: str, **query: Any) -> str:
    """Return what is shown of the document; a refusal has to be that for a document that is not there."""
    source, key = visit.document
    answer = visit.house.client.get(path, params={"source": source, "key": key, **query})
    if answer.status_code == 401:
        return ""
    if answer.status_code != 404:
        return f"{key} {answer.text}"
    missing = f"{key}.there-is-none"
    other = visit.house.client.get(path, params={"source": source, "key": missing, **query})
    assert (other.status_code, other.text.replace(missing, key)) == (404, answer.text), "a refusal tells what is there"
    return answer.text.replace(key, "")


@way("GET /api/documents")
def listed_documents(visit: Visit) -> str:
    return _got(visit, "/api/documents", limit=1000)


@way("GET /api/documents")
def listed_documents_of_a_source(visit: Visit) -> str:
    return _got(visit, "/api/documents", source=visit.document[0], offset=1)


@way("GET /api/documents", "GET /api/documents/types")
def documents_looked_for(visit: Visit) -> str:
    found = _got(visit, "/api/documents", query=visit.document[1].rpartition("/")[2][:3], limit=1000)
    return found + _got(visit, "/api/documents", media_type="text/plain") + _got(visit, "/api/documents/types")


@way("GET /api/documents/blocks")
def blocks(visit: Visit) -> str:
    return _addressed(visit, "/api/documents/blocks")


@way("GET /api/documents/chunks")
def chunks(visit: Visit) -> str:
    return _addressed(visit, "/api/documents/chunks")


@way("GET /api/documents/layout", "access.PageImages")
def layout(visit: Visit) -> str:
    return _addressed(visit, "/api/documents/layout")


@way("GET /api/documents/text")
def text(visit: Visit) -> str:
    return _addressed(visit, "/api/documents/text")


@way("GET /api/documents/text")
def window_of_text(visit: Visit) -> str:
    return _addressed(visit, "/api/documents/text", start=2, end=4000)


@way("GET /api/documents/page")
def page(visit: Visit) -> str:
    return _page(visit, "/api/documents/page")


def _page(visit: Visit, path: str) -> str:
    """A document without pages has none to show; that is a 404 too, for those only who may read it."""
    answer = visit.house.client.get(path, params={"source": visit.document[0], "key": visit.document[1], "page": 1})
    if answer.status_code == 404 and "has no page" in answer.text:
        return answer.text
    return _addressed(visit, path, page=1)


@way("GET /api/documents/boxes")
def boxes(visit: Visit) -> str:
    return _addressed(visit, "/api/documents/boxes", start=0, end=5)


@way("GET /api/documents/page-image", "access.PageImages")
def page_image(visit: Visit) -> str:
    return _addressed(visit, "/api/documents/page-image", start=0, end=5)


@way("GET /api/documents/pictures")
def pictures(visit: Visit) -> str:
    return _addressed(visit, "/api/documents/pictures")


@way("GET /api/documents/picture")
def picture(visit: Visit) -> str:
    answer = visit.house.client.get(
        "/api/documents/picture", params={"source": visit.document[0], "key": visit.document[1], "number": 1}
    )
    if answer.status_code == 404 and "has no picture" in answer.text:
        return answer.text
    return _addressed(visit, "/api/documents/picture", number=1)


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
    return _addressed(visit, "/api/documents/thumbnail")


@way("GET /api/documents/original")
def original(visit: Visit) -> str:
    return _addressed(visit, "/api/documents/original")


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
    return "\n".join(_got(visit, path) for path in ("/api/status", "/api/usable-tools", "/health", "/ready"))


@way("POST /api/plan", "context.plan")
def planned(visit: Visit) -> str:
    body = {"question": visit.question, "mode": "corpus"}
    return visit.house.client.post("/api/plan", json=body).text


@way("GET /api/scope", "GET /api/suggestions")
def to_ask_about(visit: Visit) -> str:
    return _got(visit, "/api/scope") + _got(visit, "/api/suggestions", limit=20)


@way("GET /api/feedback", "GET /api/questions", "evaluation.QuestionDesk")
def feedback_and_questions(visit: Visit) -> str:
    return _got(visit, "/api/feedback") + _got(visit, "/api/questions")


@way("GET /api/evaluations/{evaluation}", "evaluation.EvaluationDesk")
def evaluations(visit: Visit) -> str:
    """What the kept questions were answered with; the operator had them asked once there were some."""
    client = visit.house.client
    listed = client.get("/api/evaluations")
    runs = listed.json().get("evaluations", ()) if listed.status_code == 200 else ()
    return listed.text + "".join(_got(visit, f"/api/evaluations/{one['id']}") for one in runs)


@way("GET /api/uploads")
def own_uploads(visit: Visit) -> str:
    return _got(visit, "/api/uploads")


# Conversations


@way("GET /api/conversations", "GET /api/conversations/{conversation}", "conversations.shown")
def conversation(visit: Visit) -> str:
    return _got(visit, "/api/conversations") + _got(visit, f"/api/conversations/{visit.talk}")


@way("GET /api/shared", "GET /api/shared/{share}", "conversations.sharing", dear=True)
def shared(visit: Visit) -> str:
    """What is shared with the person: each share as it is read now."""
    listed = visit.house.client.get("/api/shared")
    shares = listed.json().get("shared", ()) if listed.status_code == 200 else ()
    return listed.text + "".join(_got(visit, f"/api/shared/{one['id']}") for one in shares)


@way("GET /api/conversations/{conversation}/export", dear=True)
def export(visit: Visit) -> str:
    path = f"/api/conversations/{visit.talk}/export"
    return _got(visit, path) + _got(visit, path, format="json") + _printed(visit, path)


def _printed(visit: Visit, path: str) -> str:
    """Return what stands on the pages of a conversation that is exported as PDF."""
    import pypdfium2

    file = visit.house.client.get(path, params={"format": "pdf"})
    if file.status_code != 200:
        return file.text
    with pypdfium2.PdfDocument(file.content) as printed:
        return "".join(page.get_textpage().get_text_range() for page in printed)


@way(
    "GET /api/conversations/{conversation}/turns/{turn}",
    "GET /api/conversations/{conversation}/turns/{turn}/events",
    "GET /api/conversations/{conversation}/turns/{turn}/attachments/{number}",
    "GET /api/conversations/{conversation}/turns/{turn}/suggestions",
    dear=True,
)
def turns(visit: Visit) -> str:
    path = f"/api/conversations/{visit.talk}"
    kept = visit.house.client.get(path)
    if kept.status_code != 200:
        return kept.text
    seen = ""
    for turn in kept.json()["turns"]:
        seen += _got(visit, f"{path}/turns/{turn['id']}")
        attached = visit.house.client.get(f"{path}/turns/{turn['id']}/attachments/1")
        seen += attached.text if attached.status_code == 200 else ""
        seen += _got(visit, f"{path}/turns/{turn['id']}/suggestions")
        if turn["state"] not in {"answering", "waiting"}:
            seen += _got(visit, f"{path}/turns/{turn['id']}/events")
    return seen


@way(
    "PATCH /api/conversations/{conversation}",
    "POST /api/conversations/{conversation}/turns/{turn}/stop",
    "POST /api/conversations/{conversation}/restore",
    dear=True,
)
def stop_and_rename(visit: Visit) -> str:
    """What changes a conversation returns it."""
    path = f"/api/conversations/{visit.talk}"
    renamed = visit.house.client.patch(path, json={"title": "Another"})
    seen = renamed.text + visit.house.client.post(f"{path}/restore").text
    for turn in renamed.json().get("turns", ()):
        if turn["state"] not in {"answering", "waiting"}:
            seen += visit.house.client.post(f"{path}/turns/{turn['id']}/stop").text
    return seen


def _asked(visit: Visit, **more: Any) -> str:
    return visit.house.client.post("/api/ask", json={"question": visit.question, **more}).text


@way("POST /api/ask", "context.plan", "prompts.build", dear=True)
def ask(visit: Visit) -> str:
    return _asked(visit, mode="chunks")


@way("POST /api/ask", "context.plan", dear=True)
def ask_everything(visit: Visit) -> str:
    return _asked(visit, mode="corpus")


@way("POST /api/ask", "agent: search", "agent: tables", dear=True)
def ask_with_tools(visit: Visit) -> str:
    return _asked(visit, question=f"{visit.question} Use tools.", mode="documents")


@way("POST /api/ask", "answer.Answerer", dear=True)
def ask_without_a_model(visit: Visit) -> str:
    visit.house.model.is_down = True
    try:
        return _asked(visit, mode="documents")
    finally:
        visit.house.model.is_down = False


@way("POST /v1/chat/completions", dear=True)
def complete(visit: Visit) -> str:
    body = {"model": "assistant:chunks", "messages": [{"role": "user", "content": visit.question}]}
    return visit.house.client.post("/v1/chat/completions", json=body).text


# MCP, the assistant's own tools, other people's programs


@way("mcp: search")
def mcp_search(visit: Visit) -> str:
    return visit.house.call("search", query=visit.question, limit=100)


@way("mcp: read")
def mcp_read(visit: Visit) -> str:
    source, key = visit.document
    said = visit.house.call("read", source=source, key=key)
    return said.replace(key, "") if said.startswith("Error") else f"{key} {said}"


@way("mcp: ask", dear=True)
def mcp_ask(visit: Visit) -> str:
    return visit.house.call("ask", question=visit.question, mode="corpus")


def _tool(visit: Visit, name: str, **arguments: Any) -> str:
    """Return what a tool says to a model; of an error, without the key that was asked for."""
    if visit.person.is_out:
        return ""
    user = visit.house.user(visit.person.id)
    tool = visit.house.app.registry.tools_for(user).get(name)
    if tool is None:
        return ""
    try:
        result = tool.run(arguments, user)
    except AssistantError as error:
        return str(error).replace(visit.document[1], "")
    places = [(one.ref.key, one.ref.title, one.text) for one in result.passages]
    return f"{result.text} {result.told} {json.dumps(result.data, default=str)} {places}"


@way("agent: search")
def tool_search(visit: Visit) -> str:
    return _tool(visit, "search", query=visit.question, limit=20)


@way("agent: read_document")
def tool_read(visit: Visit) -> str:
    return _tool(visit, "read_document", source=visit.document[0], key=visit.document[1])


@way("agent: tables")
def tool_tables(visit: Visit) -> str:
    source, key = visit.document
    return _tool(visit, "tables") + _tool(visit, "tables", documents=[{"source": source, "key": key}])


@way("agent: find_clauses", "agent: obligations", "agent: compare_versions", "app.PackDocuments", dear=True)
def tools_of_a_pack(visit: Visit) -> str:
    source, key = visit.document
    one = {"source": source, "key": key}
    return (
        _tool(visit, "find_clauses", words=COMMON)
        + _tool(visit, "obligations")
        + _tool(visit, "find_clauses", document=one)
        + _tool(visit, "compare_versions", old=one, new=one)
    )


@way("integrations.langchain_retriever", "integrations.llamaindex_retriever", dear=True)
def retrievers(visit: Visit) -> str:
    if visit.person.is_out:
        return ""
    user = visit.house.user(visit.person.id)
    chain, index = (make(visit.house.app, user, limit=100) for make in (langchain_retriever, llamaindex_retriever))
    found = [(one.page_content, one.metadata) for one in chain.invoke(visit.question)]
    nodes = [(one.node.get_content(), one.node.metadata) for one in index.retrieve(visit.question)]
    return f"{found} {nodes}"


# What admins and auditors see: no document's text; names of documents where they look after its source


@way("GET /api/sources", "GET /api/runs", "GET /api/runs/{run_id}", "GET /api/failures")
def sources_and_runs(visit: Visit) -> str:
    return "".join(_got(visit, path) for path in ("/api/sources", "/api/runs", "/api/failures"))
