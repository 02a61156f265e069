"""The audit log, for auditors and admins. That somebody reads it is recorded as well."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from assistant.api.context import ContextOf
from assistant.api.signed_in import UserOf
from assistant.audit import note_person, write_lines
from assistant.catalog import AuditFilter
from assistant.wire.audit import AuditJson, VerifiedJson, audit_filter, head_of

router = APIRouter(prefix="/api/audit", tags=["audit"])

_LINES = {200: {"description": "A line of JSON an entry.", "content": {"application/x-ndjson": {}}}}
Word = Annotated[str, Query(max_length=500)]


def wanted(
    who: Annotated[str, Query(max_length=200, description="Who did it, or to whom it was done.")] = "",
    action: Annotated[str, Query(max_length=60, description="The action, or its first words.")] = "",
    outcome: Annotated[str, Query(max_length=20, description="`begun`, `done`, `refused` or `failed`.")] = "",
    document: Annotated[str, Query(max_length=36, description="The id of a document: who saw it?")] = "",
    source: Annotated[str, Query(max_length=200, description="A document's source, with `key`.")] = "",
    key: Annotated[str, Query(max_length=10_000, description="A document's key, with `source`.")] = "",
    since: Annotated[str, Query(max_length=40, description="A day or a moment, ISO 8601; without a zone of UTC.")] = "",
    until: Annotated[str, Query(max_length=40, description="Not part of it.")] = "",
    text: Annotated[str, Query(max_length=500, description="What stands anywhere in the entry.")] = "",
) -> AuditFilter:
    """Return what the entries are filtered by."""
    note_person(subject=who, who_was_looked_for=who)
    named = {"document": document, "source": source, "key": key, "since": since, "until": until, "text": text}
    return audit_filter({"who": who, "action": action, "outcome": outcome, **named})


WantedOf = Annotated[AuditFilter, Depends(wanted)]


@router.get("")
def read(
    context: ContextOf,
    user: UserOf,
    wanted: WantedOf,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=2**53, description="Only entries with a smaller number.")] = None,
) -> AuditJson:
    """Return the newest entries that match; a search for text may return few, and still say where to go on."""
    return AuditJson.of(context.app.audit_desk.page(user, wanted, limit, before))


@router.get("/export", response_class=StreamingResponse, responses=_LINES)  # type: ignore[arg-type]
def export(
    context: ContextOf,
    user: UserOf,
    wanted: WantedOf,
    sealed: Annotated[bool, Query(description="Only what the chain is made of, not what it says.")] = False,
) -> Response:
    """Return the entries that match as lines of JSON, the oldest first; without filters, `audit verify` checks them."""
    desk = context.app.audit_desk
    lines = write_lines(desk.anchor(user), desk.entries(user, wanted), whole=wanted == AuditFilter(), sealed=sealed)
    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=headers)


@router.get("/verify")
def verify(
    context: ContextOf,
    user: UserOf,
    head: Annotated[str, Query(max_length=100, description="NUMBER:DIGEST of an entry, kept elsewhere.")] = "",
) -> VerifiedJson:
    """Check the chain: that no entry was changed, put in or taken away."""
    return VerifiedJson.of(context.app.audit_desk.verify(user, head_of(head)))
