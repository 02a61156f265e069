"""The documents of sources for those who look after them: find, inspect, take in again, delete; never their text."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from assistant.api.context import Context, ContextOf, ask_for_work
from assistant.api.signed_in import UserOf
from assistant.audit import note
from assistant.catalog import Wanted
from assistant.catalog.inventory import InventoryState
from assistant.catalog.records import JobAction
from assistant.types import User, document_id
from assistant.wire import RunJson
from assistant.wire.inventory import InspectedJson, InventoryDocumentJson, InventoryJson, MediaTypeJson

router = APIRouter(prefix="/api/inventory", tags=["inventory"])


class DocumentNamed(BaseModel):
    """A document, by name."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(min_length=1, max_length=200)
    key: str = Field(min_length=1, max_length=10_000)


@router.get("")
def inventory(
    context: ContextOf,
    user: UserOf,
    source: Annotated[str | None, Query(description="Only this source.")] = None,
    query: Annotated[str, Query(max_length=500, description="Stands in the title or the key.")] = "",
    media_type: Annotated[list[str] | None, Query(max_length=50, description="Of any of these.")] = None,
    state: Annotated[
        InventoryState | None,
        Query(description="`current`: nothing is to be done on it; `waiting`, `failed`, `flagged`; without: all."),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> InventoryJson:
    """Return the documents of the sources that the user looks after, by source and key."""
    desk = context.app.rights.inventory
    wanted = Wanted(query.strip(), tuple(media_type or ()), state or "")
    found, total = desk.page(user, source, wanted, limit, offset)
    return InventoryJson(
        documents=[InventoryDocumentJson.of(one, user) for one in found],
        total=total,
        types=[MediaTypeJson(media_type=name, documents=number) for name, number in desk.media_types(user, source)],
    )


@router.get("/document")
def inspect(
    context: ContextOf, user: UserOf, source: Annotated[str, Query()], key: Annotated[str, Query()]
) -> InspectedJson:
    """Return all that is known of a document, beside what it says."""
    return InspectedJson.inspected(context.app.rights.inventory.inspect(source, key, user), user)


@router.post("/ingest", status_code=202)
def ingest(body: DocumentNamed, context: ContextOf, user: UserOf) -> RunJson:
    """Fetch a document and make it anew, changed or not; with what it is in, where it is in an archive or a mail."""
    return _recorded(context, user, body, "rewrite")


@router.post("/delete", status_code=202)
def delete(body: DocumentNamed, context: ContextOf, user: UserOf) -> RunJson:
    """Delete a document with all that was made of it. It comes back with the next sync that lists it."""
    return _recorded(context, user, body, "delete")


def _recorded(context: Context, user: User, body: DocumentNamed, action: JobAction) -> RunJson:
    context.app.rights.inventory.inspect(body.source, body.key, user)  # of others, nobody is told that there is one
    note([document_id(body.source, body.key)], source=body.source, key=body.key)
    run_id = context.app.ingestor.runs.one(body.source, body.key, action, "api")
    ask_for_work(context)
    return RunJson.of(context.app.catalog.runs.get(run_id))
