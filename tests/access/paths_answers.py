"""Ways to documents through conversations, answers, other programs and what admins see; see `paths`."""

from __future__ import annotations

import json
from typing import Any

from assistant.errors import AssistantError
from assistant.integrations import langchain_retriever, llamaindex_retriever
from tests.access.house import COMMON
from tests.access.visiting import Visit, got, way

# Conversations


@way("GET /api/conversations", "GET /api/conversations/{conversation}", "conversations.shown")
def conversation(visit: Visit) -> str:
    return got(visit, "/api/conversations") + got(visit, f"/api/conversations/{visit.talk}")


@way("GET /api/shared", "GET /api/shared/{share}", "conversations.sharing", dear=True)
def shared(visit: Visit) -> str:
    """What is shared with the person: each share as it is read now."""
    listed = visit.house.client.get("/api/shared")
    shares = listed.json().get("shared", ()) if listed.status_code == 200 else ()
    return listed.text + "".join(got(visit, f"/api/shared/{one['id']}") for one in shares)


@way("GET /api/conversations/{conversation}/export", dear=True)
def export(visit: Visit) -> str:
    path = f"/api/conversations/{visit.talk}/export"
    return got(visit, path) + got(visit, path, format="json") + _printed(visit, path)


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
        seen += got(visit, f"{path}/turns/{turn['id']}")
        attached = visit.house.client.get(f"{path}/turns/{turn['id']}/attachments/1")
        seen += attached.text if attached.status_code == 200 else ""
        seen += got(visit, f"{path}/turns/{turn['id']}/suggestions")
        if turn["state"] not in {"answering", "waiting"}:
            seen += got(visit, f"{path}/turns/{turn['id']}/events")
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
def ask_compatibly(visit: Visit) -> str:
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
    return "".join(got(visit, path) for path in ("/api/sources", "/api/runs", "/api/failures"))
